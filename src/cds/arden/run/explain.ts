import type { Blocker } from './blockers.js';
import { formatWallClock } from './format.js';
import { printLiteral } from './literal.js';
import { partsOf, type ReadTrace, type TraceNode } from './trace.js';
import { primaryTimeOf } from './values.js';

/** Where a part of a rule stands: line and column from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A node of a trace to be shown: text and values as literals. */
export interface Explanation {
  readonly span: Place;
  readonly text: string;
  readonly value: string | null;
  readonly primaryTime: string | null;
  readonly read?: {
    readonly fact: string;
    readonly window: { readonly from: string; readonly to: string } | null;
    /** Rows there are, and rows kept. */
    readonly found: number;
    readonly rows: number;
    readonly keys: readonly string[];
  };
  readonly children: readonly Explanation[];
}

/** Why a rule did not fire, to be shown. */
export interface ExplainedBlocker {
  readonly kind: Blocker['kind'];
  readonly span: Place;
  readonly text: string;
  readonly value: string | null;
  /** What the condition was of: of a comparison the values on both sides. */
  readonly operands: readonly { readonly text: string; readonly value: string | null }[];
  /** Facts that were read without a row. */
  readonly missing: readonly string[];
}

export interface Source {
  readonly file: string;
  readonly text: string;
}

/** Characters of a text that are shown. */
const longest = 240;

/** Shows traces of the MLM that a source has. */
export function explainer({ file, text }: Source) {
  const lines = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) lines.push(index + end.length);

  const placeOf = ({ start, end }: TraceNode['span']): Place => {
    let [low, high] = [0, lines.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lines[middle] ?? 0) <= start) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, column: start - (lines[low] ?? 0) + 1, length: end - start };
  };

  const textOf = ({ start, end }: TraceNode['span']): string => {
    const written = text.slice(start, end).replace(/\s+/g, ' ').trim();
    return written.length > longest ? `${written.slice(0, longest - 1)}…` : written;
  };

  const literalOf = ({ value }: Pick<TraceNode, 'value'>): string | null =>
    value ? printLiteral(value) : null;

  const node = (traced: TraceNode): Explanation => {
    const time = traced.value && primaryTimeOf(traced.value);
    return {
      span: placeOf(traced.span),
      text: textOf(traced.span),
      value: literalOf(traced),
      primaryTime: time ? formatWallClock(time.wall) : null,
      ...(traced.read ? { read: readOf(traced.read) } : {}),
      children: partsOf(traced).map(node),
    };
  };

  const blocker = ({ kind, node: blocking, missing }: Blocker): ExplainedBlocker => ({
    kind,
    span: placeOf(blocking.span),
    text: textOf(blocking.span),
    value: literalOf(blocking),
    operands: blocking.children
      .filter(({ value }) => value !== null)
      .map((child) => ({ text: textOf(child.span), value: literalOf(child) })),
    missing,
  });

  /** Line and column, from 1, and the text there. */
  const at = (span: TraceNode['span']): Pick<Place, 'line' | 'column'> & { readonly text: string } => {
    const { line, column } = placeOf(span);
    return { line, column, text: textOf(span) };
  };

  return { node, blocker, at };
}

function readOf({ braces, window, found, kept, keys }: ReadTrace): NonNullable<Explanation['read']> {
  return {
    fact: braces.trim(),
    window: window ? { from: formatWallClock(window.from.wall), to: formatWallClock(window.to.wall) } : null,
    found,
    rows: kept,
    keys,
  };
}
