import { type Compilable, type Expression, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { CalendarGrain, Grain } from '../warehouse/grain.js';
import { allBucket, bucketColumns, bucketedSource } from './buckets.js';
import { cellsQuery, countingOf } from './cells.js';
import type { CellsQuestion } from './cells-question.js';
import { cellsOfPatients, countedBy, groupedBy } from './count-cells.js';
import { insertCells } from './fill.js';
import { keptSets, type MartPlan } from './mart.js';
import { events } from './parts.js';
import { type GoldBuilder, subquery } from './source.js';

/** A step of filling a mart: a table to be made for later steps, to be dropped again, or an INSERT into the mart. */
export type FillStep =
  | { readonly kind: 'make'; readonly table: string; readonly query: DynamicQuery }
  | { readonly kind: 'drop'; readonly table: string }
  | { readonly kind: 'insert'; readonly statement: Compilable };

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
 * Fills a mart with more events than memory has room for, to the same cells as `fillMart`. The events are counted by patient
 * once for the largest sets of dimensions; cells of their subsets and of longer periods are counted from these counts, of
 * which there are fewer.
 */
export function fillLargeMart(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): FillStep[] {
  const steps: FillStep[] = [];
  const { source, parts } = plan;
  const question = (by: readonly string[], grain: Grain): CellsQuestion => ({
    source: bucketedSource(gold, dialect, plan, [grain]),
    by,
    grain: 'ALL',
    parts,
    persons: true,
  });
  const insert = (set: KeptSet, cells: DynamicQuery): void => {
    steps.push({ kind: 'insert', statement: insertCells(gold, dialect, plan, set, cells) });
  };
  for (const { by, sets } of families(plan)) {
    for (const set of sets.filter(({ finest }) => finest === 'DAY'))
      insert(set, cellsQuery(gold, dialect, question(set.by, 'DAY')));
    const table = (grain: Grain): string => `counts_${source.name}_${grain.toLowerCase()}`;
    for (const grain of counted) {
      const kept = sets.filter(({ finest }) => isKept(finest, grain));
      const before = from[grain];
      if (kept.length === 0 && grain === 'WEEK') continue;
      const counting = countingOf(gold, dialect, question(by, grain));
      const query =
        before === 'events' || before === undefined
          ? countedBy(counting, 'patient_no')
          : countsAgain(counting, rows(gold, table(before)), [
              ...counting.keys.filter((key) => !isBucket(key)).map((key) => ({ key, value: sql.ref(key) })),
              ...bucketOf(dialect, grain),
            ]);
      steps.push({ kind: 'make', table: table(grain), query });
      if (before !== undefined && before !== 'events') steps.push({ kind: 'drop', table: table(before) });
      for (const set of kept) {
        const own = countingOf(gold, dialect, question(set.by, grain));
        const patients = rows(gold, table(grain));
        const cells = cellsOfPatients(
          own,
          own.keys.length === counting.keys.length
            ? patients
            : countsAgain(
                own,
                patients,
                own.keys.map((key) => ({ key, value: sql.ref(key) })),
              ),
        );
        insert(set, cellsQuery(gold, dialect, { ...question(set.by, grain), counted: { cells } }));
      }
      if (grain === 'WEEK' || grain === 'ALL') steps.push({ kind: 'drop', table: table(grain) });
    }
  }
  return steps;
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
