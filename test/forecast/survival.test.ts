import fc from 'fast-check';
import { pooledRates, stratumRates, survival } from '../../src/forecast/survival.js';

interface Stay {
  /** Midnights spent so far. */
  readonly length: number;
  readonly ended: boolean;
}

const longest = 30;
const countsOf = (stays: readonly Stay[]) => {
  const of = (ended: boolean): number[] =>
    Array.from(
      { length: longest + 1 },
      (_none, length) => stays.filter((stay) => stay.ended === ended && stay.length === length).length,
    );
  return { ended: of(true), present: of(false) };
};

/** Product limit, person by person: who has spent so many midnights, and who of them leaves then. */
function plainSurvival(stays: readonly Stay[], length: number): number {
  let left = 1;
  for (let at = 1; at <= length; at += 1) {
    const atRisk = stays.filter((stay) => stay.length >= at);
    const leaving = atRisk.filter((stay) => stay.ended && stay.length === at);
    left *= 1 - leaving.length / atRisk.length;
  }
  return left;
}

const stays = fc.array(
  fc.oneof(
    fc.record({ length: fc.integer({ min: 1, max: longest }), ended: fc.constant(true) }),
    fc.record({ length: fc.integer({ min: 0, max: longest }), ended: fc.constant(false) }),
  ),
  { minLength: 1, maxLength: 60 },
);

describe('survival', () => {
  it('is the product limit, patients still here being censored, as far as five are known', () => {
    fc.assert(
      fc.property(stays, (known) => {
        const curve = survival(pooledRates(countsOf(known), longest));
        for (let length = 0; length <= longest; length += 1) {
          if (known.filter((stay) => stay.length >= length).length < 5) break;
          expect(curve[length]).toBeCloseTo(plainSurvival(known, length), 12);
        }
      }),
    );
  });
  it('begins with everybody and never rises', () => {
    fc.assert(
      fc.property(stays, stays, (all, few) => {
        const pool = pooledRates(countsOf([...all, ...few]), longest);
        for (const rates of [pool, stratumRates(countsOf(few), pool)]) {
          const curve = [...survival(rates)];
          expect(curve[0]).toBe(1);
          expect(curve).toEqual([...curve].sort((a, b) => b - a));
          expect(Math.min(...curve)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
  it('goes on beyond the longest well known stay at the rate of the last two weeks', () => {
    const known = Array.from({ length: 400 }, (_none, index) => ({ length: 1 + (index % 4), ended: true }));
    const rates = pooledRates(countsOf(known), longest);
    expect(rates[4]).toBe(1);
    // 400 of the 1,000 days at risk ended a stay.
    expect(rates[5]).toBeCloseTo(0.4, 12);
    expect(rates[30]).toBeCloseTo(0.4, 12);
  });
  it('of a stratum without stays is that of the pool', () => {
    const pool = pooledRates(countsOf([{ length: 2, ended: true }]), longest);
    expect([...stratumRates({ ended: [], present: [] }, pool)]).toEqual([...pool]);
  });
  it('of nobody ends at once', () => {
    expect([...survival(pooledRates({ ended: [], present: [] }, 3))]).toEqual([1, 0, 0, 0]);
  });
});
