import { type Aggregate, itemsOf, sharedTime, some, tally, timed } from './lists.js';
import { type Meaning, type Scalar, scalar } from './meaning.js';
import { NotCompilable } from './reason.js';
import type { Term } from './term.js';
import type { Terms } from './terms.js';

/** Aggregates that give a truth value. */

const anyOf = (terms: Terms, values: readonly Term[]): Term =>
  values.reduce((all, each) => terms.apply('or', 'boolean', all, each), terms.false as Term);

/** At least one element is not null. */
export const exist: Aggregate = (terms, operand) => {
  if (operand.kind === 'rows')
    return {
      ...scalar(some(terms, operand, terms.not(terms.isNull(operand.value)))),
      time: sharedTime(terms, operand),
    };
  const present = itemsOf(operand).map(({ value }) => terms.not(terms.isNull(value)));
  return timed(terms, operand, anyOf(terms, present));
};

const truthList = (operand: Meaning): void => {
  const values = operand.kind === 'rows' ? [operand] : itemsOf(operand);
  for (const { value } of values)
    if (value.type !== 'boolean' && value.type !== 'null') throw new NotCompilable('TYPE');
};

/** ANY: TRUE as soon as one is, else NULL as soon as one is, else FALSE. */
export const any: Aggregate = (terms, operand) => {
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

export const no: Aggregate = (terms, operand) => {
  const found = any(terms, operand);
  return { ...found, value: terms.not(found.value) };
};

export const all: Aggregate = (terms, operand) => {
  truthList(operand);
  return no(terms, negatedList(terms, operand));
};

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
