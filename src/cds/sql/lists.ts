import { comparison } from './kernels.js';
import { type Meaning, type Rows, type Scalar, scalar } from './meaning.js';
import { NotCompilable } from './reason.js';
import type { Pipeline, Step, Term } from './term.js';
import type { Terms } from './terms.js';
import { sameTime } from './times.js';

/** Column of every row with its primary time. */
export const rowTime = 'primary_time';
/** Column of every row with its key. */
export const rowKey = 'row_key';

/** The rows whose condition is TRUE. `scanned`: every use of the rows has the condition. */
export function kept(rows: Rows, condition: Term, scanned: boolean): Rows {
  return { ...rows, pipeline: withStep(rows.pipeline, { kind: 'where', condition, scanned }) };
}

export const withStep = (pipeline: Pipeline, step: Step): Pipeline => ({
  ...pipeline,
  steps: [...pipeline.steps, step],
});

/** Rows of the list, of which the condition is TRUE if one is given. */
export const tally = (terms: Terms, { pipeline }: Rows, condition?: Term): Term =>
  terms.aggregate(
    'tally',
    condition ? withStep(pipeline, { kind: 'where', condition, scanned: false }) : pipeline,
    'number',
  );

export const some = (terms: Terms, rows: Rows, condition: Term): Term =>
  terms.apply('>', 'boolean', tally(terms, rows, condition), terms.number(0));

/** A value that is null as soon as an element is: aggregates of SQL leave nulls out. */
export const unlessNull = (terms: Terms, rows: Rows, value: Term): Term =>
  terms.apply('choose', value.type, some(terms, rows, terms.isNull(rows.value)), terms.null, value);

/** The primary time that all elements share. */
export function sharedTime(terms: Terms, rows: Rows): Term | null {
  const { time } = rows;
  if (time === null || time.type === 'null') return null;
  if (time === terms.unavailable || time.type === 'wall') return terms.unavailable;
  const [first, last] = (['minimum', 'maximum'] as const).map((each) =>
    terms.aggregate(each, rows.pipeline, time.type, time),
  );
  if (!first || !last) return null;
  const one = terms.and(
    comparison('=')(terms, first, last),
    terms.not(some(terms, rows, terms.isNull(time))),
  );
  return terms.apply('choose', time.type, one, first, terms.null);
}

/** True where FIRST and LAST by primary time are those by place. */
export const inOrder = ({ time }: Rows): boolean => time?.kind === 'column' && time.column === rowTime;

/** From a list to one value. */
export type Aggregate = (terms: Terms, operand: Meaning) => Scalar;

/** A single value is a list of one element. */
export const itemsOf = (operand: Exclude<Meaning, Rows>): readonly Scalar[] =>
  operand.kind === 'scalar' ? [operand] : operand.items;

/** Of a single value or of elements written out: with the primary time that all of them share. */
export const timed = (terms: Terms, operand: Exclude<Meaning, Rows>, value: Term): Scalar =>
  scalar(
    value,
    sameTime(
      terms,
      itemsOf(operand).map(({ time }) => time),
    ),
  );

export const timePicked = (terms: Terms, time: Term, picked: (value: Term) => Term): Term =>
  time === terms.unavailable ? time : picked(time);

/** FIRST n FROM and LAST n FROM, by place or by primary time. */
export function taken(from: 'first' | 'last', byTime: boolean, n: number, operand: Meaning): Meaning {
  if (!Number.isInteger(n) || n < 0) throw new NotCompilable('TYPE');
  if (operand.kind === 'rows') {
    if (byTime && !inOrder(operand)) throw new NotCompilable('ORDER');
    return { ...operand, pipeline: withStep(operand.pipeline, { kind: from, n }) };
  }
  if (byTime) throw new NotCompilable('AGGREGATE');
  const items = itemsOf(operand);
  const start = Math.max(0, items.length - n);
  return { kind: 'elements', items: from === 'first' ? items.slice(0, n) : items.slice(start) };
}
