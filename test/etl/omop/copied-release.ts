import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../../src/config/environment.js';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import type { OmopInputs } from '../../../src/etl/omop/build.js';
import type { OmopTouched } from '../../../src/etl/omop/correct.js';
import { quoted } from '../../../src/etl/sql.js';
import { omopTables } from '../../../src/warehouse/omop/index.js';
import { root } from '../../support/landing.js';
import { identifiedFile, releaseFolder, served } from '../../support/release.js';

/** What the OMOP steps take beside the tables. */
export const inputsOf = (dataAsOf: string): OmopInputs => ({
  referenceDir: join(root, 'reference'),
  dataAsOf,
  releasedOn: '2024-06-01',
  progress: () => undefined,
});

/**
 * An engine with a writable copy of the newest release attached as `gold`, and in `memory.main` what a run has of the
 * patients: `patient_key` and `silver_patients`.
 */
export async function copiedRelease(
  config: Config,
  folder: string,
): Promise<{ engine: Engine; dataAsOf: string }> {
  const { manifest } = await served(config);
  if (!manifest) throw new Error('nothing is published');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'gold.duckdb');
  copyFileSync(join(releaseFolder(config), manifest.file), file);
  const engine = await openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit: '1GB' });
  await engine.run(`attach ${quoted(file)} as gold`);
  await engine.run(`attach ${quoted(await identifiedFile(config))} as identified (read_only)`);
  await engine.run(`create table memory.main.patient_key as
select i.patient_id, i.patient_sk, i.date_of_birth, p.patient_no from identified.patient i join gold.dim_patient p on p.patient_sk = i.patient_sk`);
  await engine.run(
    'create table memory.main.silver_patients as select patient_id, ethnicity from identified.patient',
  );
  await engine.run('detach identified');
  return { engine, dataAsOf: manifest.dataAsOf };
}

/** Attaches `full`: the star schema of `gold` as it is now, for a build from empty. */
export async function copyStar(engine: Engine, folder: string): Promise<void> {
  await engine.run(`attach ${quoted(join(folder, 'full.duckdb'))} as full_build`);
  const omop = new Set<string>(omopTables.map(({ name }) => name));
  const tables = await engine.rows<{ name: string }>(
    "select table_name as name from duckdb_tables() where database_name = 'gold' and (table_name like 'dim%' or table_name like 'fact%')",
  );
  for (const { name } of tables) {
    if (!omop.has(name)) await engine.run(`create table full_build.${name} as from gold.${name}`);
  }
}

/** Ids of other rows, as what they refer to: `column → SQL` of a scalar subquery's key, by table alias. */
const meant: Readonly<Record<string, (id: string) => [join: string, key: string]>> = {
  location_id: (id) => [`left join location l on l.location_id = ${id}`, 'l.location_source_value'],
  care_site_id: (id) => [`left join care_site c on c.care_site_id = ${id}`, 'c.care_site_source_value'],
  provider_id: (id) => [`left join provider p on p.provider_id = ${id}`, 'p.provider_source_value'],
  visit_occurrence_id: (id) => [
    `left join visit_occurrence v on v.visit_occurrence_id = ${id}`,
    'v.visit_source_value',
  ],
};

/** Rows of an OMOP table without the ids given to them: references as the keys of what they refer to. */
function meaning(table: (typeof omopTables)[number]): string {
  if (table.name === 'cost') {
    return `select case when t.cost_domain_id = 'Visit' then v.visit_source_value else concat_ws('/', d.person_id, d.drug_exposure_start_date, d.drug_source_value, d.quantity) end as event, t.* exclude (cost_id, cost_event_id)
from cost t left join visit_occurrence v on t.cost_domain_id = 'Visit' and v.visit_occurrence_id = t.cost_event_id left join drug_exposure d on t.cost_domain_id = 'Drug' and d.drug_exposure_id = t.cost_event_id`;
  }
  const own = `${table.name}_id`;
  const joins: string[] = [];
  const columns = Object.keys(table.columns).flatMap((column) => {
    if (column === own && column !== 'person_id') return [];
    if (column === 'visit_detail_id') return [];
    const reference = meant[column];
    if (!reference) return [`t.${column}`];
    const [join, key] = reference(`t.${column}`);
    joins.push(join);
    return [`${key} as ${column}`];
  });
  return `select ${columns.join(', ')} from ${table.name} t ${joins.join(' ')}`;
}

/** Tables whose rows in `gold` and `full_build` differ but for ids, with the number of rows of only one of them. */
export async function difference(
  engine: Engine,
  without: readonly string[] = [],
): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const table of omopTables) {
    if (without.includes(table.name)) continue;
    for (const catalogue of ['gold', 'full_build']) {
      await engine.run(`use ${catalogue}`);
      await engine.run(`create or replace temp table rows_of_${catalogue} as ${meaning(table)}`);
    }
    await engine.run('use memory');
    const [row] = await engine.rows<{ n: number }>(
      'select cast(count(*) as double) as n from ((from rows_of_gold except all from rows_of_full_build) union all (from rows_of_full_build except all from rows_of_gold))',
    );
    if (row?.n !== 0) found[table.name] = row?.n ?? -1;
  }
  return found;
}

/** Everything of the persons in `memory.main.touched_patient`, as a correction takes it. */
export const touchedPersons: OmopTouched = {
  all: 'memory.main.touched_patient',
  persons: 'memory.main.touched_patient',
  medicines: `(select patient_no, prescription_date as day from fact_prescription where patient_no in (from memory.main.touched_patient)
union select person_id, drug_exposure_start_date from drug_exposure where person_id in (from memory.main.touched_patient))`,
};
