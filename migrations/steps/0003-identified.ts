import { createTable as createDeclared } from '../../src/warehouse/mssql/ddl.js';
import { date, key128, nullable, table, text } from '../../src/warehouse/table.js';
import { createSchema, createTable, type Step } from '../step.js';

/** What identifies a person. Only the break-glass login reads it; no release refers to it. */
export const identifiedPatient = table({
  name: 'patient',
  description: 'Identity of each patient under the key that gold knows.',
  columns: {
    patient_sk: key128('pseudonymous key of the patient, as in gold'),
    patient_id: text(32)('identifier in the source'),
    nhs_number: nullable(text(32)('NHS number, as supplied')),
    date_of_birth: nullable(date('day of birth')),
    postcode: nullable(text(16)('postcode or district, as supplied')),
  },
  // No key is declared: a dedicated pool would believe it unchecked.
  sortedBy: ['patient_sk'],
  distribution: { kind: 'hash', column: 'patient_sk' },
});

export const identified: Step = {
  id: 3,
  name: 'identified',
  statements: (engine) => [
    createSchema('identified'),
    createTable(
      'identified',
      identifiedPatient.name,
      createDeclared('identified', identifiedPatient, engine),
    ),
  ],
};
