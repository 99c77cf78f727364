import { end, extreme } from './extremes.js';
import { divided, plus } from './kernels.js';
import { type Aggregate, itemsOf, sharedTime, taken, tally, timed, timePicked, unlessNull } from './lists.js';
import { type Meaning, type Scalar, scalar } from './meaning.js';
import { NotCompilable } from './reason.js';
import { isDuration, isTime, type SetFunction, type Term, type TermType } from './term.js';
import type { Terms } from './terms.js';
import { all, any, exist, no } from './truths.js';

const number = (terms: Terms, value: number): Scalar => scalar(terms.number(value));

const count: Aggregate = (terms, operand) =>
  operand.kind === 'rows' ? scalar(tally(terms, operand)) : number(terms, itemsOf(operand).length);

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

/** Aggregates over sets by the names of their operators. */
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

/** The nth element of a list; null where it has fewer. */
export function nth(terms: Terms, operand: Meaning, n: number): Scalar {
  if (!Number.isInteger(n) || n < 1) return scalar(terms.null);
  if (operand.kind !== 'rows') return itemsOf(operand)[n - 1] ?? scalar(terms.null);
  const found = aggregates.last(terms, taken('first', false, n, operand));
  const enough = terms.apply('>=', 'boolean', tally(terms, operand), terms.number(n));
  const where = (value: Term): Term => terms.apply('choose', value.type, enough, value, terms.null);
  return scalar(where(found.value), found.time && timePicked(terms, found.time, where));
}
