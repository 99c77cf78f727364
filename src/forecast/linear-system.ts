import { at } from './series.js';

/**
 * Solution of a linear system, given as rows of coefficients followed by the right-hand side: Gauss and Jordan with the
 * largest pivot. What the system leaves open is 0.
 */
export function solve(system: readonly (readonly number[])[]): number[] {
  const rows: Float64Array[] = system.map((row) => Float64Array.from(row));
  const size = rows.length;
  const row = (index: number): Float64Array => rows[index] ?? new Float64Array(size + 1);
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let other = column + 1; other < size; other += 1)
      if (Math.abs(at(row(other), column)) > Math.abs(at(row(pivot), column))) pivot = other;
    [rows[column], rows[pivot]] = [row(pivot), row(column)];
    const head = at(row(column), column);
    if (head === 0) continue;
    for (let other = 0; other < size; other += 1) {
      const factor = other === column ? 0 : at(row(other), column) / head;
      if (factor === 0) continue;
      const line = row(other);
      for (let k = column; k <= size; k += 1) line[k] = at(line, k) - factor * at(row(column), k);
    }
  }
  return rows.map((line, index) => (at(line, index) === 0 ? 0 : at(line, size) / at(line, index)));
}
