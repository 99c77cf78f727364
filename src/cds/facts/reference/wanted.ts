import type { FactReference } from '../fact.js';

/** Columns of the fact that a reference reads: those named, those of its conditions, and the times at which they become known. */
export function wantedColumns({ fact, columns, where }: FactReference): ReadonlySet<string> {
  const read = new Set([...columns, ...where.map(({ column }) => column)]);
  for (const name of [...read]) {
    const knownAt = fact.columns[name]?.knownAt;
    if (knownAt !== undefined) read.add(knownAt);
  }
  if (fact.time) read.add(fact.time.column);
  if (fact.trust !== undefined) read.add(fact.trust);
  return read;
}
