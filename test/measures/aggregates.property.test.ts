import fc from 'fast-check';
import { sql } from 'kysely';
import { controlled, exact } from '../../src/access/disclosure.js';
import type { MoneyRounding } from '../../src/access/role.js';
import { fillWhole } from '../../src/etl/gold/fill-mart.js';
import {
  type Aggregate,
  count,
  gte,
  mean,
  persons,
  pounds,
  ratio,
  sum,
  wilson,
} from '../../src/measures/aggregate.js';
import { stagedEvents, stagedQuery } from '../../src/measures/buckets.js';
import { cellsQuery } from '../../src/measures/cells.js';
import { correctMart } from '../../src/measures/correct.js';
import { correctionTables, keptCells, measuredColumns } from '../../src/measures/correction.js';
import { countedCells, doubtfulCells } from '../../src/measures/counted-cells.js';
import {
  changedEvents,
  nowAndMoved,
  patientDifferences,
  patientSums,
  thenAndNowOf,
} from '../../src/measures/differences.js';
import { fillMart } from '../../src/measures/fill.js';
import { type MartPlan, martTable } from '../../src/measures/mart.js';
import { type Part, partsOf } from '../../src/measures/parts.js';
import { queryOf } from '../../src/measures/source.js';
import { bucketsOf, joinTouched, touchedCells } from '../../src/measures/touched.js';
import { measureType } from '../../src/schema/declare/decorators.js';
import type { DynamicQuery } from '../../src/warehouse/dialect.js';
import { createTable } from '../../src/warehouse/duckdb/ddl.js';
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.js';
import type { Grain } from '../../src/warehouse/grain.js';
import { tsqlDialect } from '../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../src/warehouse/mssql/lint.js';
import { Database, type Event, eventsSql, gold, planOf, source } from './events.js';

const full = process.env['MAPLEWOOD_TEST_FULL'] === '1';

const large = { score: gte(5) };
const aggregates: Readonly<Record<string, Aggregate>> = {
  total: pounds('amount'),
  totalOfLarge: pounds('amount', large),
  items: sum('items'),
  patients: persons(),
  patientsOfLarge: persons(large),
  meanCost: ratio(pounds('amount'), persons()),
  costPerItem: ratio(pounds('amount', large), sum('items')),
  itemsPerEvent: ratio(sum('items'), count()),
  lower: wilson(count(large), count(), 'lower'),
  upper: wilson(count(large), count(), 'upper'),
  meanScoreOfLarge: mean('score', large),
};
const list = partsOf(aggregates);
const rule = { threshold: 8, base: 5 };

type Value = string | number | null;
/** A number and whether it is hidden. */
interface Shown {
  readonly value: bigint | number | null;
  readonly hidden: boolean;
}

const isLarge = (event: Event): boolean => event.score !== null && event.score >= 5;
const distinct = (events: readonly Event[]): number => new Set(events.map(({ patient }) => patient)).size;
const nearest = (value: bigint, base: bigint): bigint => ((value + base / 2n) / base) * base;
const pence = (millionths: bigint): bigint => (millionths + 5_000n) / 10_000n;

/** What the definitions say of a cell, worked out without SQL. Money in pence. `money` undefined: nothing is hidden. */
function expected(name: string, cell: readonly Event[], money: MoneyRounding | undefined): Shown {
  const few = (events: readonly Event[]): boolean => distinct(events) > 0 && distinct(events) < 8;
  const shownCount = (events: readonly Event[]): Shown => {
    if (!money) return { value: events.length, hidden: false };
    const hidden = events.length > 0 && (events.length < 8 || few(events));
    return { value: hidden ? null : Number(nearest(BigInt(events.length), 5n)), hidden };
  };
  const shownPersons = (events: readonly Event[]): Shown => {
    if (!money) return { value: distinct(events), hidden: false };
    return { value: few(events) ? null : Number(nearest(BigInt(distinct(events)), 5n)), hidden: few(events) };
  };
  const summed = (events: readonly Event[], of: (event: Event) => bigint | null) => {
    const behind = events.filter((event) => of(event) !== null);
    const byPatient = new Map<number, bigint>();
    for (const event of behind) {
      byPatient.set(event.patient, (byPatient.get(event.patient) ?? 0n) + (of(event) ?? 0n));
    }
    const total = [...byPatient.values()].reduce((a, b) => a + b, 0n);
    const top = [...byPatient.values()].reduce((a, b) => (a > b ? a : b), 0n);
    return { total, hidden: few(behind) || top * 100n > total * 85n };
  };
  const shownMoney = (events: readonly Event[]): Shown => {
    const { total, hidden } = summed(events, ({ amount }) => amount);
    if (!money) return { value: pence(total), hidden: false };
    if (hidden) return { value: null, hidden };
    if (money === 'pence') return { value: pence(total), hidden };
    const pounds = total / 1_000_000n;
    const digits = BigInt(String(pounds).length);
    const base = money === 'tens' || digits < 4n ? 10n : 10n ** (digits - 2n);
    return { value: nearest(pounds, base) * 100n, hidden };
  };
  const shownItems = (events: readonly Event[]): Shown => {
    const { total, hidden: one } = summed(events, ({ items }) => (items === null ? null : BigInt(items)));
    if (!money) return { value: Number(total), hidden: false };
    const hidden = one || (total > 0n && total < 8n);
    return { value: hidden ? null : Number(nearest(total, 5n)), hidden };
  };
  const over = (above: Shown, below: Shown): Shown => {
    const hidden = above.hidden || below.hidden;
    if (above.value === null || below.value === null || Number(below.value) === 0)
      return { value: null, hidden };
    if (typeof above.value === 'number') return { value: above.value / Number(below.value), hidden };
    const by = BigInt(below.value);
    return { value: (2n * above.value + by) / (2n * by), hidden };
  };
  const limit = (sign: 1 | -1): Shown => {
    const [x, n] = [shownCount(cell.filter(isLarge)), shownCount(cell)];
    const hidden = x.hidden || n.hidden;
    if (x.value === null || n.value === null || n.value === 0) return { value: null, hidden };
    const [above, below, z] = [Number(x.value), Number(n.value), 1.959964];
    const p = above / below;
    const centre = p + (z * z) / (2 * below);
    const half = z * Math.sqrt((p * (1 - p)) / below + (z * z) / (4 * below * below));
    const found = (100 * (centre + sign * half)) / (1 + (z * z) / below);
    return { value: money ? Math.floor(found * 10 + 0.5000001) / 10 : found, hidden };
  };
  switch (name) {
    case 'total':
      return shownMoney(cell);
    case 'totalOfLarge':
      return shownMoney(cell.filter(isLarge));
    case 'items':
      return shownItems(cell);
    case 'patients':
      return shownPersons(cell);
    case 'patientsOfLarge':
      return shownPersons(cell.filter(isLarge));
    case 'meanCost':
      return over(shownMoney(cell), shownPersons(cell));
    case 'costPerItem':
      return over(shownMoney(cell.filter(isLarge)), shownItems(cell));
    case 'itemsPerEvent':
      return over(shownItems(cell), shownCount(cell));
    case 'lower':
      return limit(-1);
    case 'upper':
      return limit(1);
    case 'meanScoreOfLarge': {
      const scores = cell.filter(isLarge);
      if (scores.length === 0) return { value: null, hidden: false };
      const found = scores.reduce((a, { score }) => a + (score ?? 0), 0) / scores.length;
      if (!money) return { value: found, hidden: false };
      return few(scores)
        ? { value: null, hidden: true }
        : { value: Math.floor(found * 10 + 0.5000001) / 10, hidden: false };
    }
    default:
      throw new Error(`nothing is expected of ${name}`);
  }
}

const event: fc.Arbitrary<Event> = fc.record({
  patient: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 30 })),
  day: fc.constantFrom('2023-01-31', '2023-02-01', '2023-02-14', '2023-04-01'),
  place: fc.constantFrom('A', 'A', 'A', 'B'),
  amount: fc.option(
    fc.oneof(
      fc.bigInt({ min: 0n, max: 40_000_000n }),
      fc.constantFrom(0n, 995_000_000n, 994_999_999n, 5_000n, 250_000_000_000n),
    ),
    { freq: 8 },
  ),
  items: fc.option(fc.constantFrom(0, 1, 1, 2, 40), { freq: 8 }),
  score: fc.option(fc.integer({ min: 0, max: 9 }), { freq: 8 }),
});
const someEvents = fc.array(event, { maxLength: 60, size: 'max' });
/** Days of which it is not known any more what there is. */
const someDays = fc.array(
  event.map(({ day }) => `date '${day}'`),
  { maxLength: 2 },
);

let database: Database;
beforeAll(async () => {
  database = await Database.open();
});
afterAll(() => database.close());

const cells = (parts: readonly Part[], withPersons: boolean): DynamicQuery =>
  cellsQuery(gold, duckdbDialect, { source, by: ['PLACE'], grain: 'ALL', parts, persons: withPersons });

function same(found: Value, wanted: bigint | number | null): boolean {
  if (wanted === null || found === null) return found === wanted;
  if (typeof wanted === 'bigint') {
    const digits = wanted.toString().padStart(3, '0');
    return found === `${digits.slice(0, -2)}.${digits.slice(-2)}`;
  }
  return Math.abs(Number(found) - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted));
}

const profiles: readonly (MoneyRounding | undefined)[] = [undefined, 'pence', 'tens', 'twoFigures'];

it.each(profiles)('releases sums, ratios, patients and limits as defined (%s)', async (money) => {
  await fc.assert(
    fc.asyncProperty(someEvents, async (events) => {
      await database.run(eventsSql('fact_made_up', events));
      const names = Object.entries(aggregates);
      const released = names.map(([name, aggregate]) => ({
        name,
        ...(money
          ? controlled(duckdbDialect, list, aggregate, rule, { money, published: false })
          : exact(duckdbDialect, list, aggregate)),
      }));
      const query = (gold.selectFrom(cells(list.parts, true).as('c')) as unknown as DynamicQuery)
        .select(sql.ref('c.place').as('place'))
        .select(released.map(({ name, value }) => value.as(name)))
        .select(
          released.map(({ name, hidden }) =>
            (hidden ? sql`case when ${hidden} then 1 else 0 end` : sql.lit(0)).as(`${name}_hidden`),
          ),
        );
      const rows = await database.read(query, [
        { name: 'place', type: { kind: 'text', length: 5 } },
        ...names.flatMap(([name, aggregate]) => [
          { name, type: measureType(aggregate) },
          { name: `${name}_hidden`, type: { kind: 'int32' } as const },
        ]),
      ]);
      expect(rows.map(({ place }) => place).sort()).toEqual(
        [...new Set(events.map(({ place }) => place))].sort(),
      );
      for (const row of rows) {
        const cell = events.filter(({ place }) => place === row['place']);
        for (const [name] of names) {
          const wanted = expected(name, cell, money);
          const found = { value: row[name], hidden: row[`${name}_hidden`] === 1 };
          if (!same(found.value as Value, wanted.value) || found.hidden !== wanted.hidden)
            expect({ name, ...found }).toEqual({ name, ...wanted });
        }
      }
    }),
    { numRuns: full ? 500 : 30, seed: 7 },
  );
});

it('sums in one pass over the events where nobody is counted', async () => {
  const parts = list.neededBy(pounds('amount', large), false);
  await fc.assert(
    fc.asyncProperty(someEvents, async (events) => {
      await database.run(eventsSql('fact_made_up', events));
      const query = (gold.selectFrom(cells(parts, false).as('c')) as unknown as DynamicQuery).select([
        sql.ref('c.place').as('place'),
        exact(duckdbDialect, list, pounds('amount', large)).value.as('total'),
      ]);
      const rows = await database.read(query, [
        { name: 'place', type: { kind: 'text', length: 5 } },
        { name: 'total', type: measureType(pounds('amount')) },
      ]);
      for (const { place, total } of rows) {
        const cell = events.filter((one) => one.place === place);
        expect(same(total as Value, expected('totalOfLarge', cell, undefined).value)).toBe(true);
      }
    }),
    { numRuns: 20, seed: 7 },
  );
});

it.each([
  ['what adds up over patients', list.parts.filter(({ kind }) => kind === 'count' || kind === 'sum'), 'DAY'],
  ['a mean as well', list.parts, 'DAY'],
  ['long periods only', list.parts, 'MONTH'],
] as const)('fills a large mart of %s with the cells of a small one', async (_what, parts, finest) => {
  const made = planOf(parts);
  // Sets that lie in each other, with different finest grains.
  const plan: MartPlan = {
    ...made,
    cubes: [
      ...made.cubes.map((cube) => ({ ...cube, mart: finest })),
      ...made.cubes.map(({ by }) => ({ by: by.slice(1), mart: 'WEEK' as const })),
    ],
  };
  const empty = async (): Promise<void> => {
    await database.run(`drop table if exists ${plan.name}`);
    await database.run(createTable(undefined, martTable(plan)));
  };
  await fc.assert(
    fc.asyncProperty(someEvents, async (given) => {
      await database.run(eventsSql('fact_made_up', given));
      await empty();
      await fillWhole(database, gold, plan);
      const cells = await database.mart(plan, plan.name);
      await empty();
      await fillWhole(database, gold, plan, 25);
      expect(await database.mart(plan, plan.name)).toEqual(cells);
    }),
    { numRuns: full ? 200 : 12, seed: 7 },
  );
});

it.each([
  ['what adds up over patients', list.parts.filter(({ kind }) => kind === 'count' || kind === 'sum'), false],
  ['what adds up, read once', list.parts.filter(({ kind }) => kind === 'count' || kind === 'sum'), true],
  ['a mean as well', list.parts, false],
  ['a mean as well, read once', list.parts, true],
])('corrects a mart of %s to what a full load makes of it', async (_what, parts, readOnce) => {
  const plan = planOf(parts);
  const { compile } = duckdbDialect;
  const make = (name: string, select: string): Promise<void> =>
    database.run(`create or replace temp table ${name} as ${select}`);
  const stage = (): Promise<void> =>
    make(stagedEvents(plan), compile(stagedQuery(gold, duckdbDialect, plan)).sql);
  const fill = async (): Promise<void> => {
    await database.run(`drop table if exists ${plan.name}`);
    await database.run(createTable(undefined, martTable(plan)));
    for (const statement of fillMart(gold, duckdbDialect, plan)) await database.run(compile(statement).sql);
  };
  const events = (name: string): DynamicQuery =>
    (gold.selectFrom(name as never) as unknown as DynamicQuery).select(measuredColumns(plan));
  const inDoubt = doubtfulCells(gold, plan);
  if (!inDoubt) throw new Error('the plan has no sums');
  const runs = { known: 0, doubtful: 0 };
  await fc.assert(
    fc.asyncProperty(
      someEvents,
      someEvents,
      fc.nat({ max: 60 }),
      someDays,
      async (before, news, keep, moved) => {
        const after = [...before.slice(0, keep), ...news.slice(0, 5)];
        await database.run(eventsSql('fact_made_up', before));
        await stage();
        await fill();
        await database.run(eventsSql('fact_made_up', after));
        await stage();
        const t = correctionTables;
        await database.run(eventsSql('were', before));
        await database.run(eventsSql('are', after));
        await database.run('create or replace temp table went as from were except all from are');
        await database.run('create or replace temp table came as from are except all from were');
        const changes = readOnce
          ? nowAndMoved(events('are'), events('went'), events('came'))
          : thenAndNowOf(events('were'), events('are'));
        await make(t.sums, compile(patientSums(gold, duckdbDialect, plan, changes)).sql);
        await make(t.changed, compile(changedEvents(gold, plan, changes)).sql);
        const sets = keptCells(plan).map(
          (row) =>
            `select ${Object.entries(row)
              .map(([column, value]) => `${typeof value === 'number' ? value : `'${value}'`} as ${column}`)
              .join(', ')}`,
        );
        await make(t.kept, sets.join(' union all '));
        await make('moved_day', `select unnest(cast([${moved.join(', ')}] as date[])) as day`);
        await make(t.buckets, compile(bucketsOf(gold, duckdbDialect, plan, 'moved_day')).sql);
        await make(t.touched, compile(bucketsOf(gold, duckdbDialect, plan, t.changed, ['patient_no'])).sql);
        await make(t.cells, compile(touchedCells(gold, duckdbDialect, plan)).sql);
        await make(t.differences, compile(patientDifferences(gold, duckdbDialect, plan)).sql);
        await make(t.counted, compile(countedCells(gold, duckdbDialect, plan)).sql);
        await make(t.corrected, `from ${plan.name} limit 0`);
        const doubtful = new Map<number, Grain[]>();
        const found = await database.read(inDoubt, [
          { name: 'by_set', type: { kind: 'int32' } },
          { name: 'grain', type: { kind: 'text', length: 8 } },
        ]);
        for (const { by_set, grain } of found)
          doubtful.set(Number(by_set), [...(doubtful.get(Number(by_set)) ?? []), grain as Grain]);
        runs[doubtful.size > 0 ? 'doubtful' : 'known'] += 1;
        const { statements } = correctMart(gold, duckdbDialect, plan, doubtful);
        for (const statement of statements) await database.run(compile(statement).sql);
        const replaced = joinTouched(plan, queryOf(gold, `${plan.name} as m`), 'm').select('m.rowid');
        await database.run(`delete from ${plan.name} where rowid in (${compile(replaced).sql})`);
        await database.run(`insert into ${plan.name} from ${t.corrected}`);
        const corrected = await database.mart(plan, plan.name);
        await fill();
        expect(corrected).toEqual(await database.mart(plan, plan.name));
      },
    ),
    { numRuns: full ? 200 : 14, seed: 7 },
  );
  expect(runs.known).toBeGreaterThan(0);
  expect(runs.doubtful).toBeGreaterThan(0);
});

it('knows the checked interval of 10 of 100', async () => {
  const events = Array.from(
    { length: 100 },
    (_none, index): Event => ({
      patient: index + 1,
      day: '2023-01-31',
      place: 'A',
      amount: null,
      items: null,
      score: index < 10 ? 5 : 0,
    }),
  );
  await database.run(eventsSql('fact_made_up', events));
  const query = (gold.selectFrom(cells(list.parts, true).as('c')) as unknown as DynamicQuery).select(
    (['lower', 'upper'] as const).map((name) => exact(duckdbDialect, list, aggregates[name]!).value.as(name)),
  );
  const [row] = await database.read(query, [
    { name: 'lower', type: { kind: 'double' } },
    { name: 'upper', type: { kind: 'double' } },
  ]);
  expect(row!['lower']).toBeCloseTo(5.5229, 4);
  expect(row!['upper']).toBeCloseTo(17.4366, 4);
});

it.each(Object.entries(aggregates))('writes %s in T-SQL that a dedicated pool takes', (_name, aggregate) => {
  const dialect = tsqlDialect('synapse');
  const relation = cellsQuery(gold, dialect, {
    source,
    by: ['PLACE'],
    grain: 'MONTH',
    parts: list.neededBy(aggregate, true),
    persons: true,
  });
  const { value, hidden } = controlled(dialect, list, aggregate, rule, {
    money: 'twoFigures',
    published: false,
  });
  const query = (gold.selectFrom(relation.as('c')) as unknown as DynamicQuery).select([
    dialect.output(value, measureType(aggregate)).as('value'),
    sql`case when ${hidden} then 1 else 0 end`.as('hidden'),
  ]);
  expect(lintTsql(dialect.compile(query).sql)).toEqual([]);
});
