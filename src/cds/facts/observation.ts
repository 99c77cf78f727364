import { factObservation } from '../../warehouse/gold/facts.js';
import { age, amount, declareFact, moment, number, own, string } from './declare.js';

export const observation = declareFact({
  name: 'observation',
  description: 'Measured values, one row a value: the parts of a blood pressure are two.',
  table: factObservation,
  key: 'observation_sk',
  columns: {
    effective_datetime: moment('when it was measured', own('observed_at')),
    code: string('LOINC code of what was measured', own('code'), { system: 'loinc' }),
    value: number('measured value in its unit', amount('value')),
    unit: string('unit, UCUM', own('unit')),
    age,
  },
  time: 'effective_datetime',
  defaultColumn: 'value',
  fhir: 'Observation?patient={{context.patientId}}&category=vital-signs',
});
