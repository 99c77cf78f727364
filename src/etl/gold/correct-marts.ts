import { allPeriod, stagedEvents } from '../../measures/buckets.js';
import {
  correctionTables,
  correctMart,
  countedCells,
  keptCells,
  measuredEvents,
} from '../../measures/correct.js';
import type { MartPlan } from '../../measures/mart.js';
import { duckdbDialect } from '../../warehouse/duckdb/dialect.js';
import { grains } from '../../warehouse/grain.js';
import { tablesOf } from '../../warehouse/tables-of.js';
import type { Engine } from '../engine.js';
import { name, quoted } from '../sql.js';
import type { DataDays } from './calendar.js';
import { previously, touchedBy } from './correct.js';
import { atOnce, catalogue, fillWhole, type GoldInputs, inRelease, stageEvents } from './load.js';

/** Corrects the marts of a release whose star schema was corrected; `before` are the days of the release before. */
export async function correctMarts(engine: Engine, inputs: GoldInputs, before: DataDays): Promise<void> {
  const { gold, marts } = inputs;
  const bedsChanged = await differ(engine, 'select trust_code, beds from', 'dim_trust');
  await inRelease(engine, async () => {
    for (const [done, mart] of marts.entries()) {
      inputs.progress(mart.name, done, marts.length);
      if (bedsChanged && mart.parts.some((part) => part.kind === 'capacity')) {
        await stageEvents(engine, gold, mart);
        await engine.run(`delete from ${mart.name}`);
        await fillWhole(engine, gold, mart);
        await engine.run(`drop table ${stagedEvents(mart)}`);
      } else await correct(engine, inputs, mart, before);
    }
  });
  inputs.progress('', marts.length, marts.length);
}

async function correct(engine: Engine, inputs: GoldInputs, mart: MartPlan, before: DataDays): Promise<void> {
  const { gold, days } = inputs;
  const { compile } = duckdbDialect;
  const query = measuredEvents(gold, duckdbDialect, mart);
  const relation = compile(query).sql;
  const tables = tablesOf(query);
  const facts = tables.filter((table) => table.startsWith('fact_'));
  // The end of the data moves events too: beds on days that were beyond it, presence in hours that were not sampled,
  // discharges that were not followed for long enough.
  const ends = [before.dataAsOf, days.dataAsOf].sort();
  await engine.run(
    `create or replace temp table candidate as ${facts.map((fact) => `select patient_no from memory.main.${touchedBy(fact)}`).join(' union ')}`,
  );
  if (ends[0] !== ends[1]) {
    for (const release of [previously, catalogue]) {
      await engine.run(`use ${release}`);
      await engine.run(
        `insert into candidate select distinct patient_no from (${relation})${mart.source.untilDataEnd ? '' : ` where day > DATE '${ends[0]}' - ${mart.followed ?? 0}`}`,
      );
    }
  }
  await eventsOf(engine, previously, tables, relation, 'events_were');
  await eventsOf(engine, catalogue, tables, relation, 'events_are');
  await engine.run(`use ${catalogue}`);
  await engine.run(`create or replace temp table changed as select patient_no, day from (
  (from events_were except all from events_are) union all (from events_are except all from events_were))`);
  const spans = [
    ...(ends[0] === ends[1] ? [] : [[`DATE '${ends[0]}' + 1`, `DATE '${ends[1]}'`]]),
    ...firstDays(before, days).map(([from, to]) => [`DATE '${from}'`, `DATE '${to}'`]),
  ];
  const touchedDays = [
    'select distinct day from changed',
    ...spans.map(
      ([from, to]) =>
        `select cast(d as date) as day from generate_series(cast(${from} as timestamp), cast(${to} as timestamp), interval 1 day) t(d)`,
    ),
  ].join(' union ');
  await engine.run(`create or replace temp table touched_day as ${touchedDays}`);
  const [found] = await engine.rows<{ n: number }>('select cast(count(*) as double) as n from touched_day');
  if ((found?.n ?? 0) > 0) {
    const { buckets, corrected, counted, kept } = correctionTables;
    const ofGrain = grains
      .filter((grain) => grain !== 'ALL')
      .map(
        (grain) =>
          `select '${grain}' as grain, cast(date_trunc('${grain.toLowerCase()}', day) as date) as period from touched_day`,
      );
    await engine.run(
      `create or replace temp table ${buckets} as ${ofGrain.join(' union ')} union select 'ALL', DATE '${allPeriod}'`,
    );
    await engine.run(`create or replace temp table ${kept} as ${literalRows(keptCells(mart))}`);
    for (const [events, table] of [
      ['events_were', correctionTables.before],
      ['events_are', correctionTables.after],
    ] as const) {
      await engine.run(
        `create or replace temp table ${table} as select * from ${events} where patient_no in (select patient_no from changed)`,
      );
    }
    await engine.run(
      `create or replace temp table ${counted} as ${compile(countedCells(gold, duckdbDialect, mart)).sql}`,
    );
    await engine.run(`create or replace temp table ${corrected} as from ${mart.name} limit 0`);
    // Only what is no sum over patients needs all events.
    const whole = mart.parts.some(({ kind }) => ['mean', 'percentile', 'peak', 'sum'].includes(kind));
    if (whole) await stageEvents(engine, gold, mart);
    await atOnce(engine, async () => {
      for (const statement of correctMart(gold, duckdbDialect, mart))
        await engine.run(compile(statement).sql);
      await engine.run(
        `delete from ${mart.name} where grain = 'ALL' or (grain, period) in (select grain, period from ${buckets})`,
      );
      await engine.run(`insert into ${mart.name} from ${corrected}`);
    });
    if (whole) await engine.run(`drop table ${stagedEvents(mart)}`);
    for (const table of Object.values(correctionTables)) await engine.run(`drop table if exists ${table}`);
  }
  for (const table of ['candidate', 'events_were', 'events_are', 'changed', 'touched_day'])
    await engine.run(`drop table ${table}`);
}

/**
 * The events of the candidates in a release as a temporary table. The relation reads a schema in which facts hold the
 * candidates alone: a join of stays and days would otherwise be made for everybody first.
 */
async function eventsOf(
  engine: Engine,
  release: string,
  tables: readonly string[],
  relation: string,
  events: string,
): Promise<void> {
  await engine.run('create schema memory.candidates');
  for (const table of tables) {
    const few = table.startsWith('fact_') ? ' semi join temp.candidate using (patient_no)' : '';
    await engine.run(`create table memory.candidates.${table} as select * from ${release}.${table}${few}`);
  }
  await engine.run('use memory.candidates');
  await engine.run(`create or replace temp table ${events} as ${relation}`);
  await engine.run(`use ${release}`);
  await engine.run('drop schema memory.candidates cascade');
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
