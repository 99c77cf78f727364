import fc from 'fast-check';
import { backTest, neededDays, originsOf } from '../../src/forecast/back-test.js';
import { forecast } from '../../src/forecast/forecast.js';
import type { Forecaster, ForecastMethod } from '../../src/forecast/method.js';
import { seasonalNaive } from '../../src/forecast/seasonal-naive.js';
import { hospital, series } from './series.js';

const go = () => Promise.resolve();
/** A forecaster that always says the same, within two beds. */
const always =
  (expected: number): Forecaster =>
  (_count, horizon) =>
    Array.from({ length: horizon }, () => ({
      expected,
      lower80: expected - 1,
      upper80: expected + 1,
      lower95: expected - 2,
      upper95: expected + 2,
    }));

describe('origins', () => {
  it('are none before eight weeks, or before one of four weeks has all its days known', () => {
    expect(neededDays(7)).toBe(56);
    expect(neededDays(28)).toBe(56);
    expect(neededDays(90)).toBe(118);
    for (const horizon of [1, 7, 28, 29, 90]) {
      expect(originsOf(neededDays(horizon) - 1, horizon)).toEqual([]);
      expect(originsOf(neededDays(horizon), horizon).length).toBeGreaterThan(0);
    }
  });
  it('have four weeks before them and all days of the horizon behind, the last one exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 56, max: 1_200 }), fc.integer({ min: 1, max: 90 }), (length, horizon) => {
        const origins = originsOf(length, horizon);
        expect(origins.length === 0).toBe(length < neededDays(horizon));
        expect(origins.length).toBeLessThanOrEqual(26);
        if (origins.length === 0) return;
        expect(origins[0]).toBeGreaterThanOrEqual(28);
        expect(origins.at(-1)).toBe(length - horizon);
        expect(origins).toEqual([...new Set(origins)].sort((a, b) => a - b));
        if (origins.length >= 14) expect(new Set(origins.map((count) => count % 7)).size).toBe(7);
      }),
    );
  });
});

describe('a back-test', () => {
  it('measures errors and how often the limits held', async () => {
    const census = series(60, (day) => 10 + (day % 2));
    const score = await backTest(always(10), census, [40, 50], 4, go);
    expect(score).toEqual({ mae: 0.5, mape: (100 * 0.5) / 11, coverage95: 100 });
    expect((await backTest(always(13), census, [40], 4, go)).coverage95).toBe(50);
  });
  it('has no relative error where no bed was occupied', async () => {
    expect(
      await backTest(
        always(0),
        series(60, () => 0),
        [40],
        7,
        go,
      ),
    ).toEqual({
      mae: 0,
      mape: null,
      coverage95: 100,
    });
  });
  it('gives way before each origin, and can be given up there', async () => {
    let turns = 0;
    const stop = () => {
      turns += 1;
      return turns < 3 ? go() : Promise.reject(new Error('given up'));
    };
    await expect(backTest(always(1), hospital(200), [50, 60, 70, 80], 7, stop)).rejects.toThrow('given up');
    expect(turns).toBe(3);
  });
});

describe('a forecast', () => {
  const census = series(200, () => 100);
  const methods = (naive: number, other: number) =>
    new Map<ForecastMethod, Forecaster>([
      ['SEASONAL_NAIVE', always(naive)],
      ['HOLT_WINTERS', always(other)],
    ]);
  const methodOf = async (naive: number, other: number, asked?: ForecastMethod) => {
    const { method, backTest } = await forecast(methods(naive, other), census, 7, asked, go);
    return [method, backTest.mae, backTest.baselineMae];
  };
  it('is that of the method with the least error', async () => {
    expect(await methodOf(90, 101)).toEqual(['HOLT_WINTERS', 1, 10]);
    expect(await methodOf(99, 120)).toEqual(['SEASONAL_NAIVE', 1, 1]);
  });
  it('is the simplest of equals', async () =>
    expect(await methodOf(95, 105)).toEqual(['SEASONAL_NAIVE', 5, 5]));
  it('is that of the method asked for, with the error of the baseline beside it', async () => {
    expect(await methodOf(99, 120, 'HOLT_WINTERS')).toEqual(['HOLT_WINTERS', 20, 1]);
  });
  it('fails for a method that is not there', async () => {
    await expect(methodOf(1, 1, 'FLOW')).rejects.toThrow('FLOW is not among the methods');
  });
  it('has the figures of the plain computation', async () => {
    const values = hospital(300);
    const made = await forecast(
      new Map([['SEASONAL_NAIVE', seasonalNaive(values)]]),
      values,
      14,
      undefined,
      go,
    );
    const errors = originsOf(300, 14).flatMap((count) =>
      Array.from({ length: 14 }, (_none, index) =>
        Math.abs(values[count + index]! - values[count + index - 7 * (index < 7 ? 1 : 2)]!),
      ),
    );
    expect(made.backTest.mae).toBeCloseTo(errors.reduce((a, b) => a + b) / errors.length, 9);
    expect(made.backTest.origins).toBe(originsOf(300, 14).length);
    expect(made.days).toEqual(seasonalNaive(values)(300, 14));
  });
});
