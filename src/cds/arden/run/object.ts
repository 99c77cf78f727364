import type { Span } from '../syntax.js';
import type { ArdenObject, Item } from '../value.js';
import type { Evaluate } from './frame.js';
import { list, nothing, truth } from './values.js';

/** Types of values, and objects of the types that a rule declares. */

/** `x IS type`, element by element but for LIST. */
export function ofType(value: Evaluate, type: string): Evaluate {
  if (type === 'list') return (frame) => truth(value(frame).type === 'list');
  const is = (element: Item): Item =>
    truth(
      element.type === type || (element.type === 'object' && element.value.type === type),
      element.primaryTime,
    );
  return (frame) => {
    const given = value(frame);
    return given.type === 'list' ? list(given.items.map(is)) : is(given);
  };
}

/** An object of which all attributes are NULL. */
export function blank(type: string, attributes: readonly string[]): ArdenObject {
  return { type, attributes: new Map(attributes.map((name) => [name, nothing])) };
}

/** `NEW type WITH …`: values in the order of the attributes, then by name. NULL where the type is not declared. */
export function making(
  { type, attributes, span }: { type: string; attributes: readonly string[] | undefined; span: Span },
  inOrder: readonly Evaluate[],
  byName: readonly (readonly [attribute: string, value: Evaluate])[],
): Evaluate {
  return (frame) => {
    if (!attributes) {
      frame.session.diagnose({ code: 'TYPE', message: `There is no object type ${type}.`, span });
      return nothing;
    }
    frame.session.reckoning.charge(attributes.length);
    const object = blank(type, attributes);
    attributes.forEach((name, place) => {
      const value = inOrder[place];
      if (value) object.attributes.set(name, value(frame));
    });
    for (const [attribute, value] of byName) {
      const given = value(frame);
      if (object.attributes.has(attribute)) object.attributes.set(attribute, given);
    }
    return { type: 'object', value: object, primaryTime: null };
  };
}
