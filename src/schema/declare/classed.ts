import { Extensions, Field } from 'type-graphql';
import type { Sensitivity } from './metadata.js';

/** Where a field of the built schema keeps its class. */
const extension = 'sensitivity';

/** Gives a field its class, beside the decorator that makes it. */
export const classed = (sensitivity: Sensitivity): PropertyDecorator =>
  Extensions({ [extension]: sensitivity });

/** A value in a type that is no dataset, with its class. Fields that lead to other types hold none and are plain. */
export const Classed =
  (
    sensitivity: Sensitivity,
    type: () => unknown,
    options: { readonly nullable?: boolean; readonly description?: string } = {},
  ): PropertyDecorator =>
  (prototype, name) => {
    Field(type as () => StringConstructor, options)(prototype, name);
    classed(sensitivity)(prototype, name);
  };

/** The class of a field of the built schema; undefined where nobody gave it one. */
export const classIn = (extensions: Readonly<Record<string, unknown>>): Sensitivity | undefined =>
  extensions[extension] as Sensitivity | undefined;

/** From the strictest on: what several columns share has the strictest class of theirs. */
const strictness: readonly Sensitivity[] = ['D', 'S', 'Q', 'W', 'O'];

export const strictest = (classes: readonly Sensitivity[]): Sensitivity | undefined =>
  strictness.find((sensitivity) => classes.includes(sensitivity));
