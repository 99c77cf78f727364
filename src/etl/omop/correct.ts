import { omopTables } from '../../warehouse/omop/index.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import type { Engine } from '../engine.js';
import { name, ofPatients } from '../sql.js';
import { highest, type OmopInputs, omopContext } from './build.js';
import { oldDrugs, oldVisits } from './costs.js';
import { type OmopFill, selectRows, touchedMedicines, touchedPeriods, touchedPersons } from './fill.js';
import { omopFills } from './fills.js';
import { relateProviders, relateTouched, unrelate } from './relations.js';

/** What has changed since the OMOP tables were made, as names of relations. */
export interface OmopTouched {
  /** `patient_no` of everybody of whom a row has changed. */
  readonly all: string;
  /** Those of whom more has changed than prescriptions. */
  readonly persons: string;
  /** `patient_no, day` of the prescriptions that came, went or changed. */
  readonly medicines: string;
}

/** The relations that the correction of the star schema makes. */
const touchedInRun: OmopTouched = {
  all: 'memory.main.touched_patient',
  persons: 'memory.main.touched_person',
  medicines: 'memory.main.touched_fact_prescription',
};

/**
 * Makes the OMOP rows of what was touched anew, in the catalogue of a release whose star schema is already corrected and
 * whose OMOP tables are those of the release before: medicines by person and day, since there are many, all else by person.
 * A row whose natural key existed keeps its id; others get ids above the highest. The result is that of a full build
 * but for the ids.
 */
export async function correctOmop(
  engine: Engine,
  inputs: OmopInputs,
  touched: OmopTouched = touchedInRun,
): Promise<void> {
  const context = await omopContext(engine, inputs);
  const { places, persons, source } = omopFills(context);
  await touch(engine, context.dataAsOf, touched);
  await keepEventIds(engine);
  await relateTouched(engine, context.dataAsOf);
  const tables: readonly TableDeclaration[] = omopTables;
  let done = 0;
  for (const table of tables) {
    inputs.progress(table.name, done++, tables.length);
    const fills = [...places, ...persons, source].filter((fill) => fill.table === table);
    await correct(engine, table, fills);
    if (table.name === 'provider') await relateProviders(engine);
  }
  await engine.run(
    `update visit_occurrence set visit_end_date = DATE '${context.dataAsOf}' where discharged_to_concept_id = ${context.concepts.id('place', 'in_hospital')} and visit_end_date <> DATE '${context.dataAsOf}'`,
  );
  await engine.run(
    `update visit_detail set visit_detail_end_date = DATE '${context.dataAsOf}' where discharged_to_concept_id = ${context.concepts.id('place', 'in_hospital')} and visit_detail_end_date <> DATE '${context.dataAsOf}'`,
  );
  await unrelate(engine);
  inputs.progress('', tables.length, tables.length);
}

/**
 * The persons touched, and those whose observation periods change as well because the last day with data has moved:
 * periods that end on it or after it, and events that lay beyond it.
 */
async function touch(engine: Engine, dataAsOf: string, touched: OmopTouched): Promise<void> {
  await engine.run(
    `create or replace temp table ${touchedPersons} as select distinct patient_no from ${touched.persons}`,
  );
  await engine.run(
    `create or replace temp table ${touchedMedicines} as select distinct patient_no, day from ${touched.medicines}`,
  );
  const [before] = await engine.rows<{ day: string }>(
    'select cast(max(source_release_date) as varchar) as day from cdm_source',
  );
  const first = before && before.day < dataAsOf ? before.day : dataAsOf;
  const beyond = (fact: string, day: string): string =>
    `select patient_no from ${fact} where ${day} > DATE '${first}'`;
  const moved =
    before?.day === dataAsOf
      ? []
      : [
          `select person_id from observation_period where observation_period_end_date >= DATE '${first}'`,
          'select patient_no from fact_spell where discharge_date is null',
          beyond('fact_spell', 'admission_date'),
          beyond('fact_ed_attendance', 'arrival_date'),
          beyond('fact_referral', 'referral_date'),
          beyond('fact_contact', 'contact_date'),
          beyond('fact_prescription', 'prescription_date'),
          beyond('fact_care_package', 'start_date'),
        ];
  await engine.run(
    `create or replace temp table ${touchedPeriods} as select distinct patient_no from (${[`select patient_no from ${touched.all}`, ...moved].join(' union all ')})`,
  );
}

/** Gives the events of the persons touched the ids of their visits and medicines: kept, or new ones above the highest. */
async function keepEventIds(engine: Engine): Promise<void> {
  const visits = await highest(engine, {
    table: tableNamed('visit_occurrence'),
    idColumn: 'visit_occurrence_id',
  });
  await engine.run(
    `create or replace temp table ${oldVisits} as select visit_source_value as source_value, visit_occurrence_id as id from visit_occurrence join ${touchedPersons} on patient_no = person_id`,
  );
  const event = (fact: string, key: string, place: number): string =>
    `select hex(${key}) as source_value, ${place} as place from ${ofPatients(fact, touchedPersons)}`;
  await engine.run(`create or replace temp table omop_visit_key as
select e.source_value, coalesce(o.id, cast(${visits} + row_number() over (partition by o.id is null order by e.place, e.source_value) as integer)) as id
from (${event('fact_spell', 'spell_sk', 1)} union all ${event('fact_ed_attendance', 'attendance_sk', 2)} union all ${event('fact_contact', 'contact_sk', 3)}) e
left join ${oldVisits} o on o.source_value = e.source_value`);

  // A medicine has no key of its own in OMOP: it is found again by person, day and code, equal ones in a fixed order.
  const drugs = await highest(engine, { table: tableNamed('drug_exposure'), idColumn: 'drug_exposure_id' });
  const ranked = (key: string, order: string): string =>
    `row_number() over (partition by ${key} order by ${order}) as n`;
  await engine.run(`create or replace temp table ${oldDrugs} as
select d.drug_exposure_id as id, d.person_id, d.drug_exposure_start_date as day, d.drug_source_value as code, ${ranked('d.person_id, d.drug_exposure_start_date, d.drug_source_value', 'd.quantity, p.provider_source_value, d.drug_exposure_id')}
from drug_exposure d left join provider p on p.provider_id = d.provider_id
semi join ${touchedMedicines} m on m.patient_no = d.person_id and m.day = d.drug_exposure_start_date`);
  await engine.run(`create or replace temp table omop_drug_key as
select e.sk, coalesce(o.id, cast(${drugs} + row_number() over (partition by o.id is null order by e.person_id, e.day, e.code, e.n) as integer)) as id
from (
  select prescription_sk as sk, patient_no as person_id, prescription_date as day, nullif(bnf_code, 'unknown') as code, ${ranked('patient_no, prescription_date, bnf_code', 'quantity, hex(prescriber_sk), prescription_sk')}
  from fact_prescription f semi join ${touchedMedicines} m on m.patient_no = f.patient_no and m.day = f.prescription_date
) e left join ${oldDrugs} o on o.person_id = e.person_id and o.day = e.day and o.code is not distinct from e.code and o.n = e.n`);
}

function tableNamed(wanted: string): TableDeclaration {
  const found = omopTables.find((table) => table.name === wanted);
  if (!found) throw new Error(`no OMOP table ${wanted}`);
  return found;
}

/** Replaces the rows of the persons touched in a table, or all rows of a table of places. */
async function correct(engine: Engine, table: TableDeclaration, fills: readonly OmopFill[]): Promise<void> {
  const [first] = fills;
  if (!first) throw new Error(`no fill of OMOP table ${table.name}`);
  const where = first.perPerson ? first.touched : 'true';
  const fresh = `omop_new_${table.name}`;
  await engine.run(
    `create or replace temp table ${fresh} as ${fills.map(selectRows).join(' union all by name ')}`,
  );
  const columns = Object.keys(table.columns).map(name).join(', ');
  if (first.idColumn === undefined) {
    await engine.run(`delete from ${table.name} where ${where}`);
    await engine.run(`insert into ${table.name} (${columns}) select ${columns} from ${fresh}`);
  } else {
    await renumber(engine, table, first.idColumn, first.naturalKey, where, fresh);
  }
  await engine.run(`drop table ${fresh}`);
}

/**
 * Rows whose natural key stood in the table keep its id; several of one key are told apart by their other columns. Most of
 * a person's rows are as they were: these stay where they are.
 */
async function renumber(
  engine: Engine,
  table: TableDeclaration,
  idColumn: string,
  naturalKey: readonly string[],
  where: string,
  fresh: string,
): Promise<void> {
  const above = await highest(engine, { table, idColumn });
  const others = Object.keys(table.columns).filter((column) => column !== idColumn);
  const key = naturalKey.map(name).join(', ');
  const order = others
    .filter((column) => !naturalKey.includes(column))
    .map(name)
    .join(', ');
  const place = `row_number() over (partition by ${key} order by ${order || key}) as _n`;
  const columns = others.map(name).join(', ');
  const same = (ofWhich: readonly string[]): string =>
    ofWhich.map((column) => `o.${column} is not distinct from n.${column}`).join(' and ');
  await engine.run(
    `create or replace temp table omop_old as select ${name(idColumn)} as _id, ${columns}, ${place} from ${table.name} where ${where}`,
  );
  await engine.run(
    `create or replace temp table omop_new as select n.*, o._id, o._id is not null and ${same(others.map(name))} as _stays
from (select *, ${place} from ${fresh}) n left join omop_old o on ${same([...naturalKey.map(name), '_n'])}`,
  );
  await engine.run(
    `delete from ${table.name} where ${name(idColumn)} in (select _id from omop_old except select _id from omop_new where _stays)`,
  );
  await engine.run(`insert into ${table.name} (${name(idColumn)}, ${columns})
select coalesce(_id, cast(${above} + row_number() over (partition by _id is null order by ${key}, _n) as integer)), ${columns}
from omop_new where not _stays`);
  for (const made of ['omop_old', 'omop_new']) await engine.run(`drop table ${made}`);
}
