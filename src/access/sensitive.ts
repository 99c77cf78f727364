import { MaplewoodError } from '../errors.js';

/** What stands for a listed code, and for what hangs on it. */
export const sensitiveMark = 'SENSITIVE';

/** The three-character categories of a list of categories and ranges, sorted, each once. Error: `CONFIGURATION`. */
export function categoriesOf(list: readonly string[]): string[] {
  const found = list.flatMap((item) => {
    const [first = '', last = first] = item.split('-');
    const [from, to] = [Number(first.slice(1)), Number(last.slice(1))];
    if (first[0] !== last[0] || !(from <= to))
      throw new MaplewoodError('CONFIGURATION', `${item} is no ICD-10 category and no range of one letter.`);
    return Array.from(
      { length: to - from + 1 },
      (_none, at) => `${first[0]}${String(from + at).padStart(2, '0')}`,
    );
  });
  return [...new Set(found)].sort();
}
