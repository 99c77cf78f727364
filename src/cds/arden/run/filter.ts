import type { Operator } from '../syntax.js';
import type { Item, Value } from '../value.js';
import type { Evaluate, Frame } from './frame.js';
import { apply } from './operators/table.js';
import { empty, items, list, nothing, truthOf } from './values.js';

/** What evaluates something with IT being a value: WHERE and USING. */

/** Evaluates with IT being a value. */
export function withIt(frame: Frame, it: Value, evaluate: Evaluate): Value {
  const outer = frame.it;
  frame.it = it;
  const value = evaluate(frame);
  frame.it = outer;
  return value;
}

/** `value WHERE condition` */
export function filtering(value: Evaluate, condition: Evaluate): Evaluate {
  return (frame) => {
    const given = value(frame);
    return filtered(given, withIt(frame, given, condition));
  };
}

/** The elements whose condition is TRUE. One condition goes for all elements, one value with every condition. */
function filtered(value: Value, condition: Value): Value {
  if (condition.type !== 'list') return truthOf(condition) === true ? value : empty;
  if (value.type !== 'list') return list(condition.items.filter(truthOf).map(() => value));
  if (value.items.length !== condition.items.length) return nothing;
  return list(value.items.filter((_, place) => truthOf(condition.items[place] ?? nothing) === true));
}

/** `aggregate list USING each`: the last operand is the list. */
export function using(operator: Operator, operands: readonly Evaluate[], each: Evaluate): Evaluate {
  return (frame) => {
    const values = operands.map((operand) => operand(frame));
    const elements = items(values.at(-1) ?? nothing);
    frame.session.reckoning.charge(elements.length);
    const anew = elements.map((element) => items(withIt(frame, element, each))[0] ?? nothing);
    if (operator === 'sort data') return sortedBy(elements, anew, frame);
    return apply(operator, [...values.slice(0, -1), list(anew)], frame.session.reckoning);
  };
}

/** Elements in the order of what was made of them. */
function sortedBy(elements: readonly Item[], keys: readonly Item[], { session }: Frame): Value {
  const distinct = keys.map((key) => ({ ...key }));
  const places = new Map<Item, number>(distinct.map((key, place) => [key, place]));
  const sorted = apply('sort data', [list(distinct)], session.reckoning);
  if (sorted.type !== 'list') return sorted;
  return list(sorted.items.map((key) => elements[places.get(key) ?? -1] ?? nothing));
}
