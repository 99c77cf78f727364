import { timeAt } from '../arden/run/time.js';
import type { Time } from '../arden/value.js';
import { NotCompilable } from './reason.js';
import { type Comparison, isLiteral, isTime, type Literal, type Term, type TermType } from './term.js';
import type { Terms } from './terms.js';

export const dayLength = 86_400_000;

const timeOf = (literal: Literal): Time => {
  if (literal.datum.type !== 'time') throw new NotCompilable('TYPE');
  return literal.datum.value;
};

/** The time in a form. Error: `TIME` where the form cannot hold it. */
export function inForm(terms: Terms, term: Term, form: 'day' | 'instant' | 'wall'): Term {
  if (term.type === form || term.type === 'null') return term;
  if (isLiteral(term)) return terms.apply(`to ${form}`, form, term);
  if (form === 'day' || (form === 'wall' && term.type === 'instant')) throw new NotCompilable('TIME');
  return terms.apply(`to ${form}`, form, term);
}

/** The wall clock that a time shows. */
export const wallOf = (terms: Terms, term: Term): Term =>
  term.type === 'wall' || term.type === 'null' ? term : terms.apply('to wall', 'wall', term);

/**
 * The form that can hold every one of the times as it is: days become wall clocks or instants, and a constant is
 * whatever the others are. Error: `TIME` where an instant meets a computed wall clock: one of them would be changed.
 */
export function commonForm(times: readonly Term[]): 'day' | 'instant' | 'wall' {
  const forms = new Set<TermType>(times.filter(({ type }) => type !== 'null').map(({ type }) => type));
  if (forms.has('instant') && forms.has('wall')) throw new NotCompilable('TIME');
  if (forms.has('instant')) return 'instant';
  if (forms.has('wall')) return 'wall';
  const literals = times.filter(isLiteral).filter(({ type }) => type === 'time');
  return literals.every((each) => timeOf(each).wall % dayLength === 0) ? 'day' : 'wall';
}

/** Compares two times by their instants. Of a constant the bound is converted, never the column. */
export function compareTimes(terms: Terms, operator: Comparison, left: Term, right: Term): Term {
  if (isLiteral(left) && !isLiteral(right)) return compareTimes(terms, mirrored[operator], right, left);
  if (isLiteral(right) && (left.type === 'day' || left.type === 'instant'))
    return againstBound(terms, operator, left, timeOf(right));
  if (left.type === right.type && left.type !== 'wall' && left.type !== 'time')
    return terms.apply(operator, 'boolean', left, right);
  return terms.apply(operator, 'boolean', inForm(terms, left, 'instant'), inForm(terms, right, 'instant'));
}

const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/**
 * Compares what gold has in whole days or seconds with a bound that may lie between two of them. A day stands for its
 * midnight, which no clock change moves: the day of the bound says all but whether it is a midnight itself.
 */
function againstBound(terms: Terms, operator: Comparison, stored: Term, bound: Time): Term {
  const [form, of, whole] =
    stored.type === 'day'
      ? (['day', bound.wall, dayLength] as const)
      : (['instant', bound.instant, 1000] as const);
  const last = Math.floor(of / whole) * whole;
  const isExact = last === of;
  const against = (as: Comparison): Term =>
    terms.apply(as, 'boolean', stored, terms.apply(`to ${form}`, form, boundAt(terms, last)));
  switch (operator) {
    case '<=':
    case '>':
      return against(operator);
    case '<':
      return against(isExact ? '<' : '<=');
    case '>=':
      return against(isExact ? '>=' : '>');
    case '=':
    case '<>':
      return isExact ? against(operator) : unlessNull(terms, stored, operator === '<>');
  }
}

const unlessNull = (terms: Terms, term: Term, value: boolean): Term =>
  terms.apply('choose', 'boolean', terms.isNull(term), terms.null, value ? terms.true : terms.false);

/** A literal of which only the day or only the instant is looked at. */
const boundAt = (terms: Terms, of: number): Literal =>
  terms.literal({ type: 'time', value: { wall: of, instant: of } });

/** The same calendar day of Europe/London. */
export function sameDay(terms: Terms, left: Term, right: Term): Term {
  if (isLiteral(left) && !isLiteral(right)) return sameDay(terms, right, left);
  if (left.type === 'instant' && isLiteral(right)) {
    const midnight = Math.floor(timeOf(right).wall / dayLength) * dayLength;
    const [from, until] = [timeAt(midnight), timeAt(midnight + dayLength)];
    if (from && until)
      return terms.and(againstBound(terms, '>=', left, from), againstBound(terms, '<', left, until));
  }
  return terms.apply('=', 'boolean', dayOf(terms, left), dayOf(terms, right));
}

function dayOf(terms: Terms, time: Term): Term {
  if (time.type === 'day') return time;
  if (isLiteral(time))
    return terms.apply(
      'to day',
      'day',
      boundAt(terms, Math.floor(timeOf(time).wall / dayLength) * dayLength),
    );
  return terms.apply('to day', 'day', time);
}

/** The primary time of what is made of operands: that which all of them share, null otherwise. */
export function sameTime(terms: Terms, times: readonly (Term | null)[]): Term | null {
  const [first, ...others] = times;
  if (!first || others.includes(null)) return null;
  if (times.includes(terms.unavailable)) return terms.unavailable;
  return others.reduce<Term | null>(
    (shared, other) => (shared && other ? shareOf(terms, shared, other) : null),
    first,
  );
}

function shareOf(terms: Terms, left: Term, right: Term): Term | null {
  if (left === right) return left;
  if (left.type === 'null' || right.type === 'null') return null;
  if (isLiteral(left) && isLiteral(right))
    return timeOf(left).instant === timeOf(right).instant ? left : null;
  const equal = compareTimes(terms, '=', left, right);
  return terms.apply('choose', left.type, equal, left, terms.null);
}

/** A time plus months, or plus seconds; `sign` -1: minus. */
export function shifted(terms: Terms, time: Term, duration: Term, sign: 1 | -1): Term {
  if (!isTime(time)) throw new NotCompilable('TYPE');
  const literal =
    isLiteral(duration) && duration.datum.type === 'duration' ? duration.datum.value.amount : undefined;
  if (duration.type === 'months') {
    if (literal === undefined || !Number.isInteger(literal)) throw new NotCompilable('DURATION');
    const months = terms.number(sign * literal);
    return time.type === 'day'
      ? terms.apply('add months', 'day', time, months)
      : terms.apply('add months', 'wall', wallOf(terms, time), months);
  }
  if (time.type === 'day' && literal !== undefined && (literal * 1000) % dayLength === 0)
    return terms.apply('add days', 'day', time, terms.number((sign * literal * 1000) / dayLength));
  const seconds = literal === undefined ? duration : terms.number(literal);
  const signed = sign === 1 ? seconds : terms.apply('-', 'seconds', terms.number(0), seconds);
  return terms.apply('add seconds', 'wall', wallOf(terms, time), signed);
}
