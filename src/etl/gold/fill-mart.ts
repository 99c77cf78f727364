import { stagedEvents, stagedQuery } from '../../measures/buckets.js';
import { fillMart } from '../../measures/fill.js';
import {
  countedByValue,
  fillLargeMart,
  type PatientRange,
  rangedEvents,
  rangedQuery,
} from '../../measures/fill-large.js';
import type { MartPlan } from '../../measures/mart.js';
import type { GoldBuilder } from '../../measures/source.js';
import { duckdbDialect } from '../../warehouse/duckdb/dialect.js';
import { atOnce } from '../at-once.js';
import type { Engine } from '../engine.js';

/** With more events than this, the cells of all grains of a set would be too many for one statement's memory. */
const usuallyTogether = 800_000;

const { compile } = duckdbDialect;
type Runs = Pick<Engine, 'run' | 'rows'>;

/** Fills an empty mart from the facts of the release, which is in use: of more than so many events, in ranges of patients. */
export async function fillWhole(
  engine: Runs,
  gold: GoldBuilder,
  mart: MartPlan,
  mostTogether = usuallyTogether,
): Promise<void> {
  const staged = stagedEvents(mart);
  await keep(
    engine,
    staged,
    `from (${compile(stagedQuery(gold, duckdbDialect, mart)).sql}) limit ${mostTogether + 1}`,
  );
  const { events } = await spread(engine, staged);
  if (events <= mostTogether)
    await atOnce(engine, async () => {
      for (const statement of fillMart(gold, duckdbDialect, mart)) await engine.run(compile(statement).sql);
    });
  await engine.run(`drop table ${staged}`);
  if (events > mostTogether) await fillLarge(engine, gold, mart, mostTogether);
}

/** The events of a mart under a name of their own: as a table, where many statements read them. */
export const stageEvents = (
  engine: Runs,
  gold: GoldBuilder,
  mart: MartPlan,
  as: 'table' | 'view' = 'table',
): Promise<void> =>
  engine.run(
    `create or replace temp ${as} ${stagedEvents(mart)} as ${compile(stagedQuery(gold, duckdbDialect, mart)).sql}`,
  );

async function fillLarge(
  engine: Runs,
  gold: GoldBuilder,
  mart: MartPlan,
  mostTogether: number,
): Promise<void> {
  const as = countedByValue(mart) ? 'table' : 'view';
  await stageEvents(engine, gold, mart, as);
  const { counting, filling, tables } = fillLargeMart(gold, duckdbDialect, mart);
  const steps = counting.map((step) =>
    step.kind === 'drop' ? { ...step, sql: '' } : { ...step, sql: compile(step.query).sql },
  );
  const made = new Set<string>();
  for (const range of rangesOf(await spread(engine, stagedEvents(mart)), mostTogether)) {
    await keep(engine, rangedEvents(mart), compile(rangedQuery(gold, mart, range)).sql);
    for (const { kind, table, sql } of steps) {
      if (kind === 'drop') await engine.run(`drop table ${table}`);
      else if (kind === 'add' && made.has(table)) await engine.run(`insert into ${table} ${sql}`);
      else await keep(engine, table, sql);
      made.add(table);
    }
  }
  await atOnce(engine, async () => {
    for (const statement of filling) await engine.run(compile(statement).sql);
  });
  for (const table of [rangedEvents(mart), ...tables]) await engine.run(`drop table ${table}`);
  await engine.run(`drop ${as} ${stagedEvents(mart)}`);
}

/** How many events there are, and of which patients. */
interface Spread {
  readonly events: number;
  readonly first: number;
  readonly last: number;
}

async function spread(engine: Runs, events: string): Promise<Spread> {
  const [found] = await engine.rows<Spread>(
    `select cast(count(*) as double) as events, coalesce(min(patient_no), 0) as first, coalesce(max(patient_no), 0) as last from ${events}`,
  );
  if (!found) throw new Error(`${events} was not counted`);
  return found;
}

/** Ranges of as many patients each. Numbers are given in no order of anything, so that each has about as many events. */
function rangesOf({ events, first, last }: Spread, mostTogether: number): PatientRange[] {
  const ranges = Math.max(1, Math.ceil(events / mostTogether));
  const width = Math.ceil((last - first + 1) / ranges);
  return Array.from({ length: ranges }, (_none, at) => ({
    first: first + at * width,
    last: Math.min(last, first + (at + 1) * width - 1),
  }));
}

/** A select as a temporary table. */
export const keep = (engine: Runs, table: string, select: string): Promise<void> =>
  engine.run(`create or replace temp table ${table} as ${select}`);
