import { factSpell } from '../../warehouse/gold/facts.js';
import type { Engine } from '../engine.js';
import type { FactRelation } from './fill.js';

/** All rows of a fact. */
export const allPatients: FactRelation = (fact) => fact;

/**
 * The facts of ranges of patients, ascending, each with about so many spells: what meets the events of a patient with
 * each other needs memory for all patients of a statement. One range where there are no more spells than that.
 */
export async function patientRanges(engine: Engine, spellsAtOnce = 1_000_000): Promise<FactRelation[]> {
  const [size] = await engine.rows<{ spells: number; last: number | null }>(
    `select cast(count(*) as double) as spells, cast(max(patient_no) as double) as last from ${factSpell.name}`,
  );
  const ranges = Math.ceil((size?.spells ?? 0) / spellsAtOnce);
  if (ranges <= 1) return [allPatients];
  const each = Math.ceil(((size?.last ?? 0) + 1) / ranges);
  return Array.from({ length: ranges }, (_none, range): FactRelation => {
    const first = range * each;
    return (fact) => `(select * from ${fact} where patient_no between ${first} and ${first + each - 1})`;
  });
}
