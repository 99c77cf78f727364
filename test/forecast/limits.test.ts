import fc from 'fast-check';
import { byLead, quantile, withLimits } from '../../src/forecast/limits.js';

describe('a quantile', () => {
  it('lies at p · (n + 1)', () => {
    const sorted = [10, 20, 30, 40, 50, 60, 70, 80, 90];
    expect(quantile(sorted, 0.5)).toBe(50);
    expect(quantile(sorted, 0.1)).toBe(10);
    expect(quantile(sorted, 0.25)).toBe(25);
    expect(quantile(sorted, 0.975)).toBe(90);
    expect(quantile(sorted, 0.025)).toBe(10);
  });
  it('of one value is the value, of none is 0', () => {
    expect(quantile([7], 0.9)).toBe(7);
    expect(quantile([], 0.9)).toBe(0);
  });
});

describe('limits', () => {
  const errors = (count: number, size: number): Float64Array =>
    Float64Array.from({ length: count }, (_none, index) => size * ((2 * index) / (count - 1) - 1));

  it('are the quantiles of the errors of the lead', () => {
    const [day] = withLimits([100], [errors(199, 99)]);
    expect(day).toEqual({ expected: 100, lower95: 5, lower80: 20, upper80: 180, upper95: 195 });
  });
  it('widen those of a shorter lead where a lead has too few errors', () => {
    const [one, , , four] = withLimits(
      [100, 100, 100, 100],
      [errors(199, 10), errors(5, 1), new Float64Array(), new Float64Array()],
    );
    expect(four!.upper95 - 100).toBeCloseTo(2 * (one!.upper95 - 100), 9);
  });
  it('never expect less than no bed', () => {
    expect(withLimits([-3], [errors(50, 10)])[0]).toMatchObject({ expected: 0, lower80: 0, lower95: 0 });
  });
  it('are in order, whatever the errors', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            expected: fc.double({ min: -10, max: 1_000, noNaN: true }),
            errors: fc.array(fc.double({ min: -500, max: 500, noNaN: true }), { maxLength: 40 }),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        (leads) => {
          const days = withLimits(
            leads.map(({ expected }) => expected),
            leads.map((lead) => Float64Array.from(lead.errors)),
          );
          for (const { expected, lower80, upper80, lower95, upper95 } of days) {
            const order = [0, lower95, lower80, expected, upper80, upper95];
            expect(order).toEqual([...order].sort((a, b) => a - b));
          }
        },
      ),
    );
  });
});

it('turns paths of different length into errors by lead', () => {
  const paths = [Float64Array.of(1, 2, 3), Float64Array.of(4, 5), Float64Array.of(6)];
  expect(byLead(paths, 3).map((errors) => [...errors])).toEqual([[1, 4, 6], [2, 5], [3]]);
});
