import { solve } from './linear-system.js';
import { at } from './series.js';

/** Mean length of a year in days (Gregorian). */
const year = 365.2425;

/** Waves a year that a history of so many days can tell: none below half a year, two from two years on. */
export const harmonicsFor = (days: number): number => (days < year / 2 ? 0 : days < 2 * year ? 1 : 2);

/** 1, then cosine and sine of the waves of 1 … `harmonics` a year, on a day. */
function waves(day: number, harmonics: number): number[] {
  const row = [1];
  for (let k = 1; k <= harmonics; k += 1) {
    const angle = (2 * Math.PI * k * day) / year;
    row.push(Math.cos(angle), Math.sin(angle));
  }
  return row;
}

/**
 * The annual pattern in the first `count` values as a function of the day's index: Fourier terms by least squares,
 * around a mean that is left out. Zero where the history is too short for any.
 */
export function annualPattern(values: readonly number[], count: number): (day: number) => number {
  const harmonics = harmonicsFor(count);
  if (harmonics === 0) return () => 0;
  const size = 1 + 2 * harmonics;
  const normal = Array.from({ length: size }, () => new Float64Array(size + 1));
  for (let day = 0; day < count; day += 1) {
    const row = waves(day, harmonics);
    normal.forEach((line, i) => {
      for (let j = 0; j < size; j += 1) line[j] = at(line, j) + at(row, i) * at(row, j);
      line[size] = at(line, size) + at(row, i) * at(values, day);
    });
  }
  const terms = solve(normal.map((line) => [...line])).slice(1);
  return (day) =>
    waves(day, harmonics)
      .slice(1)
      .reduce((total, wave, i) => total + wave * at(terms, i), 0);
}
