import { factPatientCost } from '../../warehouse/gold/costs.js';
import { amount, declareFact, number, own, truth } from './declare.js';

/**
 * What each patient cost in the last calendar year of the data, as the dataset of high-cost patients reckons it by
 * default: without social care, and without patients whose records are restricted.
 */
export const patientCost = declareFact({
  name: 'patient_cost',
  description: 'Cost of the last whole calendar year of the data. One row a patient who cost anything.',
  table: factPatientCost,
  key: 'patient_sk',
  columns: {
    total_cost: number('pounds', amount('total_cost'), { seenAs: 'highCostPatients.totalCost' }),
    in_top5: truth('among the 5 percent, rounded up, who cost most', own('in_top5'), {
      seenAs: 'highCostPatients.rank',
    }),
  },
  defaultColumn: 'total_cost',
  notAsOf: true,
});
