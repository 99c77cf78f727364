import { comparison, divided, plus } from './kernels.js';
import { type Meaning, type Rows, type Scalar, scalar } from './meaning.js';
import { chosenOf } from './merge.js';
import { NotCompilable } from './reason.js';
import {
  isDuration,
  isTime,
  type Pipeline,
  type SetFunction,
  type Step,
  type Term,
  type TermType,
} from './term.js';
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

const number = (terms: Terms, value: number): Scalar => scalar(terms.number(value));

/** Rows of the list, of which the condition is TRUE if one is given. */
export const tally = (terms: Terms, { pipeline }: Rows, condition?: Term): Term =>
  terms.aggregate(
    'tally',
    condition ? withStep(pipeline, { kind: 'where', condition, scanned: false }) : pipeline,
    'number',
  );

const some = (terms: Terms, rows: Rows, condition: Term): Term =>
  terms.apply('>', 'boolean', tally(terms, rows, condition), terms.number(0));

/** A value that is null as soon as an element is: aggregates of SQL leave nulls out. */
const unlessNull = (terms: Terms, rows: Rows, value: Term): Term =>
  terms.apply('choose', value.type, some(terms, rows, terms.isNull(rows.value)), terms.null, value);

/** The primary time that all elements share. */
function sharedTime(terms: Terms, rows: Rows): Term | null {
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
const inOrder = ({ time }: Rows): boolean => time?.kind === 'column' && time.column === rowTime;

type Aggregate = (terms: Terms, operand: Meaning) => Scalar;

/** A single value is a list of one element. */
const itemsOf = (operand: Exclude<Meaning, Rows>): readonly Scalar[] =>
  operand.kind === 'scalar' ? [operand] : operand.items;

const count: Aggregate = (terms, operand) =>
  operand.kind === 'rows' ? scalar(tally(terms, operand)) : number(terms, itemsOf(operand).length);

const exist: Aggregate = (terms, operand) => {
  if (operand.kind === 'rows')
    return {
      ...scalar(some(terms, operand, terms.not(terms.isNull(operand.value)))),
      time: sharedTime(terms, operand),
    };
  const present = itemsOf(operand).map(({ value }) => terms.not(terms.isNull(value)));
  return timed(terms, operand, anyOf(terms, present));
};

const anyOf = (terms: Terms, values: readonly Term[]): Term =>
  values.reduce((all, each) => terms.apply('or', 'boolean', all, each), terms.false as Term);

/** Of a single value or of elements written out: with the primary time that all of them share. */
const timed = (terms: Terms, operand: Exclude<Meaning, Rows>, value: Term): Scalar =>
  scalar(
    value,
    sameTime(
      terms,
      itemsOf(operand).map(({ time }) => time),
    ),
  );

const truthList = (operand: Meaning): void => {
  const values = operand.kind === 'rows' ? [operand] : itemsOf(operand);
  for (const { value } of values)
    if (value.type !== 'boolean' && value.type !== 'null') throw new NotCompilable('TYPE');
};

/** ANY: TRUE as soon as one is, else NULL as soon as one is, else FALSE. */
const any: Aggregate = (terms, operand) => {
  truthList(operand);
  if (operand.kind !== 'rows')
    return timed(
      terms,
      operand,
      anyOf(
        terms,
        itemsOf(operand).map(({ value }) => value),
      ),
    );
  const unknown = some(terms, operand, terms.isNull(operand.value));
  const otherwise = terms.apply('choose', 'boolean', unknown, terms.null, terms.false);
  const value = terms.apply('choose', 'boolean', some(terms, operand, operand.value), terms.true, otherwise);
  return { ...scalar(value), time: sharedTime(terms, operand) };
};

const negatedList = (terms: Terms, operand: Meaning): Meaning =>
  operand.kind === 'elements'
    ? { ...operand, items: operand.items.map((item) => ({ ...item, value: terms.not(item.value) })) }
    : { ...operand, value: terms.not(operand.value) };

const no: Aggregate = (terms, operand) => {
  const found = any(terms, operand);
  return { ...found, value: terms.not(found.value) };
};

const all: Aggregate = (terms, operand) => {
  truthList(operand);
  return no(terms, negatedList(terms, operand));
};

const measured = (value: Term): void => {
  if (value.type !== 'number' && !isDuration(value) && value.type !== 'null')
    throw new NotCompilable(isTime(value) ? 'AGGREGATE' : 'TYPE');
};

const sum: Aggregate = (terms, operand) => {
  if (operand.kind === 'rows') {
    measured(operand.value);
    const total = terms.aggregate('total', operand.pipeline, operand.value.type, operand.value);
    return { ...scalar(unlessNull(terms, operand, total)), time: sharedTime(terms, operand) };
  }
  const [first, ...others] = itemsOf(operand).map(({ value }) => value);
  if (!first) return number(terms, 0);
  measured(first);
  return timed(
    terms,
    operand,
    others.reduce((total, each) => plus(terms, total, each), first),
  );
};

const average: Aggregate = (terms, operand) => {
  const total = sum(terms, operand);
  const n = count(terms, operand).value;
  return { ...total, value: divided(terms, total.value, n) };
};

/** A function that leaves nulls out in SQL and is null with one in Arden. */
const statistic =
  (setFunction: SetFunction): Aggregate =>
  (terms, operand) => {
    if (operand.kind !== 'rows') throw new NotCompilable('AGGREGATE');
    const { value, pipeline } = operand;
    const type: TermType = value.type;
    if (type !== 'number' && type !== 'null' && !(setFunction === 'median' && isDuration(value)))
      throw new NotCompilable(isTime(value) ? 'AGGREGATE' : 'TYPE');
    const found = unlessNull(terms, operand, terms.aggregate(setFunction, pipeline, type, value));
    // The primary time of a median is that of the middle elements.
    if (setFunction === 'median') return scalar(found, operand.time && terms.unavailable);
    return { ...scalar(found), time: sharedTime(terms, operand) };
  };

/** MINIMUM and MAXIMUM: the primary time is that of the chosen element, of several equal ones the latest. */
const extreme =
  (which: 'minimum' | 'maximum'): Aggregate =>
  (terms, operand) => {
    if (operand.kind !== 'rows') return extremeOf(terms, which, itemsOf(operand));
    const { value, time, pipeline } = operand;
    if (value.type === 'boolean') throw new NotCompilable('TYPE');
    if (value.type === 'wall') throw new NotCompilable('TIME');
    const found = unlessNull(terms, operand, terms.aggregate(which, pipeline, value.type, value));
    if (time === null) return scalar(found);
    const shared = sharedTime(terms, operand);
    if (!inOrder(operand) || shared === null) return scalar(found, terms.unavailable);
    const by = { term: value, descending: which === 'maximum' };
    const chosen = terms.pick({ from: 'last', by }, pipeline, time);
    return scalar(found, terms.apply('choose', time.type, terms.isNull(found), shared, chosen));
  };

function extremeOf(terms: Terms, which: 'minimum' | 'maximum', items: readonly Scalar[]): Scalar {
  const [first, ...others] = items;
  if (!first) return scalar(terms.null);
  if (items.some(({ value }) => value.type === 'boolean')) throw new NotCompilable('TYPE');
  if (others.length === 0) return first;
  const time = items.every((each) => each.time === null) ? null : terms.unavailable;
  const better = comparison(which === 'minimum' ? '<' : '>');
  const value = others.reduce((best, each) => {
    const missing = terms.apply('or', 'boolean', terms.isNull(best), terms.isNull(each.value));
    const chosen = chosenOf(terms, better(terms, each.value, best), each.value, best);
    return chosenOf(terms, missing, terms.null, chosen);
  }, first.value);
  return scalar(value, time);
}

/** FIRST and LAST by place; EARLIEST and LATEST by primary time, which on rows is the same. */
const end =
  (from: 'first' | 'last', byTime: boolean): Aggregate =>
  (terms, operand) => {
    if (operand.kind === 'rows') {
      if (byTime && operand.time === null) return scalar(terms.null);
      if (byTime && !inOrder(operand)) throw new NotCompilable('ORDER');
      const picked = (value: Term): Term => terms.pick({ from }, operand.pipeline, value);
      return {
        kind: 'scalar',
        value: picked(operand.value),
        time: operand.time && timePicked(terms, operand.time, picked),
        rowKey: picked(terms.column(operand.pipeline.source, rowKey, 'key')),
      };
    }
    const items = itemsOf(operand);
    if (byTime && items.length > 1) throw new NotCompilable('AGGREGATE');
    return (from === 'first' ? items[0] : items.at(-1)) ?? scalar(terms.null);
  };

const timePicked = (terms: Terms, time: Term, picked: (value: Term) => Term): Term =>
  time === terms.unavailable ? time : picked(time);

/** AT LEAST and AT MOST n elements are TRUE; NULL as long as elements that are NULL could decide. */
export function quantified(terms: Terms, which: 'at least' | 'at most', n: number, operand: Meaning): Scalar {
  truthList(operand);
  if (operand.kind !== 'rows' || !Number.isInteger(n)) throw new NotCompilable('AGGREGATE');
  const yes = tally(terms, operand, operand.value);
  const possible = terms.apply('+', 'number', yes, tally(terms, operand, terms.isNull(operand.value)));
  const [op, met] = which === 'at least' ? (['>=', true] as const) : (['>', false] as const);
  const reached = (count: Term): Term => terms.apply(op, 'boolean', count, terms.number(n));
  const [sure, not] = met ? [terms.true, terms.false] : [terms.false, terms.true];
  const open = terms.apply('choose', 'boolean', reached(possible), terms.null, not);
  return scalar(terms.apply('choose', 'boolean', reached(yes), sure, open), sharedTime(terms, operand));
}

export const aggregates = {
  count,
  exist,
  any,
  all,
  no,
  sum,
  average,
  median: statistic('median'),
  stddev: statistic('stddev'),
  variance: statistic('variance'),
  minimum: extreme('minimum'),
  maximum: extreme('maximum'),
  first: end('first', false),
  last: end('last', false),
  earliest: end('first', true),
  latest: end('last', true),
} as const satisfies Record<string, Aggregate>;

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

/** The nth element of a list; null where it has fewer. */
export function nth(terms: Terms, operand: Meaning, n: number): Scalar {
  if (!Number.isInteger(n) || n < 1) return scalar(terms.null);
  if (operand.kind !== 'rows') return itemsOf(operand)[n - 1] ?? scalar(terms.null);
  const found = aggregates.last(terms, taken('first', false, n, operand));
  const enough = terms.apply('>=', 'boolean', tally(terms, operand), terms.number(n));
  const where = (value: Term): Term => terms.apply('choose', value.type, enough, value, terms.null);
  return scalar(where(found.value), found.time && timePicked(terms, found.time, where));
}
