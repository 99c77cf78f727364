import { boolean, instant, int32, nullable, table } from '../table.js';
import { dimPatient, dimPractice, dimTrust, patientAttributes } from './dimensions.js';

/**
 * Versions of the dimensions that change slowly (SCD type 2): one row a version, valid from the instant at which it was
 * loaded (inclusive) to that at which the next one was (exclusive). Versions of a key do not overlap and leave no
 * gap but while the key was deleted; at most one is current. A version is named by its key and batch.
 */
const validity = {
  valid_from: instant('loaded at'),
  valid_to: nullable(instant('replaced or deleted at; null while it holds')),
  is_current: boolean('the version that holds now'),
  batch_id: int32('batch of the delivery that brought it'),
};

const { batch_id: _trustBatch, ...trustColumns } = dimTrust.columns;
const { batch_id: _practiceBatch, is_inferred: _inferred, ...practiceColumns } = dimPractice.columns;

export const dimTrustVersion = table({
  name: 'dim_trust_version',
  description: 'Every version of the trusts that was ever loaded.',
  columns: { ...trustColumns, ...validity },
  primaryKey: ['trust_code', 'batch_id'],
});

export const dimPracticeVersion = table({
  name: 'dim_practice_version',
  description: 'Every version of the practices that was ever loaded.',
  columns: { ...practiceColumns, ...validity },
  primaryKey: ['practice_code', 'batch_id'],
});

export const dimPatientVersion = table({
  name: 'dim_patient_version',
  description:
    'Every version of the patients that was ever loaded, with the attributes of everybody; ages are those on the last day with data. What rows show has no versions.',
  columns: { patient_no: dimPatient.columns.patient_no, ...patientAttributes, ...validity },
  sortedBy: ['patient_no', 'batch_id'],
  distribution: { kind: 'hash', column: 'patient_no' },
});

export const versionTables = [dimTrustVersion, dimPracticeVersion, dimPatientVersion] as const;

/** Table of versions by dimension. */
export const versionsOf: ReadonlyMap<string, string> = new Map([
  [dimTrust.name, dimTrustVersion.name],
  [dimPractice.name, dimPracticeVersion.name],
  [dimPatient.name, dimPatientVersion.name],
]);
