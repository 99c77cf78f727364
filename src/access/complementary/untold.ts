import type { CellFigures } from './cell.js';
import type { Lattice } from './lattice.js';

/**
 * Cells of which nothing is told, so that it is not known whether they are hidden or zero: the parts of a hidden total, and
 * the parts of these; and what is hidden or zero in a set of dimensions at a grain where more is hidden than shown. There
 * the hidden ones would tell each other, and what is shown above them, whatever else is withheld.
 */
export function untold(lattice: Lattice, figures: CellFigures): Set<number> {
  const found = inSparseLevels(lattice, figures);
  for (const at of partsOfHidden(lattice, figures)) found.add(at);
  return found;
}

/** All that is below a figure of few. */
function partsOfHidden({ cells, groups }: Lattice, { few }: CellFigures): Set<number> {
  const parts = new Set<number>();
  const isHidden = (at: number): boolean => (few[at] === true && cells[at]?.open === false) || parts.has(at);
  // A part of a part is found in the same round where its group comes later, else in the next.
  let before: number;
  do {
    before = parts.size;
    for (const { parent, children } of groups)
      if (isHidden(parent)) for (const child of children) parts.add(child);
  } while (parts.size > before);
  return parts;
}

function inSparseLevels({ cells }: Lattice, { values, hidden }: CellFigures): Set<number> {
  const levels = new Map<string, { readonly secret: number[]; hidden: number; shown: number }>();
  for (const [at, { by, grain, open }] of cells.entries()) {
    if (open) continue;
    const name = `${by.join()} ${grain}`;
    const level = levels.get(name) ?? { secret: [], hidden: 0, shown: 0 };
    levels.set(name, level);
    if (hidden[at]) level.hidden += 1;
    else if ((values[at] ?? 0) > 0) level.shown += 1;
    if (hidden[at] || values[at] === 0) level.secret.push(at);
  }
  return new Set(
    [...levels.values()].filter((level) => level.hidden > level.shown).flatMap(({ secret }) => secret),
  );
}
