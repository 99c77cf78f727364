import { copy } from '../../lake/durable.js';
import { identifyingColumns } from '../contracts/identifying.js';
import type { Engine } from '../engine.js';
import { movedTable } from '../silver/advance.js';
import { name, quoted } from '../sql.js';

const identifyingNames = Object.keys(identifyingColumns).map((column) => `s.${name(column)}`);

/** What identifies the patients among the rows of silver, by the pseudonym that gold knows them under. */
const identifiedPatients = (patients: string): string => `select p.patient_sk, s.patient_id,
  case when s.nhs_number not like 'PSEUDO\\_%' escape '\\' then s.nhs_number end as nhs_number,
  s.date_of_birth, s.gender, s.ethnicity, s.deprivation_decile, s.registered_practice, s.postcode_district,
  ${identifyingNames.join(', ')}, s._batch as batch_id
from ${patients} s join patient_key p on s.patient_id = p.patient_id
order by p.patient_sk`;

/**
 * Makes the identified store: a file of its own that the API's default connection never opens. `released` is that of
 * the release that is corrected: rows of patients who have not moved in this run are taken over.
 */
export async function buildIdentified(
  engine: Engine,
  file: string,
  released: string | undefined,
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
  await engine.run('checkpoint identified');
  await engine.run('detach identified');
}
