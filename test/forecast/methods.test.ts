import { flow } from '../../src/forecast/flow.js';
import { holtWinters } from '../../src/forecast/holt-winters.js';
import type { Forecaster } from '../../src/forecast/method.js';
import { seasonalNaive } from '../../src/forecast/seasonal-naive.js';
import type { StayCounts } from '../../src/forecast/survival.js';
import { hospital, series } from './series.js';

const expectedOf = (forecaster: Forecaster, count: number, horizon: number): number[] =>
  forecaster(count, horizon).map(({ expected }) => expected);

/** Stays that end with the same chance every day: `entering` a day for so long that nothing changes any more. */
function steady(entering: number, rate: number): StayCounts {
  const stayed = (length: number): number => entering * (1 - rate) ** length;
  const lengths = Array.from({ length: 200 }, (_none, length) => length);
  return {
    ended: lengths.map((length) => (length === 0 ? 0 : 1e6 * rate * stayed(length - 1))),
    present: lengths.map(stayed),
  };
}

describe('every method', () => {
  const census = hospital(500);
  const changed = census.map((value, day) => (day < 400 ? value : value * 3 + 17));
  const stays = new Map([[400, [steady(10, 0.2)]]]);
  const methods: [string, (values: number[]) => Forecaster][] = [
    ['SEASONAL_NAIVE', seasonalNaive],
    ['HOLT_WINTERS', holtWinters],
    ['FLOW', (values) => flow({ admissions: values, staysAfter: stays, seed: 1 })],
  ];
  it.each(methods)('%s uses nothing that comes after the origin', (_name, make) => {
    expect(make(changed)(400, 28)).toEqual(make(census)(400, 28));
    expect(make(census.slice(0, 400))(400, 28)).toEqual(make(census)(400, 28));
  });
  it.each(methods)('%s gives the same answer to the same question', (_name, make) => {
    expect(make(census)(400, 28)).toEqual(make(census)(400, 28));
  });
  it.each(methods)('%s says the same of a day whatever days follow', (_name, make) => {
    const long = expectedOf(make(census), 400, 60);
    expectedOf(make(census), 400, 7).forEach((day, index) => {
      expect(day).toBeCloseTo(long[index]!, 9);
    });
  });
});

describe('SEASONAL_NAIVE', () => {
  it('repeats the last week, and that again', () => {
    const census = series(60, (day) => day * 10);
    expect(expectedOf(seasonalNaive(census), 60, 9)).toEqual([530, 540, 550, 560, 570, 580, 590, 530, 540]);
  });
  it('is certain of a series that always repeats', () => {
    const days = seasonalNaive(series(70, (day) => 50 + (day % 7)))(70, 14);
    for (const { expected, lower95, upper95 } of days)
      expect([lower95, upper95]).toEqual([expected, expected]);
  });
  it('has limits from what it has missed at the same distance in weeks', () => {
    // Rises by one a day: one week later it has missed 7, two weeks later 14.
    const days = seasonalNaive(series(100, (day) => day))(100, 8);
    expect(days[0]).toMatchObject({ expected: 93, lower95: 93, upper95: 100, upper80: 100 });
    expect(days[7]).toMatchObject({ expected: 93, upper95: 107 });
  });
});

describe('HOLT_WINTERS', () => {
  it('finds week and level of a series without noise', () => {
    const week = [5, -3, 0, 8, -1, -6, -3];
    const value = (day: number): number => 200 + week[day % 7]!;
    const forecast = expectedOf(holtWinters(series(120, value)), 120, 21);
    forecast.forEach((expected, index) => {
      expect(expected).toBeCloseTo(value(120 + index), 6);
    });
  });
  it('follows the year', () => {
    const value = (day: number): number => 500 + 80 * Math.cos((2 * Math.PI * day) / 365.2425);
    const forecast = expectedOf(holtWinters(series(800, value)), 800, 90);
    forecast.forEach((expected, index) => {
      expect(Math.abs(expected - value(800 + index))).toBeLessThan(1);
    });
  });
  it('has limits that hold on new noise about as often as they say', () => {
    const census = hospital(800);
    let within = 0;
    const origins = Array.from({ length: 40 }, (_none, index) => 500 + 7 * index + (index % 7));
    for (const count of origins) {
      holtWinters(census)(count, 7).forEach(({ lower95, upper95 }, index) => {
        const actual = census[count + index]!;
        if (actual >= lower95 && actual <= upper95) within += 1;
      });
    }
    expect(within / (7 * origins.length)).toBeGreaterThan(0.88);
  });
});

describe('FLOW', () => {
  const [entering, rate] = [12, 0.25];
  const admissions = series(300, () => entering);
  const inputs = (staysAfter: readonly StayCounts[], arriving = admissions) =>
    flow({ admissions: arriving, staysAfter: new Map([[300, staysAfter]]), seed: 3 });

  it('stays where it is when as many come as go', () => {
    for (const expected of expectedOf(inputs([steady(entering, rate)]), 300, 30))
      expect(expected).toBeCloseTo(entering / rate, 1);
  });
  it('empties by the survival of the stays when nobody comes', () => {
    const none = series(300, () => 0);
    expectedOf(inputs([steady(entering, rate)], none), 300, 10).forEach((expected, index) => {
      expect(expected).toBeCloseTo((entering / rate) * (1 - rate) ** (index + 1), 1);
    });
  });
  it('tells strata apart', () => {
    const none = series(300, () => 0);
    const strata = [steady(8, 0.5), steady(3, 0.1)];
    expectedOf(inputs(strata, none), 300, 5).forEach((expected, index) => {
      const lead = index + 1;
      expect(expected).toBeCloseTo(16 * 0.5 ** lead + 30 * 0.9 ** lead, 1);
    });
  });
  it('is the wider the further ahead, when the chance of leaving is all there is', () => {
    const none = series(300, () => 0);
    const widths = inputs([steady(40, 0.05)], none)(300, 5).map(({ upper95, lower95 }) => upper95 - lower95);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(widths[0]).toBeGreaterThan(0);
  });
  it('cannot forecast from a day of which no stays were counted', () => {
    expect(() => inputs([])(299, 7)).toThrow('no stays after 299 days');
  });
});
