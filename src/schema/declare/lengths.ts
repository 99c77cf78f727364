import { Extensions } from 'type-graphql';

/** How long a list can be that is not asked for by pages, for the estimate of what an answer costs. */
export type Length =
  /** So many values; with the name of a list of names as an argument, as many as are named. */
  | { readonly kind: 'list'; readonly most: number; readonly named?: string }
  /** So many nodes, on all levels together. */
  | { readonly kind: 'tree'; readonly most: number };

const extension = 'length';

const lengthOf = (length: Length) => Extensions({ [extension]: length });

/** A list of at most so many values, or as many as the argument `named` has, if it is given. */
export const AtMost = (most: number, named?: string): PropertyDecorator & MethodDecorator =>
  lengthOf({ kind: 'list', most, ...(named === undefined ? {} : { named }) });

/** A list of nodes with nodes below them. */
export const TreeOf = (most: number): PropertyDecorator & MethodDecorator => lengthOf({ kind: 'tree', most });

/** The length of a field of the built schema; undefined where nothing is known of it. */
export const lengthIn = (extensions: Readonly<Record<string, unknown>>): Length | undefined =>
  extensions[extension] as Length | undefined;
