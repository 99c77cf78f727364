import { stagedEvents } from '../../measures/buckets.js';
import { correctMart } from '../../measures/correct.js';
import { correctionTables, isMadeOfEvents, keptCells, measuredEvents } from '../../measures/correction.js';
import { countedCells, doubtfulCells } from '../../measures/counted-cells.js';
import {
  changedEvents,
  nowAndMoved,
  patientDifferences,
  patientSums,
  thenAndNowOf,
  type WeighedEvents,
} from '../../measures/differences.js';
import type { MartPlan } from '../../measures/mart.js';
import { queryOf } from '../../measures/source.js';
import { bucketsOf, joinTouched, touchedCells } from '../../measures/touched.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { duckdbDialect } from '../../warehouse/duckdb/dialect.js';
import { cdsResult } from '../../warehouse/gold/cds.js';
import { goldTables } from '../../warehouse/gold/index.js';
import { goldBuilder } from '../../warehouse/gold-builder.js';
import type { Grain } from '../../warehouse/grain.js';
import { tablesOf } from '../../warehouse/tables-of.js';
import { atOnce } from '../at-once.js';
import type { Engine } from '../engine.js';
import { name, ofPatients, quoted } from '../sql.js';
import type { DataDays } from './calendar.js';
import { previously } from './correct.js';
import { fillWhole, keep, stageEvents } from './fill-mart.js';
import { catalogue, type GoldInputs, inRelease } from './load.js';
import { patientsMoved, rowsMoved } from './moved-rows.js';

/** Corrects a mart of a release whose star schema was corrected; `before` are the days of the release before. */
export const correctedMart = (
  engine: Engine,
  inputs: GoldInputs,
  mart: MartPlan,
  before: DataDays,
): Promise<void> =>
  inRelease(engine, async () => {
    const { gold } = inputs;
    const isOfBeds = mart.parts.some((part) => part.kind === 'capacity');
    if (isOfBeds && (await differ(engine, 'select trust_code, beds from', 'dim_trust'))) {
      await engine.run(`delete from ${mart.name}`);
      await fillWhole(engine, gold, mart);
    } else await correct(engine, inputs, mart, before);
  });

/** Whether rows of a table come and go with patients, so that they are noted where it is corrected. */
const hasEvents = (table: string): boolean => table.startsWith('fact_') || table === cdsResult.name;

/** A set of dimensions and a grain that a mart keeps. */
interface Cell {
  readonly by_set: number;
  readonly grain: Grain;
}

/** Of when the events of the candidates are: of the release before, of this one, or those that are in one of both alone. */
const times = ['before', 'after', 'went', 'came'] as const;
type Time = (typeof times)[number];

/** A schema of the run's own database: marts are corrected two at a time, and schemas are seen by both. */
const narrowedTo = (mart: MartPlan, time: Time): string => `${mart.name}_${time}`;

/**
 * The events of the candidates before and after, in schemas in which the facts hold no others. Of events that come
 * from single rows, all but those that have moved are read once.
 */
async function narrowedEvents(
  engine: Engine,
  mart: MartPlan,
  tables: readonly string[],
): Promise<WeighedEvents[]> {
  const at = async (time: Time, rowsOf: (table: string) => string): Promise<DynamicQuery> => {
    const schema = narrowedTo(mart, time);
    await engine.run(`create or replace schema ${schema}`);
    for (const table of tables) {
      const rows = hasEvents(table) ? ofPatients(rowsOf(table), 'temp.candidate') : rowsOf(table);
      await engine.run(`create view ${schema}.${table} as select * from ${rows}`);
    }
    return measuredEvents(goldBuilder(schema), duckdbDialect, mart);
  };
  const after = await at('after', (table) => `${catalogue}.${table}`);
  if (!mart.source.rowByRow)
    return thenAndNowOf(await at('before', (table) => `${previously}.${table}`), after);
  return nowAndMoved(
    after,
    await at('went', (table) => rowsMoved(table, -1)),
    await at('came', (table) => rowsMoved(table, 1)),
  );
}

async function correct(engine: Engine, inputs: GoldInputs, mart: MartPlan, before: DataDays): Promise<void> {
  const { gold, days } = inputs;
  const { compile } = duckdbDialect;
  const events = measuredEvents(gold, duckdbDialect, mart);
  const tables = tablesOf(events);
  // The end of the data moves events too: beds on days that were beyond it, presence in hours that were not sampled,
  // discharges that were not followed for long enough.
  const ends = [before.dataAsOf, days.dataAsOf].sort();
  const facts = goldTables.filter(({ name: table }) => hasEvents(table) && tables.includes(table));
  await keep(engine, 'candidate', facts.map((fact) => patientsMoved(fact, events)).join(' union '));
  if (ends[0] !== ends[1]) {
    const late = mart.source.untilDataEnd ? '' : ` where day > DATE '${ends[0]}' - ${mart.followed ?? 0}`;
    for (const release of [previously, catalogue]) {
      await engine.run(`use ${release}`);
      await engine.run(
        `insert into candidate (select patient_no from (${compile(events).sql})${late}) except (from candidate)`,
      );
    }
  }
  await engine.run('use memory');
  const changes = await narrowedEvents(engine, mart, tables);
  await keep(engine, correctionTables.sums, compile(patientSums(gold, duckdbDialect, mart, changes)).sql);
  await keep(engine, correctionTables.changed, compile(changedEvents(gold, mart, changes)).sql);
  for (const time of times) await engine.run(`drop schema if exists ${narrowedTo(mart, time)} cascade`);
  await engine.run(`use ${catalogue}`);
  const spans = [
    ...(ends[0] === ends[1] ? [] : [[`DATE '${ends[0]}' + 1`, `DATE '${ends[1]}'`]]),
    ...firstDays(before, days).map(([from, to]) => [`DATE '${from}'`, `DATE '${to}'`]),
  ];
  const movedDays = spans.map(
    ([from, to]) =>
      `select cast(d as date) as day from generate_series(cast(${from} as timestamp), cast(${to} as timestamp), interval 1 day) t(d)`,
  );
  await keep(engine, movedDay, movedDays.join(' union ') || 'select cast(null as date) as day where false');
  const [found] = await engine.rows<{ n: number }>(
    `select cast((select count(*) from ${movedDay}) + (select count(*) from ${correctionTables.changed}) as double) as n`,
  );
  if ((found?.n ?? 0) > 0) await replaceCells(engine, inputs, mart);
  for (const table of ['candidate', movedDay, ...Object.values(correctionTables)])
    await engine.run(`drop table if exists ${table}`);
}

/** Days, in a column `day`, of which there are data now or were before, and not both. */
const movedDay = 'moved_day';

/** Replaces the cells in which events have changed, and all of the buckets of such days. */
async function replaceCells(engine: Engine, { gold }: GoldInputs, mart: MartPlan): Promise<void> {
  const { compile } = duckdbDialect;
  const { buckets, cells, changed, touched, corrected, counted, differences, kept } = correctionTables;
  await keep(engine, kept, literalRows(keptCells(mart)));
  await keep(engine, buckets, compile(bucketsOf(gold, duckdbDialect, mart, movedDay)).sql);
  await keep(engine, touched, compile(bucketsOf(gold, duckdbDialect, mart, changed, ['patient_no'])).sql);
  await keep(engine, cells, compile(touchedCells(gold, duckdbDialect, mart)).sql);
  await keep(engine, differences, compile(patientDifferences(gold, duckdbDialect, mart)).sql);
  await keep(engine, counted, compile(countedCells(gold, duckdbDialect, mart)).sql);
  await keep(engine, corrected, `from ${mart.name} limit 0`);
  const inDoubt = doubtfulCells(gold, mart);
  const doubtful = new Map<number, Grain[]>();
  for (const { by_set, grain } of inDoubt ? await engine.rows<Cell>(compile(inDoubt).sql) : [])
    doubtful.set(by_set, [...(doubtful.get(by_set) ?? []), grain]);
  const { statements, readsEvents } = correctMart(gold, duckdbDialect, mart, doubtful);
  // Few cells are in doubt: their statements read the events as they lie.
  const staged = isMadeOfEvents(mart) ? 'table' : 'view';
  if (readsEvents) await stageEvents(engine, gold, mart, staged);
  await atOnce(engine, async () => {
    for (const statement of statements) await engine.run(compile(statement).sql);
    const replaced = joinTouched(mart, queryOf(gold, `${mart.name} as m`), 'm').select('m.rowid');
    await engine.run(`delete from ${mart.name} where rowid in (${compile(replaced).sql})`);
    await engine.run(`insert into ${mart.name} from ${corrected}`);
  });
  if (readsEvents) await engine.run(`drop ${staged} ${stagedEvents(mart)}`);
}

/** A few rows as a select. */
const literalRows = (rows: readonly Record<string, string | number>[]): string => {
  const columns = Object.keys(rows[0] ?? {});
  const values = rows.map(
    (row) =>
      `(${columns.map((column) => (typeof row[column] === 'number' ? row[column] : quoted(String(row[column])))).join(', ')})`,
  );
  return `select * from (values ${values.join(', ')}) t(${columns.map(name).join(', ')})`;
};

/** Days between the old and the new first day of the data, where it has moved. */
function firstDays(before: DataDays, after: DataDays): [string, string][] {
  return (['firstAdmission', 'firstArrival'] as const).flatMap((first): [string, string][] => {
    const ends = [before[first], after[first]].map((day) => day ?? after.dataAsOf).sort();
    const [from, to] = ends;
    return from === undefined || to === undefined || from === to ? [] : [[from, to]];
  });
}

async function differ(engine: Engine, select: string, table: string): Promise<boolean> {
  const [a, b] = [`${select} ${previously}.${table}`, `${select} ${catalogue}.${table}`];
  const [found] = await engine.rows<{ n: number }>(
    `select cast(count(*) as double) as n from (((${a}) except all (${b})) union all ((${b}) except all (${a})))`,
  );
  return (found?.n ?? 0) > 0;
}
