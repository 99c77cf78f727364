import type { ArdenObject, Item, Value } from '../../value.js';
import { absent, items, list, nothing, text } from '../values.js';
import type { Operation } from './operation.js';

/** Objects, which have reference semantics. */

/** An attribute of an object, or of each object of a list; what has no such attribute is NULL. */
export function attributeOf(value: Value, name: string): Value {
  const key = name.toLowerCase();
  const of = (element: Item): Value =>
    (element.type === 'object' ? element.value.attributes.get(key) : undefined) ?? nothing;
  return value.type === 'list' ? list(value.items.flatMap((element) => items(of(element)))) : of(value);
}

/** `ATTRIBUTE name FROM object` */
export const attribute: Operation = ([name = nothing, object = nothing]) =>
  name.type === 'string' ? attributeOf(object, name.value) : nothing;

export const attributeNames: Operation = ([object = nothing]) =>
  object.type === 'object' ? list([...object.value.attributes.keys()].map((name) => text(name))) : nothing;

/** Objects deep within, each copied once; nested deeper than anybody nests they are shared. */
export const clone: Operation = ([operand = nothing], { charge }) => {
  const copies = new Map<ArdenObject, ArdenObject>();
  const copyOf = (element: Item, depth: number): Item => {
    if (element.type !== 'object' || depth > 100) return element;
    charge(1);
    const known = copies.get(element.value);
    if (known) return { ...element, value: known };
    const copy: ArdenObject = { type: element.value.type, attributes: new Map() };
    copies.set(element.value, copy);
    for (const [name, value] of element.value.attributes)
      copy.attributes.set(name, copyOfValue(value, depth + 1));
    return { ...element, value: copy };
  };
  const copyOfValue = (value: Value, depth: number): Value =>
    value.type === 'list' ? list(value.items.map((element) => copyOf(element, depth))) : copyOf(value, depth);
  return copyOfValue(operand, 0);
};

/** The primary time of a value as a time. */
export const time: Operation = ([operand = nothing]) => {
  const of = ({ primaryTime }: Item): Item =>
    primaryTime === null ? absent(null) : { type: 'time', value: primaryTime, primaryTime };
  return operand.type === 'list' ? list(operand.items.map(of)) : of(operand);
};
