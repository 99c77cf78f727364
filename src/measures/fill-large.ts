import { type Compilable, type Expression, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import { type CalendarGrain, type Grain, grains, isFinerOrEqual } from '../warehouse/grain.js';
import { allBucket, bucketColumns, bucketedSource, stagedEvents } from './buckets.js';
import { cellsQuery, countingOf } from './cells.js';
import type { CellsQuestion } from './cells-question.js';
import { cellsOfPatients, countedBy, groupedBy, mergedCells } from './count-cells.js';
import { insertCells } from './fill.js';
import { keptSets, type MartPlan } from './mart.js';
import { events } from './parts.js';
import { type GoldBuilder, subquery } from './source.js';

/**
 * A step of counting the events of some patients. `make`: a table for later steps, to be dropped again; `add`: rows for a
 * table that the first range makes and the others add to.
 */
export type CountingStep =
  | { readonly kind: 'make' | 'add'; readonly table: string; readonly query: DynamicQuery }
  | { readonly kind: 'drop'; readonly table: string };

/** How a mart is filled with more events than memory has room for. */
export interface LargeFill {
  /** To be done for one range of patients after the other, with its events in the table `rangedEvents`. */
  readonly counting: readonly CountingStep[];
  /** To be done when all patients are counted: INSERTs into the mart. */
  readonly filling: readonly Compilable[];
  /** Tables that stay behind. */
  readonly tables: readonly string[];
}

/** Name of the table with the events of a range of patients: rows as those of `stagedQuery`. */
export const rangedEvents = ({ source }: MartPlan): string => `ranged_${source.name}`;

/** Patients by their numbers, both in it. */
export interface PatientRange {
  readonly first: number;
  readonly last: number;
}

/** The staged events of a range of patients. */
export const rangedQuery = (gold: GoldBuilder, plan: MartPlan, { first, last }: PatientRange): DynamicQuery =>
  rows(gold, stagedEvents(plan)).where(
    sql<boolean>`${sql.ref('patient_no')} between ${sql.lit(first)} and ${sql.lit(last)}`,
  );

/** The cells are made of values too, which only all events of a cell together tell. */
export const countedByValue = ({ parts }: MartPlan): boolean =>
  parts.some(({ kind }) => kind === 'mean' || kind === 'percentile' || kind === 'peak');

/** Where the counts of a grain come from: the events, or the counts of a finer grain of which it is made up. */
const from: Readonly<Partial<Record<Grain, Grain | 'events'>>> = {
  WEEK: 'events',
  MONTH: 'events',
  QUARTER: 'MONTH',
  YEAR: 'QUARTER',
  ALL: 'YEAR',
};
/** In the order in which they are made. Of single days there are as many counts as events. */
const counted: readonly Grain[] = ['WEEK', 'MONTH', 'QUARTER', 'YEAR', 'ALL'];

/**
 * Fills a mart with more events than memory has room for, to the same cells as `fillMart`. What adds up over patients is counted
 * for one range of them after the other: by patient once for the largest sets of dimensions, and cells of their subsets and of
 * longer periods from these counts, of which there are fewer. The cells of all ranges are added up at the end, where values
 * that do not add up are read from all staged events.
 */
export function fillLargeMart(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): LargeFill {
  const { source, parts } = plan;
  const question = (by: readonly string[], grain: Grain, ranged: boolean): CellsQuestion => ({
    source: bucketedSource(gold, dialect, plan, [grain], ranged ? { events: rangedEvents(plan) } : {}),
    by,
    grain: 'ALL',
    parts,
    persons: true,
  });
  const counting: CountingStep[] = [];
  const filling: Compilable[] = [];
  const tables: string[] = [];
  const cellsTable = ({ number }: KeptSet): string => `cells_${source.name}_${number}`;
  const table = (grain: Grain): string => `counts_${source.name}_${grain.toLowerCase()}`;
  const add = (set: KeptSet, query: DynamicQuery): void => {
    counting.push({ kind: 'add', table: cellsTable(set), query });
  };
  for (const { by, sets } of families(plan)) {
    for (const set of sets.filter(({ finest }) => finest === 'DAY')) {
      const own = countingOf(gold, dialect, question(set.by, 'DAY', true));
      add(set, cellsOfPatients(own, countedBy(own, 'patient_no')));
    }
    for (const grain of counted) {
      const kept = sets.filter(({ finest }) => isKept(finest, grain));
      const before = from[grain];
      if (kept.length === 0 && grain === 'WEEK') continue;
      const whole = countingOf(gold, dialect, question(by, grain, true));
      const query =
        before === 'events' || before === undefined
          ? countedBy(whole, 'patient_no')
          : countsAgain(whole, rows(gold, table(before)), [
              ...whole.keys.filter((key) => !isBucket(key)).map((key) => ({ key, value: sql.ref(key) })),
              ...bucketOf(dialect, grain),
            ]);
      counting.push({ kind: 'make', table: table(grain), query });
      if (before !== undefined && before !== 'events') counting.push({ kind: 'drop', table: table(before) });
      for (const set of kept) {
        const own = countingOf(gold, dialect, question(set.by, grain, true));
        const patients = rows(gold, table(grain));
        const isWhole = own.keys.length === whole.keys.length;
        const keys = own.keys.map((key) => ({ key, value: sql.ref(key) }));
        add(set, cellsOfPatients(own, isWhole ? patients : countsAgain(own, patients, keys)));
      }
      if (grain === 'WEEK' || grain === 'ALL') counting.push({ kind: 'drop', table: table(grain) });
    }
    for (const set of sets) {
      tables.push(cellsTable(set));
      for (const grain of grains.filter((one) => isFinerOrEqual(set.finest, one))) {
        const ofGrain = question(set.by, grain, false);
        const added = rows(gold, cellsTable(set)).where(
          sql<boolean>`${sql.ref(bucketColumns[0])} = ${sql.lit(grain)}`,
        );
        const cells = mergedCells(countingOf(gold, dialect, ofGrain), added);
        filling.push(
          insertCells(
            gold,
            dialect,
            plan,
            set,
            cellsQuery(gold, dialect, { ...ofGrain, counted: { cells } }),
          ),
        );
      }
    }
  }
  return { counting, filling, tables };
}

interface KeptSet {
  readonly number: number;
  readonly by: readonly string[];
  readonly finest: Grain;
}

const isKept = (finest: Grain, grain: Grain): boolean =>
  finest === 'DAY' || counted.indexOf(finest) <= counted.indexOf(grain);

/** The kept sets, each with the largest one that contains it. */
function families(plan: MartPlan): { by: readonly string[]; sets: KeptSet[] }[] {
  const found: { by: readonly string[]; sets: KeptSet[] }[] = [];
  const sets = [...keptSets(plan)].map(([number, { by, finest }]) => ({ number, by, finest }));
  for (const set of sets.sort((a, b) => b.by.length - a.by.length || a.number - b.number)) {
    const family = found.find(({ by }) => set.by.every((name) => by.includes(name)));
    if (family) family.sets.push(set);
    else found.push({ by: set.by, sets: [set] });
  }
  return found;
}

const isBucket = (key: string): boolean => (bucketColumns as readonly string[]).includes(key);

/** The bucket of a longer period that a shorter one lies in. */
function bucketOf(dialect: Dialect, grain: Grain): { key: string; value: Expression<unknown> }[] {
  const [name, bucket] = bucketColumns;
  return [
    { key: name, value: sql.lit(grain) },
    {
      key: bucket,
      value: grain === 'ALL' ? allBucket : dialect.bucket(grain as CalendarGrain, sql.ref(bucket)),
    },
  ];
}

const rows = (gold: GoldBuilder, table: string): DynamicQuery =>
  (gold.selectFrom(table as never) as unknown as DynamicQuery).selectAll();

/** Counts by patient of larger cells, from those of smaller ones that they are made up of. */
function countsAgain(
  { gold, dialect, counts, sums }: ReturnType<typeof countingOf>,
  patients: DynamicQuery,
  keys: readonly { readonly key: string; readonly value: Expression<unknown> }[],
): DynamicQuery {
  const placed = subquery(gold, patients, 'f')
    .select(keys.map(({ key, value }) => sql`${value}`.as(key)))
    .select(
      ['patient_no', events, ...[...counts, ...sums].map(({ id }) => id)].map((id) => sql.ref(id).as(id)),
    );
  const columns = [...keys.map(({ key }) => key), 'patient_no'];
  return groupedBy(
    subquery(gold, placed, 'g')
      .select(columns.map((key) => sql.ref(key).as(key)))
      .select([events, ...counts.map(({ id }) => id)].map((id) => dialect.sumInt(sql.ref(id)).as(id)))
      .select(sums.map(({ id }) => sql`sum(${sql.ref(id)})`.as(id))),
    columns,
  );
}
