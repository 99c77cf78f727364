import type { Kernel } from './meaning.js';
import { NotCompilable } from './reason.js';
import { type Comparison, isDuration, isLiteral, isTime, type Op, type Term } from './term.js';
import type { Terms } from './terms.js';
import { compareTimes, shifted, wallOf } from './times.js';

/** Length of a month in seconds where months and seconds meet. */
export const monthSeconds = 2_629_746;

const anyNull = (operands: readonly Term[]): boolean => operands.some(({ type }) => type === 'null');

/** A duration as seconds. */
function inSeconds(terms: Terms, duration: Term): Term {
  if (isLiteral(duration) && duration.datum.type === 'duration') {
    const { unit, amount } = duration.datum.value;
    return terms.number(unit === 'months' ? amount * monthSeconds : amount);
  }
  return duration.type === 'months'
    ? terms.apply('*', 'seconds', duration, terms.number(monthSeconds))
    : duration;
}

/** A duration as the number of its own unit. */
const amountOf = (terms: Terms, duration: Term): Term =>
  isLiteral(duration) && duration.datum.type === 'duration'
    ? terms.number(duration.datum.value.amount)
    : duration;

/** Two durations as numbers of one unit: theirs if they have the same. */
const inOneUnit = (terms: Terms, left: Term, right: Term): [Term, Term] =>
  left.type === right.type
    ? [amountOf(terms, left), amountOf(terms, right)]
    : [inSeconds(terms, left), inSeconds(terms, right)];

/** `a < b` and its like; a null operand gives null. */
export const comparison =
  (operator: Comparison): Kernel =>
  (terms, left = terms.null, right = terms.null) => {
    if (anyNull([left, right])) return terms.null;
    if (isTime(left) && isTime(right)) return compareTimes(terms, operator, left, right);
    if (isDuration(left) && isDuration(right))
      return terms.apply(operator, 'boolean', ...inOneUnit(terms, left, right));
    const ordered = operator !== '=' && operator !== '<>';
    if (left.type !== right.type || (ordered && left.type === 'boolean')) throw new NotCompilable('TYPE');
    // T-SQL pads the shorter side of a comparison with blanks.
    if (left.type === 'string' && [left, right].some(endsInBlank)) throw new NotCompilable('TEXT');
    return terms.apply(operator, 'boolean', left, right);
  };

const endsInBlank = (term: Term): boolean =>
  isLiteral(term) && term.datum.type === 'string' && term.datum.value.endsWith(' ');

/** AND, OR, NOT. */
export const logic =
  (op: 'and' | 'or' | 'not'): Kernel =>
  (terms, ...operands) => {
    for (const { type } of operands)
      if (type !== 'boolean' && type !== 'null') throw new NotCompilable('TYPE');
    return terms.apply(op, 'boolean', ...operands);
  };

export const plus: Kernel = (terms, left = terms.null, right = terms.null) => {
  if (anyNull([left, right])) return terms.null;
  if (left.type === 'number' && right.type === 'number') return terms.apply('+', 'number', left, right);
  if (isTime(left) && isDuration(right)) return shifted(terms, left, right, 1);
  if (isDuration(left) && isTime(right)) return shifted(terms, right, left, 1);
  if (isDuration(left) && isDuration(right)) return durations(terms, '+', left, right);
  throw new NotCompilable('TYPE');
};

export const minus: Kernel = (terms, left = terms.null, right = terms.null) => {
  if (anyNull([left, right])) return terms.null;
  if (left.type === 'number' && right.type === 'number') return terms.apply('-', 'number', left, right);
  if (isTime(left) && isDuration(right)) return shifted(terms, left, right, -1);
  if (isTime(left) && isTime(right))
    return terms.apply('seconds between', 'seconds', wallOf(terms, right), wallOf(terms, left));
  if (isDuration(left) && isDuration(right)) return durations(terms, '-', left, right);
  throw new NotCompilable('TYPE');
};

const durations = (terms: Terms, op: '+' | '-', left: Term, right: Term): Term =>
  terms.apply(op, left.type === right.type ? left.type : 'seconds', ...inOneUnit(terms, left, right));

export const times: Kernel = (terms, left = terms.null, right = terms.null) => {
  if (anyNull([left, right])) return terms.null;
  if (left.type === 'number' && (right.type === 'number' || isDuration(right)))
    return terms.apply('*', right.type, left, amountOf(terms, right));
  if (isDuration(left) && right.type === 'number')
    return terms.apply('*', left.type, amountOf(terms, left), right);
  throw new NotCompilable('TYPE');
};

export const divided: Kernel = (terms, left = terms.null, right = terms.null) => {
  if (anyNull([left, right])) return terms.null;
  if (left.type === 'number' && right.type === 'number') return terms.apply('/', 'number', left, right);
  if (isDuration(left) && right.type === 'number')
    return terms.apply('/', left.type, amountOf(terms, left), right);
  if (isDuration(left) && isDuration(right))
    return terms.apply('/', 'number', ...inOneUnit(terms, left, right));
  throw new NotCompilable('TYPE');
};

export const negated: Kernel = (terms, operand = terms.null) => {
  if (operand.type === 'null') return operand;
  if (operand.type !== 'number' && !isDuration(operand)) throw new NotCompilable('TYPE');
  return terms.apply('-', operand.type, terms.number(0), amountOf(terms, operand));
};

/** A function of a number. */
export const numeric =
  (op: Extract<Op, 'abs' | 'floor' | 'ceiling' | 'sqrt'>): Kernel =>
  (terms, operand = terms.null) => {
    if (operand.type === 'null') return operand;
    if (operand.type !== 'number') throw new NotCompilable('TYPE');
    if (op !== 'sqrt') return terms.apply(op, 'number', operand);
    const negative = terms.apply('<', 'boolean', operand, terms.number(0));
    const root = terms.apply('choose', 'number', negative, terms.null, operand);
    return terms.apply('sqrt', 'number', root);
  };

/** The number without its decimals. */
export const truncated: Kernel = (terms, operand = terms.null) => {
  if (operand.type === 'null') return operand;
  if (operand.type !== 'number') throw new NotCompilable('TYPE');
  const negative = terms.apply('<', 'boolean', operand, terms.number(0));
  const [up, down] = [terms.apply('ceiling', 'number', operand), terms.apply('floor', 'number', operand)];
  return terms.apply('choose', 'number', negative, up, down);
};

/** To the nearest whole number, halves away from zero. */
export const rounded: Kernel = (terms, operand = terms.null) => {
  const whole = truncated(terms, operand);
  if (whole.type === 'null') return whole;
  const rest = terms.apply('abs', 'number', terms.apply('-', 'number', operand, whole));
  const negative = terms.apply('<', 'boolean', operand, terms.number(0));
  const step = terms.apply('choose', 'number', negative, terms.number(-1), terms.number(1));
  const away = terms.apply('+', 'number', whole, step);
  const far = terms.apply('>=', 'boolean', rest, terms.number(0.5));
  return terms.apply('choose', 'number', far, away, whole);
};

/** A number as a duration of so many units. */
export const unit =
  (of: 'months' | 'seconds', factor: number): Kernel =>
  (terms, operand = terms.null) => {
    if (operand.type === 'null') return operand;
    if (operand.type !== 'number') throw new NotCompilable('TYPE');
    return factor === 1
      ? terms.apply('+', of, operand, terms.number(0))
      : terms.apply('*', of, operand, terms.number(factor));
  };
