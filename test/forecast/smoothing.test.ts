import { annualPattern, harmonicsFor } from '../../src/forecast/annual.js';
import { solve } from '../../src/forecast/linear-system.js';
import { normalFrom, uniformFrom } from '../../src/forecast/random.js';
import { fitSmoothing, smooth } from '../../src/forecast/smoothing.js';
import { hospital, series } from './series.js';

/** Holt and Winters as the textbook writes it, level, trend and season each from a full list. */
function plainForecast(values: readonly number[], horizon: number): number[] {
  const { alpha, beta, gamma } = fitSmoothing(Float64Array.from(values));
  const phi = 0.98;
  const start = values.slice(0, 28);
  let level = start.reduce((a, b) => a + b) / 28;
  let trend = 0;
  const season = [0, 1, 2, 3, 4, 5, 6].map(
    (weekday) => start.filter((_value, day) => day % 7 === weekday).reduce((a, b) => a + b) / 4 - level,
  );
  values.forEach((value, day) => {
    const error = value - level - phi * trend - season[day % 7]!;
    level = level + phi * trend + alpha * error;
    trend = phi * trend + beta * error;
    season[day % 7] = season[day % 7]! + gamma * error;
  });
  return Array.from({ length: horizon }, (_none, index) => {
    let faded = 0;
    for (let power = 1; power <= index + 1; power += 1) faded += phi ** power;
    return level + faded * trend + season[(values.length + index) % 7]!;
  });
}

describe('smoothing', () => {
  it('forecasts what the textbook formulas do', () => {
    const values = hospital(150);
    const made = smooth(Float64Array.from(values), 20).forecast;
    plainForecast(values, 20).forEach((expected, index) => {
      expect(made[index]).toBeCloseTo(expected, 6);
    });
  });
  it('keeps the errors of its forecasts of earlier days', () => {
    const values = Float64Array.from(hospital(150));
    const { paths } = smooth(values, 20);
    expect(paths.length).toBeGreaterThan(80);
    expect(paths.every((path) => path.length >= 1 && path.length <= 20)).toBe(true);
    expect(paths.at(-1)!.length).toBe(1);
  });
  it('learns nothing from a series without change', () => {
    const { forecast, paths } = smooth(Float64Array.from(series(100, () => 42)), 10);
    expect([...forecast]).toEqual(new Array(10).fill(42));
    expect(new Set(paths.flatMap((path) => [...path]))).toEqual(new Set([0]));
  });
  it('starts from two weeks where there are less than eight', () => {
    expect(smooth(Float64Array.from(series(28, (day) => 10 + (day % 7))), 3).forecast[0]).toBeCloseTo(10, 9);
  });
});

describe('the annual pattern', () => {
  it('is none below half a year, one wave below two years, then two', () => {
    expect([182, 183, 730, 731].map(harmonicsFor)).toEqual([0, 1, 1, 2]);
    expect(annualPattern(hospital(100), 100)(50)).toBe(0);
  });
  it('gives back the waves that a series is made of', () => {
    const angle = (day: number): number => (2 * Math.PI * day) / 365.2425;
    const pattern = (day: number): number => 30 * Math.sin(angle(day)) - 12 * Math.cos(2 * angle(day));
    const found = annualPattern(
      series(900, (day) => 400 + pattern(day)),
      900,
    );
    for (const day of [0, 123, 450, 899, 950]) expect(found(day)).toBeCloseTo(pattern(day), 6);
  });
});

describe('a linear system', () => {
  it('is solved, rows in any order', () => {
    expect(
      solve([
        [0, 2, 4],
        [3, 1, 5],
      ]),
    ).toEqual([1, 2]);
  });
  it('leaves at 0 what it does not determine', () => {
    expect(
      solve([
        [1, 0, 7],
        [0, 0, 0],
      ]),
    ).toEqual([7, 0]);
  });
});

describe('chance', () => {
  it('is the same for the same seed and another one for another', () => {
    const first = (seed: number) => Array.from({ length: 5 }, uniformFrom(seed));
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });
  it.each([0, 1, 2, 12_345])('has mean 0 and variance 1 from seed %d', (seed) => {
    const draw = normalFrom(seed);
    const drawn = Array.from({ length: 20_000 }, draw);
    const mean = drawn.reduce((a, b) => a + b) / drawn.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(drawn.reduce((a, b) => a + b * b, 0) / drawn.length - 1)).toBeLessThan(0.05);
  });
});
