import type { FactRowValues } from '../../../src/cds/facts/rows/rows-of.js';
import { keyOf, type Patient, type Population, randomOf } from '../../../src/cds/proof/patients.js';
import type { FixtureCase } from '../../../src/cds/testing/fixture.js';

/** Patients of the cases of a rule by their times, and some whose rows are drawn from all of them. */
export function mixed(cases: readonly FixtureCase[], mixtures: number): Population[] {
  const random = randomOf(cases.length);
  const byTime = new Map<number, FixtureCase[]>();
  for (const one of cases) byTime.set(one.now.instant, [...(byTime.get(one.now.instant) ?? []), one]);
  const rows = new Map<string, FactRowValues[]>();
  for (const one of cases)
    for (const [fact, given] of one.rows) rows.set(fact, [...(rows.get(fact) ?? []), ...given]);
  const keyed = (row: FactRowValues): FactRowValues => ({ ...row, key: keyOf(random) });
  const drawn = (): Patient =>
    new Map(
      [...rows].map(([fact, all]) => {
        const count = Math.floor(random() * random() * 2 * all.length);
        const some = Array.from({ length: count }, () => all[Math.floor(random() * all.length)]);
        return [fact, some.flatMap((row) => (row ? [keyed(blanked(row, random))] : []))];
      }),
    );
  return [...byTime.values()].map((ofTime) => {
    const given = ofTime.map(
      ({ rows: own }): Patient => new Map([...own].map(([fact, all]) => [fact, all.map(keyed)])),
    );
    const patients = [...given, ...Array.from({ length: Math.ceil(mixtures / byTime.size) }, drawn)];
    return { now: ofTime[0]?.now ?? { wall: 0, instant: 0 }, patients };
  });
}

/** Now and then a value of a row is not known. */
const blanked = (row: FactRowValues, random: () => number): FactRowValues => ({
  ...row,
  values: Object.fromEntries(
    Object.entries(row.values).map(([name, value]) => [name, random() < 0.03 ? null : value]),
  ),
});
