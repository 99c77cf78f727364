import type { Target } from '../syntax.js';
import type { Item, Value } from '../value.js';
import { prepareExpression } from './expression.js';
import type { Evaluate, Frame } from './frame.js';
import { attributeOf } from './operators/objects.js';
import { wholeNumber } from './operators/operation.js';
import type { Scope } from './scope.js';
import { items, list, nothing } from './values.js';

/** Something that can be assigned to. */
export interface Place {
  readonly get: (frame: Frame) => Value;
  readonly set: (frame: Frame, value: Value) => void;
  /** The number of the name that holds it. */
  readonly number: number;
}

type Step =
  | { readonly kind: 'attribute'; readonly attribute: string }
  | { readonly kind: 'index'; readonly index: Evaluate };

export function preparePlace(target: Target, scope: Scope): Place {
  const number = scope.number(target.name);
  const path = target.path.map(
    (step): Step =>
      step.kind === 'attribute' ? step : { kind: 'index', index: prepareExpression(step.index, scope) },
  );
  const get = (frame: Frame): Value => frame.values[number] ?? nothing;
  const setName = (frame: Frame, value: Value): void => {
    frame.values[number] = value;
  };
  if (path.length === 0) return { get, set: setName, number };
  return {
    number,
    get: (frame) => path.reduce((value, step) => at(value, step, frame), get(frame)),
    set: (frame, value) => setName(frame, replaced(get(frame), path, value, frame)),
  };
}

function at(value: Value, step: Step, frame: Frame): Value {
  if (step.kind === 'attribute') return attributeOf(value, step.attribute);
  const place = wholeNumber(step.index(frame));
  return (place === undefined ? undefined : items(value)[place - 1]) ?? nothing;
}

/**
 * The value with a part of it another: a list is made anew, an object is changed. A place or an attribute that is not there
 * is left out.
 */
function replaced(value: Value, [step, ...rest]: readonly Step[], part: Value, frame: Frame): Value {
  if (!step) return part;
  if (step.kind === 'attribute') {
    for (const element of items(value)) setAttribute(element, step.attribute, rest, part, frame);
    return value;
  }
  const place = wholeNumber(step.index(frame));
  const elements = items(value);
  if (place === undefined || place < 1 || place > elements.length) return value;
  frame.session.reckoning.charge(elements.length);
  const inner = items(replaced(elements[place - 1] ?? nothing, rest, part, frame))[0] ?? nothing;
  if (value.type !== 'list') return inner;
  return list(elements.map((element, index) => (index === place - 1 ? inner : element)));
}

function setAttribute(element: Item, name: string, rest: readonly Step[], part: Value, frame: Frame): void {
  if (element.type !== 'object') return;
  const { attributes } = element.value;
  const old = attributes.get(name);
  if (old !== undefined) attributes.set(name, replaced(old, rest, part, frame));
}

/** A value with other primary times: one for all its elements, or one for each. */
export function retimed(value: Value, time: Value): Value {
  const elements = items(value);
  if (time.type === 'list' && time.items.length !== elements.length) return value;
  const changed = elements.map((element, place): Item => {
    const given = time.type === 'list' ? (time.items[place] ?? nothing) : time;
    return { ...element, primaryTime: given.type === 'time' ? given.value : null };
  });
  return value.type === 'list' ? list(changed) : (changed[0] ?? nothing);
}
