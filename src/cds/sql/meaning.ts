import type { Item, Value } from '../arden/value.js';
import { NotCompilable } from './reason.js';
import { isLiteral, type Pipeline, pipelineKey, type Term } from './term.js';
import type { Terms } from './terms.js';
import { sameTime } from './times.js';

/** One value a patient with its primary time; null: it has none in any patient. */
export interface Scalar {
  readonly kind: 'scalar';
  readonly value: Term;
  readonly time: Term | null;
  /** Key of the row that it was taken from. */
  readonly rowKey?: Term;
}

/** A list with an element for each row of a pipeline; its terms are those of a row. */
export interface Rows {
  readonly kind: 'rows';
  readonly pipeline: Pipeline;
  readonly value: Term;
  readonly time: Term | null;
}

/** A list whose elements are written out. */
export interface Elements {
  readonly kind: 'elements';
  readonly items: readonly Scalar[];
}

/** What a name or an expression stands for while a rule is compiled. */
export type Meaning = Scalar | Rows | Elements;

export const scalar = (value: Term, time: Term | null = null): Scalar => ({ kind: 'scalar', value, time });

/** Error: `LIST` for a list. */
export function single(meaning: Meaning): Scalar {
  if (meaning.kind !== 'scalar') throw new NotCompilable('LIST');
  return meaning;
}

/** The value if it is known before the run; else undefined. */
export function constantOf(meaning: Meaning): Value | undefined {
  if (meaning.kind === 'rows') return undefined;
  if (meaning.kind === 'scalar') return constantItem(meaning);
  const items = meaning.items.map(constantItem);
  return items.every((item) => item !== undefined) ? { type: 'list', items } : undefined;
}

function constantItem({ value, time }: Scalar): Item | undefined {
  if (!isLiteral(value)) return undefined;
  if (time === null) return { ...value.datum, primaryTime: null };
  if (!isLiteral(time) || time.datum.type !== 'time') return undefined;
  return { ...value.datum, primaryTime: time.datum.value };
}

export function meaningOf(terms: Terms, value: Value): Meaning {
  if (value.type === 'list')
    return { kind: 'elements', items: value.items.map((item) => itemMeaning(terms, item)) };
  return itemMeaning(terms, value);
}

function itemMeaning(terms: Terms, item: Item): Scalar {
  const { primaryTime, ...datum } = item;
  return scalar(
    terms.literal(datum),
    primaryTime === null ? null : terms.literal({ type: 'time', value: primaryTime }),
  );
}

/** Computes a value from the values of single operands. */
export type Kernel = (terms: Terms, ...operands: readonly Term[]) => Term;

/**
 * An operator element by element: single operands go with every element, lists of the same rows pair up. The primary
 * time is that of the only operand, or that which all operands share.
 */
export function elementwise(terms: Terms, kernel: Kernel, operands: readonly Meaning[]): Meaning {
  const rows = operands.filter((operand): operand is Rows => operand.kind === 'rows');
  const lists = operands.filter((operand): operand is Elements => operand.kind === 'elements');
  const [first] = rows;
  if (first && lists.length > 0) throw new NotCompilable('LISTS');
  if (first) {
    const key = pipelineKey(first.pipeline);
    if (rows.some(({ pipeline }) => pipelineKey(pipeline) !== key)) throw new NotCompilable('LISTS');
    const all = operands.filter((operand): operand is Rows | Scalar => operand.kind !== 'elements');
    return { kind: 'rows', pipeline: first.pipeline, ...applied(terms, kernel, all) };
  }
  const [list] = lists;
  if (!list) return { kind: 'scalar', ...applied(terms, kernel, operands.map(single)) };
  if (lists.some(({ items }) => items.length !== list.items.length)) return scalar(terms.null);
  return {
    kind: 'elements',
    items: list.items.map((_, at) => {
      const nth = operands.flatMap((operand) =>
        operand.kind === 'elements' ? (operand.items[at] ?? []) : single(operand),
      );
      return { kind: 'scalar', ...applied(terms, kernel, nth) };
    }),
  };
}

function applied(terms: Terms, kernel: Kernel, operands: readonly (Rows | Scalar)[]) {
  const value = kernel(terms, ...operands.map((operand) => operand.value));
  return {
    value,
    time: sameTime(
      terms,
      operands.map(({ time }) => time),
    ),
  };
}
