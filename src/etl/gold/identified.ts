import type { DuckDBValue } from '@duckdb/node-api';
import { copy } from '../../lake/durable.js';
import { identifyingColumns } from '../contracts/identifying.js';
import type { Engine } from '../engine.js';
import { movedTable } from '../silver/advance.js';
import { name, quoted } from '../sql.js';
import { keyed, localNamespace } from './expressions.js';

const identifyingNames = Object.keys(identifyingColumns).map((column) => `s.${name(column)}`);

/** What identifies the patients among the rows of silver, by the pseudonym that gold knows them under. */
const identifiedPatients = (patients: string): string => `select p.patient_sk, s.patient_id,
  case when s.nhs_number not like 'PSEUDO\\_%' escape '\\' then s.nhs_number end as nhs_number,
  s.date_of_birth, s.gender, s.ethnicity, s.deprivation_decile, s.registered_practice, s.postcode_district,
  ${identifyingNames.join(', ')}, s._batch as batch_id
from ${patients} s join patient_key p on s.patient_id = p.patient_id
order by p.patient_sk`;

/** Where codes of staff stand, by dataset. */
const staffColumns = {
  sus_episodes: 'consultant_code',
  csds_contacts: 'care_professional',
  prescriptions: 'prescriber_code',
} as const;

/** The codes of staff that occur, by the pseudonym that gold knows them under; of several spellings the first by name. */
const identifiedStaff = `select ${keyed('staff', localNamespace, 's.code')} as staff_sk, min(s.code) as staff_code
from (${Object.entries(staffColumns)
  .map(
    ([dataset, column]) =>
      `select distinct ${column} as code from silver_${dataset} where ${column} is not null`,
  )
  .join(' union ')}) s
group by 1 order by 1`;

/**
 * Makes the identified store: a file of its own that the API's default connection never opens. `released` is that of
 * the release that is corrected: rows of patients who have not moved in this run are taken over.
 */
export async function buildIdentified(
  engine: Engine,
  file: string,
  released: string | undefined,
  pads: Record<string, DuckDBValue>,
): Promise<void> {
  if (released !== undefined) await copy(released, file, 'identified');
  await engine.run(`attach ${quoted(file)} as identified`);
  if (released === undefined)
    await engine.run(`create table identified.patient as ${identifiedPatients('silver_patients')}`);
  else {
    const moved = movedTable('patients');
    await engine.run(`delete from identified.patient where patient_id in (select patient_id from ${moved})`);
    await engine.run(
      `insert into identified.patient ${identifiedPatients(`(from silver_patients semi join ${moved} using (patient_id))`)}`,
    );
  }
  await engine.run(`create or replace table identified.staff as ${identifiedStaff}`, pads);
  // Another lane that asks which tables there are, asks here too: it is waited for.
  await engine.run('force checkpoint identified');
  await engine.run('detach identified');
}
