import { comparison } from './kernels.js';
import { type Aggregate, inOrder, itemsOf, rowKey, sharedTime, timePicked, unlessNull } from './lists.js';
import { type Scalar, scalar } from './meaning.js';
import { chosenOf } from './merge.js';
import { NotCompilable } from './reason.js';
import type { Term } from './term.js';
import type { Terms } from './terms.js';

/** MINIMUM and MAXIMUM: the primary time is that of the chosen element, of several equal ones the latest. */
export const extreme =
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
export const end =
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
