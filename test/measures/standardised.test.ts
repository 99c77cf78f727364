import { join } from 'node:path';
import { type RawBuilder, sql } from 'kysely';
import { type Engine, openEngine } from '../../src/etl/engine.js';
import { foldGroups, slopeIndex } from '../../src/measures/slope.js';
import { europeanStandard2013, foldBands, standardisedRate } from '../../src/measures/standardised.js';
import type { Dialect, DynamicQuery } from '../../src/warehouse/dialect.js';
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import { tsqlDialect } from '../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../src/warehouse/mssql/lint.js';
import { temporaryFolder } from '../support/landing.js';

const folder = temporaryFolder();
const gold = goldBuilder();
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit: '1GB' });
});
afterAll(() => engine.close());

/** Released events and people of a band or group; hidden where one is null. */
interface Band {
  readonly member: number | string;
  readonly observed: number | null;
  readonly people: number | null;
}

const read = gold.selectFrom('bands' as never) as unknown as DynamicQuery;
const question = (fold: DynamicQuery, values: Readonly<Record<string, RawBuilder<unknown>>>): DynamicQuery =>
  (gold.selectFrom(fold.as('x')) as unknown as DynamicQuery).select(
    Object.entries(values).map(([name, value]) => value.as(name)),
  );
const rates = (dialect: Dialect): DynamicQuery =>
  question(foldBands(gold, dialect, read.selectAll(), [], europeanStandard2013), {
    rate: standardisedRate('x', 'rate'),
    lower: standardisedRate('x', 'lower'),
    upper: standardisedRate('x', 'upper'),
    hidden: sql.ref('x.hidden') as never,
  });
const groups = ['1', '2', '3', '4', '5'];
const slopes = (dialect: Dialect): DynamicQuery =>
  question(foldGroups(gold, dialect, read.selectAll(), [], groups), { slope: slopeIndex('x', groups) });

async function of<T>(query: DynamicQuery, bands: readonly Band[]): Promise<T> {
  const text = bands.some(({ member }) => typeof member === 'string') ? 'varchar' : 'integer';
  await engine.run(
    `create or replace table bands(member ${text}, observed double, people double, hidden integer)`,
  );
  for (const { member, observed, people } of bands)
    await engine.run(
      `insert into bands values (${text === 'varchar' ? `'${member}'` : member}, ${observed}, ${people}, ${observed === null || people === null ? 1 : 0})`,
    );
  const [row] = await engine.rows<T>(duckdbDialect.compile(query).sql);
  return row as T;
}

interface Rates {
  readonly rate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly hidden: number | null;
}
const rated = (bands: readonly Band[]): Promise<Rates> => of(rates(duckdbDialect), bands);
const sloped = async (bands: readonly Band[]): Promise<number | null> =>
  (await of<{ slope: number | null }>(slopes(duckdbDialect), bands)).slope;

const nineteen = (observed: number | null, people: number | null): Band[] =>
  europeanStandard2013.map((_weight, member) => ({ member, observed, people }));

describe('directly standardised rates', () => {
  it('have the European Standard Population of 2013 as weights', () => {
    expect(europeanStandard2013).toHaveLength(19);
    expect(europeanStandard2013.reduce((sum, weight) => sum + weight, 0)).toBe(100_000);
  });

  it('are 1,000.0 (855.407 to 1,161.041) for 10 events among 1,000 people in each of 19 bands', async () => {
    const { rate, lower, upper } = await rated(nineteen(10, 1_000));
    expect(rate).toBeCloseTo(1_000, 9);
    expect(lower).toBeCloseTo(855.407, 3);
    expect(upper).toBeCloseTo(1_161.041, 3);
  });

  it('agree with the formulas in plain code where the bands differ', async () => {
    const bands = europeanStandard2013.map((_weight, member) => ({
      member,
      observed: (member * 7) % 13,
      people: 200 + member * 31,
    }));
    let [rate, weights, variance, total] = [0, 0, 0, 0];
    for (const [at, { observed, people }] of bands.entries()) {
      const weight = europeanStandard2013[at]!;
      rate += (weight * observed) / people;
      weights += weight;
      variance += (weight ** 2 * observed) / people ** 2;
      total += observed;
    }
    const z = 1.959964;
    const scale = Math.sqrt(variance / weights ** 2 / total);
    const low = total * (1 - 1 / (9 * total) - z / (3 * Math.sqrt(total))) ** 3;
    const high = (total + 1) * (1 - 1 / (9 * (total + 1)) + z / (3 * Math.sqrt(total + 1))) ** 3;
    const found = await rated(bands);
    expect(found.rate).toBeCloseTo((100_000 * rate) / weights, 8);
    expect(found.lower).toBeCloseTo(100_000 * (rate / weights + scale * (low - total)), 6);
    expect(found.upper).toBeCloseTo(100_000 * (rate / weights + scale * (high - total)), 6);
  });

  it('leave out bands without people and ages that are not known', async () => {
    const some = nineteen(10, 1_000).slice(3, 8);
    expect((await rated([...some, { member: 12, observed: 0, people: 0 }])).rate).toBeCloseTo(1_000, 9);
    expect((await rated([...some, { member: -1, observed: 500, people: 10 }])).rate).toBeCloseTo(1_000, 9);
  });

  it('need ten events, and every band shown', async () => {
    const none = { rate: null, lower: null, upper: null };
    expect(await rated([{ member: 0, observed: 9, people: 100 }])).toMatchObject(none);
    expect((await rated([{ member: 0, observed: 10, people: 100 }])).rate).toBeCloseTo(10_000, 9);
    expect(await rated([...nineteen(10, 1_000).slice(1), { member: 0, observed: null, people: 50 }])).toEqual(
      {
        ...none,
        hidden: 1,
      },
    );
    expect(await rated([])).toMatchObject(none);
  });
});

describe('the slope index of inequality', () => {
  const five = (observed: readonly (number | null)[], people = 100_000): Band[] =>
    observed.map((events, at) => ({ member: groups[at]!, observed: events, people }));

  it('is -5 for five equal groups with rates of 10 9 8 7 6', async () => {
    expect(
      await sloped(
        five(
          [10, 9, 8, 7, 6].map((rate) => rate * 10),
          1_000_000,
        ),
      ),
    ).toBeCloseTo(-5, 9);
  });

  it('weights the groups by their people', async () => {
    const bands: Band[] = [
      { member: '1', observed: 40, people: 500 },
      { member: '2', observed: 100, people: 2_000 },
      { member: '4', observed: 30, people: 1_500 },
    ];
    const all = 4_000;
    let before = 0;
    const points = bands.map(({ observed, people }) => {
      const point = {
        a: people! / all,
        b: (before + people! / 2) / all,
        rate: (100_000 * observed!) / people!,
      };
      before += people!;
      return point;
    });
    const mean = (of: (point: (typeof points)[number]) => number) =>
      points.reduce((sum, point) => sum + point.a * of(point), 0);
    const slope =
      (mean(({ b, rate }) => b * rate) - mean(({ b }) => b) * mean(({ rate }) => rate)) /
      (mean(({ b }) => b * b) - mean(({ b }) => b) ** 2);
    expect(await sloped([...bands, { member: 'unknown', observed: 900, people: 10 }])).toBeCloseTo(slope, 8);
  });

  it('needs three groups, 50 events and every group shown', async () => {
    expect(await sloped(five([30, 30]))).toBeNull();
    expect(await sloped(five([20, 20, 9]))).toBeNull();
    expect(await sloped(five([20, 20, 10]))).not.toBeNull();
    expect(await sloped(five([20, 20, 20, 20, null]))).toBeNull();
    expect(await sloped([])).toBeNull();
  });
});

it('both are T-SQL that a dedicated pool takes', () => {
  const pool = tsqlDialect('synapse');
  for (const query of [rates, slopes]) expect(lintTsql(pool.compile(query(pool)).sql)).toEqual([]);
});
