import type { Operator } from '../arden/syntax.js';
import { aggregates, nth } from './aggregates.js';
import {
  comparison,
  divided,
  logic,
  minus,
  negated,
  numeric,
  plus,
  rounded,
  times,
  truncated,
  unit,
} from './kernels.js';
import { taken, tally } from './lists.js';
import { constantOf, elementwise, type Kernel, type Meaning, scalar, single } from './meaning.js';
import { NotCompilable } from './reason.js';
import { isLiteral, isTime, type Term, type TermType } from './term.js';
import type { Terms } from './terms.js';
import { compareTimes, sameDay } from './times.js';
import { quantified } from './truths.js';

/** An operator over sets; of operands that are all known before the run the interpreter has made the value already. */
export type SetOperator = (terms: Terms, operands: readonly Meaning[]) => Meaning;

const each =
  (kernel: Kernel): SetOperator =>
  (terms, operands) =>
    elementwise(terms, kernel, operands);

const ofList =
  (name: keyof typeof aggregates): SetOperator =>
  (terms, [operand = scalar(terms.null)]) =>
    aggregates[name](terms, operand);

const take =
  (from: 'first' | 'last', byTime: boolean): SetOperator =>
  (_, [n, operand]) => {
    if (!n || !operand) throw new NotCompilable('TYPE');
    return taken(from, byTime, numberOf(n), operand);
  };

function numberOf(meaning: Meaning): number {
  const value = constantOf(meaning);
  if (value?.type !== 'number') throw new NotCompilable('OPERATOR');
  return value.value;
}

/** What is only shown is made by the interpreter from the columns of the result. */
const late =
  (operator: Operator, type: TermType = 'string'): SetOperator =>
  (terms, operands) =>
    elementwise(terms, (_, ...values) => terms.late(operator, values, type), operands.map(single));

/** A test of two times. */
const timeTest =
  (test: (terms: Terms, left: Term, right: Term) => Term): Kernel =>
  (terms, left = terms.null, right = terms.null) => {
    if (left.type === 'null' || right.type === 'null') return terms.null;
    if (!isTime(left) || !isTime(right)) throw new NotCompilable('TYPE');
    return test(terms, left, right);
  };

/** Closed at both ends; FALSE as soon as one bound is missed, though the other is null. */
const within: Kernel = (terms, value = terms.null, low = terms.null, high = terms.null) =>
  terms.and(comparison('>=')(terms, value, low), comparison('<=')(terms, value, high));

/** TIME OF x: the primary time, which is its own. */
const primaryTime: SetOperator = (terms, [operand]) => {
  if (!operand) throw new NotCompilable('TYPE');
  if (operand.kind === 'elements') throw new NotCompilable('LIST');
  if (operand.time === terms.unavailable) throw new NotCompilable('ORDER');
  return { ...operand, value: operand.time ?? terms.null };
};

/** x IN list: TRUE where an element equals it, or both are null; never null. */
const isIn: SetOperator = (terms, [element, list]) => {
  if (!element || !list) throw new NotCompilable('TYPE');
  const equal = comparison('=');
  const never = (found: Term): Term => terms.apply('choose', 'boolean', found, terms.true, terms.false);
  const either = (left: Term, right: Term): Term => terms.apply('or', 'boolean', left, right);
  if (list.kind === 'rows') {
    const { value, time } = single(element);
    const among = (condition: Term): Term =>
      terms.apply('>', 'boolean', tally(terms, list, condition), terms.number(0));
    const alike = among(equal(terms, value, list.value));
    const bothNull = terms.and(terms.isNull(value), among(terms.isNull(list.value)));
    return scalar(never(either(alike, bothNull)), time);
  }
  const items = list.kind === 'elements' ? list.items : [list];
  const member: Kernel = (_, value = terms.null) =>
    never(
      items.reduce((found, item) => {
        const bothNull = terms.and(terms.isNull(value), terms.isNull(item.value));
        return either(found, either(equal(terms, value, item.value), bothNull));
      }, terms.false as Term),
    );
  return elementwise(terms, member, [element]);
};

const quantity =
  (which: 'at least' | 'at most'): SetOperator =>
  (terms, [n, operand]) => {
    if (!n || !operand) throw new NotCompilable('TYPE');
    return quantified(terms, which, numberOf(n), operand);
  };

const index: SetOperator = (terms, [list, n]) => {
  if (!list || !n) throw new NotCompilable('TYPE');
  return nth(terms, list, numberOf(n));
};

const join: SetOperator = (_, operands) => ({
  kind: 'elements',
  items: operands.flatMap((operand) => {
    if (operand.kind === 'rows') throw new NotCompilable('LISTS');
    return operand.kind === 'elements' ? operand.items : [operand];
  }),
});

/** EXTRACT of a part of a calendar day. */
const calendar =
  (op: 'year' | 'month' | 'day of month'): Kernel =>
  (terms, time = terms.null) => {
    if (time.type === 'null') return time;
    if (!isTime(time) || isLiteral(time)) throw new NotCompilable('TYPE');
    const day = time.type === 'day' ? time : terms.apply('to day', 'day', time);
    return terms.apply(op, 'number', day);
  };

/** Operators that are computed over sets. What is missing here is left to the interpreter. */
export const setOperators: Partial<Record<Operator, SetOperator>> = {
  join,
  single: join,
  index,
  or: each(logic('or')),
  and: each(logic('and')),
  not: each(logic('not')),
  '=': each(comparison('=')),
  '<>': each(comparison('<>')),
  '<': each(comparison('<')),
  '<=': each(comparison('<=')),
  '>': each(comparison('>')),
  '>=': each(comparison('>=')),
  in: isIn,
  'is null': each((terms, operand = terms.null) => terms.isNull(operand)),
  within: each(within),
  'within same day': each(timeTest(sameDay)),
  before: each(timeTest((terms, left, right) => compareTimes(terms, '<', left, right))),
  after: each(timeTest((terms, left, right) => compareTimes(terms, '>', left, right))),
  '+': each(plus),
  '-': each(minus),
  '*': each(times),
  '/': each(divided),
  negate: each(negated),
  abs: each(numeric('abs')),
  int: each(numeric('floor')),
  floor: each(numeric('floor')),
  ceiling: each(numeric('ceiling')),
  sqrt: each(numeric('sqrt')),
  truncate: each(truncated),
  round: each(rounded),
  years: each(unit('months', 12)),
  months: each(unit('months', 1)),
  weeks: each(unit('seconds', 604_800)),
  days: each(unit('seconds', 86_400)),
  hours: each(unit('seconds', 3600)),
  minutes: each(unit('seconds', 60)),
  seconds: each(unit('seconds', 1)),
  'extract year': each(calendar('year')),
  'extract month': each(calendar('month')),
  'extract day': each(calendar('day of month')),
  count: ofList('count'),
  exist: ofList('exist'),
  average: ofList('average'),
  median: ofList('median'),
  sum: ofList('sum'),
  stddev: ofList('stddev'),
  variance: ofList('variance'),
  minimum: ofList('minimum'),
  maximum: ofList('maximum'),
  first: ofList('first'),
  last: ofList('last'),
  earliest: ofList('earliest'),
  latest: ofList('latest'),
  any: ofList('any'),
  all: ofList('all'),
  no: ofList('no'),
  'first from': take('first', false),
  'last from': take('last', false),
  'earliest from': take('first', true),
  'latest from': take('last', true),
  'at least': quantity('at least'),
  'at most': quantity('at most'),
  time: primaryTime,
  clone: (_, [operand]) => {
    if (!operand) throw new NotCompilable('TYPE');
    return operand;
  },
  '||': late('||'),
  string: late('string'),
  uppercase: late('uppercase'),
  lowercase: late('lowercase'),
  trim: late('trim'),
  'trim left': late('trim left'),
  'trim right': late('trim right'),
  substring: late('substring'),
  'formatted with': late('formatted with'),
  length: late('length', 'number'),
};
