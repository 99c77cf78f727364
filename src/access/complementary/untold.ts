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
  const isHidden = (at: number): boolean => (few[at] === 1 && cells[at]?.open === false) || parts.has(at);
  // A part of a part is found in the same round where its group comes later, else in the next.
  let before: number;
  do {
    before = parts.size;
    for (const { parent, children } of groups)
      if (isHidden(parent)) for (const child of children) parts.add(child);
  } while (parts.size > before);
  return parts;
}

function inSparseLevels({ cells, levels }: Lattice, { values, hidden }: CellFigures): Set<number> {
  /** More than 0 of a level where more is hidden than shown. */
  const excess = new Map<number, number>();
  const isSecret = (at: number): boolean => hidden[at] === 1 || values[at] === 0;
  for (let at = 0; at < cells.length; at += 1) {
    if (cells[at]?.open) continue;
    const more = hidden[at] ? 1 : (values[at] ?? 0) > 0 ? -1 : 0;
    const level = levels[at] ?? 0;
    excess.set(level, (excess.get(level) ?? 0) + more);
  }
  const secret = new Set<number>();
  for (let at = 0; at < cells.length; at += 1)
    if ((excess.get(levels[at] ?? 0) ?? 0) > 0 && cells[at]?.open === false && isSecret(at)) secret.add(at);
  return secret;
}
