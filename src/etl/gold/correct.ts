import { createTable } from '../../warehouse/duckdb/ddl.js';
import { resultTables } from '../../warehouse/gold/cds.js';
import { derivedTables } from '../../warehouse/gold/derived.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { factPrescription } from '../../warehouse/gold/facts.js';
import { goldTables } from '../../warehouse/gold/index.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import type { Engine } from '../engine.js';
import { inLanes } from '../lanes.js';
import { movedTable, newsView } from '../silver/advance.js';
import { logNames } from '../silver/log.js';
import { name, quoted } from '../sql.js';
import { type DataDays, releasedDaysSql } from './calendar.js';
import { correctDerived } from './derived.js';
import { ageOn } from './expressions.js';
import type { GoldFill, RowOrigin } from './fill.js';
import { goldFills } from './fills.js';
import { fillRefused } from './findings.js';
import {
  boundIn,
  calendarTables,
  catalogue,
  fillCalendar,
  fillTable,
  type GoldInputs,
  inRelease,
  numberPatients,
  padsOf,
} from './load.js';
import { movedRows, noteComing, noteGoing } from './moved-rows.js';
import { versionsOf, versionsView } from './versions.js';

/** Catalogue name of the release that is corrected, read-only, as it was. */
export const previously = 'previous';

/** Relation with the current rows of the moved keys of a dataset. */
export const movingRows = (dataset: string): string => `moving_${dataset}`;
/** The versions of the moved keys. */
const movingVersions = (dataset: string): string => `moving_${versionsView(dataset)}`;
/** Patients with a row of the fact that came, went or changed. */
export const touchedBy = (fact: string): string => `touched_${fact}`;

/**
 * Brings a copy of the last release up to date: rows of facts and of patients whose key has moved are deleted and made
 * again, small tables are made anew. Makes the tables `touched_<fact>` (patient_no, day), `touched_dim_patient`
 * (patient_no) of those who have changed themselves, `touched_patient` of both, and `touched_person`, the same without
 * those of whom nothing but prescriptions has changed; and `movedRows` of each fact and of the derived tables that marts
 * read. The result is that of `buildStar` over the same silver, apart from the numbers of patients, and from the tables of
 * results of rules, which stay as they are.
 */
export async function correctStar(
  engine: Engine,
  copy: string,
  released: string,
  inputs: GoldInputs,
): Promise<DataDays> {
  await engine.run(`attach ${quoted(copy)} as ${catalogue}`);
  await engine.run(`attach ${quoted(released)} as ${previously} (read_only)`);
  const [before] = await engine.rows<DataDays>(releasedDaysSql(previously));
  if (!before) throw new Error('the release has no days');
  await numberPatients(engine, inputs);
  await widen(engine, inputs, before);
  const { contracts } = inputs.context;
  for (const contract of contracts.values()) {
    const { dataset } = contract;
    const keys = contract.key.map(name).join(', ');
    const more = widened.includes(dataset)
      ? ` union all select * from silver_${dataset} semi join ${moreTable(dataset)} using (${keys})`
      : '';
    await engine.run(
      `create or replace view ${movingRows(dataset)} as select * from ${newsView(dataset)} semi join ${movedTable(dataset)} using (${keys})${more}`,
    );
    if (dataset === 'patients') {
      await engine.run(
        `create or replace view ${movingVersions(dataset)} as ${versionsOf(contract, `(from ${logNames(dataset).stage} semi join (${movedKeys(dataset)}) using (${keys}))`)}`,
      );
    }
  }
  const fills = goldFills({ ...inputs.context, rows: movingRows, versions: movingVersions });
  const touched = new Map<string, string>();
  for (const [done, fill] of fills.entries()) {
    inputs.progress(fill.table.name, done, fills.length);
    if (fill.origin) {
      await correctRows(engine, fill, fill.origin, inputs);
      if (fill.origin.day !== undefined)
        touched.set(fill.table.name, `select patient_no from ${touchedBy(fill.table.name)}`);
    } else {
      await emptyAgain(engine, fill.table);
      await fillTable(engine, fill, inputs);
    }
  }
  const moved = `select n.patient_no from patient_number n semi join ${movedTable('patients')} using (patient_id)`;
  const but = [...touched].filter(([fact]) => fact !== factPrescription.name).map(([, select]) => select);
  for (const [table, selects] of [
    [dimPatient.name, [moved]],
    ['person', [...but, moved]],
    ['patient', [...touched.values(), moved]],
  ] as const)
    await engine.run(`create or replace table ${touchedBy(table)} as ${selects.join(' union ')}`);
  for (const table of calendarTables) await emptyAgain(engine, table);
  await fillCalendar(engine, inputs);
  const ofDerived = correctDerived({
    referenceDir: inputs.referenceDir,
    dataAsOf: inputs.days.dataAsOf,
    dataAsOfBefore: before.dataAsOf,
    touchedBy: (table) => `memory.main.${touchedBy(table)}`,
  });
  await inLanes(engine, [
    ...ofDerived.map((task) => (lane: Engine) => inRelease(lane, () => task(lane))),
    (lane) => fillRefused(lane, catalogue, inputs.context.contracts.values(), padsOf(inputs)),
  ]);
  const done = new Set<string>([
    ...fills.map(({ table }) => table.name),
    ...[...calendarTables, ...derivedTables, ...resultTables].map((table) => table.name),
  ]);
  for (const table of goldTables) if (!done.has(table.name)) await emptyAgain(engine, table);
  return before;
}

/** Datasets of which rows change although nothing of them was delivered. */
const widened: readonly string[] = ['patients', 'sus_episodes', 'ecds_attendances'];
/** Their keys, beside the moved ones. */
const moreTable = (dataset: string): string => `more_${dataset}`;
const movedKeys = (dataset: string): string =>
  `from ${movedTable(dataset)}${widened.includes(dataset) ? ` union all from ${moreTable(dataset)}` : ''}`;

async function widen(engine: Engine, { days }: GoldInputs, before: DataDays): Promise<void> {
  const sameEnd = before.dataAsOf === days.dataAsOf;
  // Ages are those of the last day with data, in every version.
  const age = (day: string): string => ageOn('date_of_birth', `DATE '${day}'`);
  await engine.run(
    `create or replace table ${moreTable('patients')} as select distinct patient_id from ${logNames('patients').stage} anti join ${movedTable('patients')} using (patient_id) where ${sameEnd ? 'false' : `${age(before.dataAsOf)} is distinct from ${age(days.dataAsOf)}`}`,
  );
  // A stay without discharge lasts to the end of the data.
  const end = sameEnd ? 'false' : 'discharge_date is null';
  await engine.run(
    `create or replace table ${moreTable('sus_episodes')} as select episode_id from silver_sus_episodes anti join ${movedTable('sus_episodes')} using (episode_id) where ${end}`,
  );
  // Whether a patient comes again depends on all other attendances of the patient, before the news and after.
  const moved = movedTable('ecds_attendances');
  await engine.run(
    `create or replace table ed_patient as
  select patient_id from silver_ecds_attendances semi join ${moved} using (attendance_id)
  union select patient_id from silver_ecds_attendances_before semi join ${moved} using (attendance_id)`,
  );
  await engine.run(
    `create or replace table ${moreTable('ecds_attendances')} as select attendance_id from silver_ecds_attendances semi join ed_patient using (patient_id) anti join ${moved} using (attendance_id)`,
  );
}

async function correctRows(
  engine: Engine,
  fill: GoldFill,
  { dataset, column, key, day }: RowOrigin,
  inputs: GoldInputs,
): Promise<void> {
  const table = `${catalogue}.${fill.table.name}`;
  const touched = touchedBy(fill.table.name);
  await engine.run(
    `create or replace table moved_row as select ${key} as key from (${movedKeys(dataset)}) s`,
    key.includes('$inner') ? padsOf(inputs) : undefined,
  );
  if (day !== undefined)
    await noteGoing(engine, fill.table, `${table} f semi join moved_row m on f.${name(column)} = m.key`);
  await engine.run(`delete from ${table} where ${name(column)} in (select key from moved_row)`);
  if (day === undefined) await fillTable(engine, fill, inputs);
  else {
    await engine.run(`create or replace temp table coming as ${fill.select}`, boundIn(fill, inputs));
    await engine.run(`insert into ${table} from coming`);
    await noteComing(engine, fill.table, 'coming f');
    await engine.run('drop table coming');
    await engine.run(
      `create or replace table ${touched} as select distinct patient_no, ${day} as day from ${movedRows(fill.table.name)} f`,
    );
  }
  await engine.run('drop table moved_row');
}

/** A key of the old rows would stand in the way of the same key in the new ones, so the table is made again. */
export async function emptyAgain(engine: Engine, table: TableDeclaration): Promise<void> {
  await engine.run(`drop table if exists ${catalogue}.${table.name}`);
  await engine.run(createTable(catalogue, table));
}
