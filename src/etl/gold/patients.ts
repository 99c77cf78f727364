import type { Lake } from '../../lake/lake.js';
import type { Engine } from '../engine.js';
import { parquet, quoted } from '../sql.js';
import { keyed, localNamespace } from './expressions.js';
import { versionsView } from './versions.js';

/**
 * SQL that makes `patient_number` (patient_id, patient_sk, patient_no): one row a patient ever known. The first release
 * numbers them in the order of the pseudonym; later ones number who is new behind them, so that a number keeps its
 * meaning while rows of facts stay as they are. `known`: the file of the numbers given so far. The two halves of the
 * warehouse key are the bound values `$inner` and `$outer`.
 */
export function patientNumberSql(known: string | undefined): string {
  const fresh = (from: string): string =>
    `select s.patient_id, ${keyed('patient', localNamespace, 's.patient_id')} as patient_sk from ${from} s`;
  const numbered = (rows: string, before: string): string =>
    `select patient_id, patient_sk, cast(${before} + row_number() over (order by patient_sk) as integer) as patient_no from (${rows})`;
  // Deleted patients too: their versions are closed, not gone.
  const ever = `(select distinct patient_id from ${versionsView('patients')})`;
  if (known === undefined) return `create or replace table patient_number as ${numbered(fresh(ever), '0')}`;
  const old = parquet([known]);
  return `create or replace table patient_number as
select patient_id, patient_sk, patient_no from ${old}
union all
${numbered(fresh(`(from ${ever} anti join ${old} using (patient_id))`), `(select coalesce(max(patient_no), 0) from ${old})`)}`;
}

/** SQL that makes `patient_key`: the numbers of the current patients, with their birth dates. */
export const patientKeySql = `create or replace table patient_key as
select n.patient_id, n.patient_sk, s.date_of_birth, n.patient_no from patient_number n join silver_patients s on n.patient_id = s.patient_id`;

/** Keeps the numbers for the next run; the name of the file in the lake. */
export async function writePatientNumbers(engine: Engine, lake: Lake, folder: string): Promise<string> {
  const file = `${folder}/patient_number.parquet`;
  await engine.run(
    `copy (select * from patient_number order by patient_no) to ${quoted(lake.path(file))} (format parquet, compression zstd, compression_level 1)`,
  );
  await lake.seal(file);
  return file;
}
