import type { FigureKind } from '../../measures/figures.js';
import type { DisclosureRule } from '../disclosure.js';
import { aroundOf } from './around.js';
import { type CellFigures, type Intervals, isExposed } from './cell.js';
import { Choice } from './choice.js';
import type { GiveWay } from './in-turns.js';
import type { Lattice } from './lattice.js';
import { knownAtFirst, propagator } from './propagate.js';
import { untold } from './untold.js';

/**
 * Complementary suppression: chooses the cells in which a figure is not released, so that no hidden one can be worked out
 * from those that are. Of some nothing is told from the start (`untold`). Where an attacker could still narrow a hidden
 * figure to fewer than four values, one of those by which it is narrowed is withheld, until nothing is exposed. Where all
 * of them are secret already, nothing is told of these either. It takes long, and gives way to others.
 */
export function protector(
  lattice: Lattice,
  rule: DisclosureRule,
  giveWay: GiveWay,
): (figures: CellFigures, kind: FigureKind) => Promise<ReadonlySet<number>> {
  const { cells } = lattice;
  const propagate = propagator(lattice, giveWay);
  const around = aroundOf(lattice);
  return async (figures, kind) => {
    const hidden = [...cells.keys()].filter((at) => figures.hidden[at] === 1 && cells[at]?.open === false);
    if (hidden.length === 0) return new Set();
    const withheld = untold(lattice, figures);
    const choice = once(() => new Choice(cells, around(), figures, withheld));
    for (;;) {
      await giveWay();
      const intervals = knownAtFirst(cells, figures, withheld, rule);
      await propagate(intervals, kind);
      assertTrue(intervals, figures);
      const exposed = hidden.filter((at) => isExposed(intervals, at));
      if (exposed.length === 0) return withheld;
      const before = withheld.size;
      for (const at of exposed) {
        await giveWay();
        const chosen = choice().whatExposes(at, intervals);
        if (chosen !== undefined) withheld.add(chosen);
      }
      if (withheld.size > before) continue;
      for (const at of exposed) for (const one of choice().secretsAround(at)) withheld.add(one);
      // Nothing bounds a figure from above where nothing is told of any that is hidden or zero.
      if (withheld.size === before)
        for (const at of cells.keys()) if (!choice().isShown(at)) withheld.add(at);
      if (withheld.size === before)
        throw new Error('complementary suppression: a hidden figure cannot be protected');
    }
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Error: a figure lies outside of what is said of it, so that what is said of others may be wrong too. */
function assertTrue({ low, high }: Intervals, { values }: CellFigures): void {
  for (let at = 0; at < values.length; at += 1)
    if ((values[at] ?? 0) < (low[at] ?? 0) || (values[at] ?? 0) > (high[at] ?? 0))
      throw new Error('complementary suppression: released figures contradict each other');
}
