import type { Group, Lattice } from './lattice.js';

/** What lies around the cells, by place: the groups that one is part of, those it is split into, buckets beside it. */
export interface Around {
  readonly of: readonly (readonly Group[])[];
  readonly below: readonly (readonly Group[])[];
  readonly beside: readonly (readonly number[])[];
}

/** Made when it is first asked for, since most figures need no protection. */
export function aroundOf(lattice: Lattice): () => Around {
  let made: Around | undefined;
  return () => {
    made ??= makeAround(lattice);
    return made;
  };
}

function makeAround({ cells, groups, series }: Lattice): Around {
  const empty = <T>(): T[][] => cells.map(() => []);
  const [of, below, beside] = [empty<Group>(), empty<Group>(), empty<number>()];
  for (const group of groups) {
    below[group.parent]?.push(group);
    for (const child of group.children) of[child]?.push(group);
  }
  for (const { buckets } of series) {
    const inOrder = [...buckets].sort((a, b) => a.from - b.from);
    for (const [n, one] of inOrder.entries())
      for (const other of inOrder.slice(n + 1)) {
        if (other.from > one.to) break;
        if (one.cell === undefined || other.cell === undefined) continue;
        beside[one.cell]?.push(other.cell);
        beside[other.cell]?.push(one.cell);
      }
  }
  return { of, below, beside };
}
