import { join } from 'node:path';
import fc from 'fast-check';
import { makeGrant, type TrustCode } from '../../src/access/grant.js';
import { roleDeclarations } from '../../src/access/role.js';
import { disclosureModes } from '../../src/config/settings.js';
import { MaplewoodError } from '../../src/errors.js';
import type { FilterValue } from '../../src/loaders/filter.js';
import { planFor } from '../../src/loaders/load.js';
import { hiddenColumn, type Plan, totalColumn } from '../../src/loaders/plan/plan.js';
import type { MeasureQuestion } from '../../src/loaders/question.js';
import { cellsQuery } from '../../src/measures/cells.js';
import { filledColumns, keptSets, martCells, martTable } from '../../src/measures/mart.js';
import { dimensionOf } from '../../src/measures/source.js';
import { measureDatasets } from '../../src/schema/datasets.js';
import { martPlan } from '../../src/schema/mart-plan.js';
import type { DynamicQuery } from '../../src/warehouse/dialect.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import { grains } from '../../src/warehouse/grain.js';
import type { OutputColumn, ReleaseHandle, Warehouse } from '../../src/warehouse/warehouse.js';
import { testIdentifiers } from '../support/identifiers.js';
import { temporaryFolder } from '../support/landing.js';
import { plus } from './calendar.js';
import { namesIn, type Value } from './holds.js';
import { namedOutput } from './named-output.js';
import { type Asker, Oracle } from './oracle.js';
import { type Asked, asked, likeRow, turned } from './questions.js';
import { makeWorld, publish, type WorldSize } from './world.js';

const full = process.env['MAPLEWOOD_TEST_FULL'] === '1';
const runs = Number(process.env['MAPLEWOOD_TEST_CASES'] ?? (full ? 6_000 : 60));
const seed = Number(process.env['MAPLEWOOD_TEST_SEED'] ?? 20_240_117);

/** Datasets that are asked about: all, unless some are named. */
const named = process.env['MAPLEWOOD_TEST_DATASETS']?.split(' ');
const only = measureDatasets.filter(({ key }) => named?.includes(key) ?? true);

/** Summer time begins in the first, the year changes in the second, denominators pass 4,000 in it; the last ends with a year. */
const sizes: readonly WorldSize[] = [
  { name: 'spring', first: '2023-03-06', days: 70, patients: 90, spells: 260, attendances: 900 },
  { name: 'winter', first: '2022-12-05', days: 45, patients: 400, spells: 700, attendances: 5_200 },
  { name: 'few', first: '2022-12-23', days: 9, patients: 12, spells: 6, attendances: 25 },
];

interface Place {
  readonly first: string;
  readonly weight: number;
  readonly oracle: Oracle;
  readonly warehouse: Warehouse;
  readonly handle: ReleaseHandle;
}

/** Where worlds are that have been published before, for those who ask in many runs. */
const folder = process.env['MAPLEWOOD_TEST_WORLDS'] ?? temporaryFolder();
const gold = goldBuilder();
let places: Place[];

beforeAll(async () => {
  places = await Promise.all(
    sizes.map(async (size, index): Promise<Place> => {
      const world = makeWorld(seed + index, size);
      const warehouse = await publish(world, join(folder, size.name));
      return {
        first: size.first,
        weight: size.attendances > 500 ? 4 : 1,
        oracle: new Oracle(world),
        warehouse,
        handle: warehouse.open(),
      };
    }),
  );
}, 180_000);
afterAll(async () => {
  for (const { handle, warehouse } of places ?? []) {
    handle.close();
    await warehouse.close();
  }
});

const yesterdayOf = ({ lag }: Asked, { oracle }: Place): string => plus(oracle.world.dataAsOf, lag);

/** The plan of a question, or the code with which it is refused. */
function planned(it: Asked, question: MeasureQuestion, place: Place): Plan | string {
  const grant = makeGrant({
    role: it.role,
    trusts: it.trusts as readonly TrustCode[] | null,
    purpose: roleDeclarations[it.role].defaultPurpose,
    recipient: 'test',
  });
  try {
    const dataset = measureDatasets.find(({ key }) => key === question.dataset)!;
    return planFor(dataset, question, {
      dialect: place.warehouse.dialect,
      gold,
      grant,
      // Published figures are those of the rule by which the release withholds some.
      release: { ...place.handle.info, disclosure: disclosureModes[it.mode] },
      rule: disclosureModes[it.mode],
      yesterday: yesterdayOf(it, place),
      identifiers: testIdentifiers(),
      careDays: 30,
    });
  } catch (error) {
    if (error instanceof MaplewoodError) return error.code;
    throw error;
  }
}

interface Read {
  readonly rows: Record<string, Value>[];
  readonly hidden: ReadonlySet<string>[];
  readonly totals: ReadonlySet<unknown>;
  readonly more: boolean;
}

async function read(plan: Plan, handle: ReleaseHandle): Promise<Read> {
  await handle.read(plan.statement, plan.output);
  // The second time it runs as it was prepared.
  const { columns, rowCount } = await handle.read(plan.statement, plan.output);
  const at = (name: string): readonly unknown[] =>
    columns[plan.output.findIndex((column) => column.name === name)] ?? [];
  const shown = Array.from({ length: Math.min(rowCount, plan.first) }, (_none, row) => row);
  return {
    rows: shown.map((row) =>
      Object.fromEntries(namedOutput(plan).map(([name, place]) => [name, columns[place]?.[row] as Value])),
    ),
    hidden: shown.map(
      (row) =>
        new Set(plan.hideable.filter((_name, bit) => ((at(hiddenColumn)[row] as number) >> bit) % 2 === 1)),
    ),
    totals: new Set(shown.map((row) => at(totalColumn)[row])),
    more: rowCount > plan.first,
  };
}

/** Numbers are the same but for the last digits of a double; a decimal is found as text. */
const alike = (a: Value | undefined, b: Value | undefined): boolean =>
  typeof b === 'number' && typeof a === 'string'
    ? Number(a) === b
    : typeof a === 'number' && typeof b === 'number'
      ? Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))
      : a === b;

function expectRows(
  found: Read,
  expected: { rows: readonly Record<string, Value>[]; hidden: readonly ReadonlySet<string>[] },
  columns: readonly string[],
): void {
  const shown = (row: Record<string, Value>) =>
    Object.fromEntries(columns.map((name) => [name, row[name] ?? null]));
  const same = (a: Record<string, Value>, b: Record<string, Value>): boolean =>
    columns.every((name) => alike(a[name] ?? null, b[name] ?? null));
  const differs = expected.rows.findIndex(
    (row, index) => !found.rows[index] || !same(found.rows[index], row),
  );
  if (differs >= 0 || found.rows.length !== expected.rows.length) {
    const row = Math.max(differs, 0);
    expect({ at: row, of: found.rows.length, row: found.rows[row] && shown(found.rows[row]) }).toEqual({
      at: row,
      of: expected.rows.length,
      row: expected.rows[row] && shown(expected.rows[row]),
    });
  }
  expect(found.hidden.map((names) => [...names].sort())).toEqual(
    expected.hidden.map((names) => [...names].sort()),
  );
}

/** The question, with values of its own answer where it wants them. */
function settled({ question, likeRow: row }: Asked, oracle: Oracle, asker: Asker): MeasureQuestion {
  const { where, ...whole } = question;
  if (where === undefined || row === null) return question;
  const select = [...new Set([...whole.select, ...namesIn(where)])];
  const answer = oracle.answer({ ...whole, select }, asker);
  return answer.kind === 'rows' ? likeRow(question, answer.rows, row) : question;
}

async function check(it: Asked): Promise<'answered' | 'refused'> {
  const place = places[it.world]!;
  const asker = { role: it.role, trusts: it.trusts, yesterday: yesterdayOf(it, place), mode: it.mode };
  const question = settled(it, place.oracle, asker);
  const expected = place.oracle.answer(question, asker);
  const plan = planned(it, question, place);
  if (expected.kind === 'refused' || typeof plan === 'string') {
    expect(plan).toBe(expected.kind === 'refused' ? expected.code : 'an answer');
    return 'refused';
  }
  const columns = question.select.filter((name) => name !== 'suppressed');
  const page = (from: number) => ({
    rows: expected.rows.slice(from, from + question.first),
    hidden: expected.hidden.slice(from, from + question.first),
  });
  const first = await read(plan, place.handle);
  expectRows(first, page(0), columns);
  expect(first.more).toBe(expected.rows.length > question.first);
  if (question.total && first.rows.length > 0) expect([...first.totals]).toEqual([expected.rows.length]);

  if (it.turn) {
    const other = planned(it, turned(question), place);
    if (typeof other === 'string') throw new Error(`the same question turned round: ${other}`);
    expectRows(await read(other, place.handle), page(0), columns);
  }

  // Behind the last row of a page comes the next page, as often as there are pages; four of them are enough here.
  let last = first.rows.at(-1);
  for (
    let at = question.first;
    last && at <= Math.min(expected.rows.length, 3 * question.first);
    at += question.first
  ) {
    const key = last;
    const after = plan.key.map(({ name }) => key[name] as FilterValue);
    const next = planned(it, { ...question, after }, place);
    if (typeof next === 'string') throw new Error(`the next page: ${next}`);
    const found = await read(next, place.handle);
    expectRows(found, page(at), columns);
    if (question.total && found.rows.length > 0) expect([...found.totals]).toEqual([expected.rows.length]);
    if (question.total && found.rows.length === 0 && next.countStatement) {
      const counted = await place.handle.read(next.countStatement, [
        { name: totalColumn, type: { kind: 'int64' } },
      ]);
      expect(counted.columns[0]).toEqual([expected.rows.length]);
    }
    last = found.rows.at(-1);
  }
  return 'answered';
}

it(
  `answers ${runs} random questions (seed ${seed}) as the definitions say`,
  async () => {
    const outcomes = { answered: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(asked(places, only), async (it) => {
        outcomes[await check(it)] += 1;
      }),
      { seed, numRuns: runs, endOnFailure: process.env['MAPLEWOOD_TEST_SHRINK'] !== '1' },
    );
    expect(outcomes.answered).toBeGreaterThan(runs / 3);
  },
  full ? 1_800_000 : 180_000,
);

describe.each(measureDatasets.map((dataset) => [dataset.key, dataset] as const))('%s', (_key, dataset) => {
  it('has the same cells in the mart as from the events, for every kept set and grain', async () => {
    const plan = martPlan(dataset);
    const filled = new Set(filledColumns(plan));
    const types = Object.entries(martTable(plan).columns).filter(([column]) => filled.has(column));
    const kept = keptSets(plan);
    const cellsOf = async (place: Place, query: DynamicQuery, output: OutputColumn[]): Promise<string[]> => {
      const { dialect } = place.warehouse;
      const selected = (gold.selectFrom(query.as('c')) as unknown as DynamicQuery).select((eb) =>
        output.map(({ name, type }) => dialect.output(eb.ref(`c.${name}`), type).as(name)),
      );
      const { columns, rowCount } = await place.handle.read(dialect.compile(selected), output);
      return Array.from({ length: rowCount }, (_none, row) =>
        JSON.stringify(columns.map((column) => column[row])),
      ).sort();
    };
    let compared = 0;
    for (const place of full ? places : [places[0]!, places[2]!]) {
      for (const { by, finest } of kept.values()) {
        for (const grain of grains.slice(grains.indexOf(finest))) {
          const others = Object.keys(plan.source.dimensions).filter((name) => !by.includes(name));
          const absent = new Set([
            'by_set',
            'grain',
            ...(grain === 'ALL' ? ['period'] : []),
            ...others.map((name) => dimensionOf(plan.source, name).column),
          ]);
          const output = types
            .filter(([name]) => !absent.has(name))
            .map(([name, { type }]) => ({ name, type }));
          const mart = martCells(gold, plan, kept, by, grain);
          if (!mart) throw new Error('a kept set is not in the mart');
          const { dialect } = place.warehouse;
          const events = cellsQuery(gold, dialect, {
            source: plan.source,
            by,
            grain,
            parts: plan.parts,
            persons: true,
          });
          const [a, b] = [await cellsOf(place, mart, output), await cellsOf(place, events, output)];
          expect(a).toEqual(b);
          compared += a.length;
        }
      }
    }
    expect(compared).toBeGreaterThan(0);
  });
});
