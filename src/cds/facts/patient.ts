import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { declareFact, number, own, string, told } from './declare.js';

export const patient = declareFact({
  name: 'patient',
  description: 'The patient as known now. One row, visible at any time.',
  table: dimPatient,
  key: 'patient_sk',
  columns: {
    gender: told(string('M F U', own('gender'))),
    ethnic_group: told(string('white mixed asian black other not_stated', own('ethnic_group'))),
    deprivation_quintile: told(number('1 = most deprived fifth … 5', own('deprivation_quintile'))),
  },
  defaultColumn: 'gender',
  dataset: 'patients',
  fhir: 'Patient/{{context.patientId}}',
});
