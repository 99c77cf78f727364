import type { Diagnostic, Mode, Severity } from './syntax.js';

/** More than these of one severity say nothing new about a file. */
const most = 250;
/** Characters of a line that are shown. */
export const excerptLength = 160;

/** Collects what is wrong with a file. */
export class Diagnostics {
  readonly #found: { offset: number; diagnostic: Omit<Diagnostic, 'line' | 'column' | 'excerpt'> }[] = [];
  readonly #places = new Set<string>();
  readonly #counts: Record<Severity, number> = { error: 0, warning: 0 };

  constructor(
    readonly text: string,
    readonly mode: Mode,
  ) {}

  /** What cannot be understood, in either mode. */
  error(code: string, offset: number, message: string, hint?: string): void {
    this.#add('error', code, offset, message, hint);
  }

  /** A departure from the standard that is understood all the same: an error in strict mode, else a warning. */
  departure(code: string, offset: number, message: string, hint?: string): void {
    this.#add(this.mode === 'strict' ? 'error' : 'warning', code, offset, message, hint);
  }

  /** All of them with their places, in the order of the file. */
  list(): readonly Diagnostic[] {
    if (this.#found.length === 0) return [];
    const placeOf = placesOf(this.text);
    return this.#found
      .sort((a, b) => a.offset - b.offset)
      .map(({ offset, diagnostic }) => ({ ...diagnostic, ...placeOf(offset) }));
  }

  #add(severity: Severity, code: string, offset: number, message: string, hint: string | undefined): void {
    const key = `${offset} ${message}`;
    if (this.#counts[severity] >= most || this.#places.has(key)) return;
    this.#places.add(key);
    this.#counts[severity] += 1;
    const full = this.#counts[severity] === most;
    this.#found.push({
      offset,
      diagnostic: full
        ? {
            code: 'LIMIT',
            severity,
            message: `There are ${most} ${severity}s or more; the rest is not listed`,
          }
        : { code, severity, message, ...(hint === undefined ? {} : { hint }) },
    });
  }
}

type Place = Pick<Diagnostic, 'line' | 'column' | 'excerpt'>;

/** Finds places of a text by their offsets. */
export function placesOf(text: string): (offset: number) => Place {
  const lines = lineStarts(text);
  return (offset) => place(text, lines, offset);
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return starts;
}

/** Line and column of an offset, both from 1, and the line, cut around the column if it is long. */
function place(text: string, lines: readonly number[], offset: number): Place {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const start = lines[low] ?? 0;
  const end = lines[low + 1] ?? text.length;
  const from = offset - start > excerptLength / 2 ? offset - excerptLength / 2 : start;
  const excerpt = text
    .slice(from, Math.min(end, from + excerptLength))
    .replace(/[\r\n]+$/, '')
    .trimEnd();
  return { line: low + 1, column: offset - start + 1, excerpt };
}
