import type { ColumnDeclaration } from '../warehouse/table.js';
import { double, int32, int64, nullable } from '../warehouse/table.js';
import type { Aggregate, Condition, Count } from './aggregate.js';

/** A column that a cell carries so that measures can be released from it. */
export type Part =
  /** Column `id`: events; column `id__persons`: distinct patients behind them. */
  | { readonly kind: 'count'; readonly id: string; readonly where: Condition }
  | { readonly kind: 'mean'; readonly id: string; readonly column: string }
  | {
      readonly kind: 'percentile';
      readonly id: string;
      readonly column: string;
      readonly p: number;
      readonly where: Condition;
    }
  | { readonly kind: 'peak'; readonly id: 'peak' }
  | { readonly kind: 'samples'; readonly id: 'samples' }
  | { readonly kind: 'capacity'; readonly id: 'capacity' };

/** All events of the cell. Every cell has them, with their distinct patients. */
export const events = 'events';
export const personsOf = (id: string): string => `${id}__persons`;

/** The parts of a dataset's measures: equal ones are kept once, under the name of the first measure that has it. */
export interface PartList {
  readonly parts: readonly Part[];
  /** Column of a count. Error: the count belongs to no measure of the list. */
  idOf(count: Count): string;
  /** Column of a mean or percentile. */
  valueId(aggregate: Aggregate): string;
  /** The parts a measure needs. */
  neededBy(aggregate: Aggregate): readonly Part[];
}

const snake = (name: string): string => name.replace(/(\d+|[A-Z])/g, '_$1').toLowerCase();

const signature = (aggregate: Aggregate): string =>
  JSON.stringify(aggregate, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

export function partsOf(measures: Readonly<Record<string, Aggregate>>): PartList {
  const byKey = new Map<string, Part>([
    [signature({ kind: 'count', where: {} }), { kind: 'count', id: events, where: {} }],
  ]);
  const taken = new Set<string>([events]);
  const add = (key: string, wanted: string, make: (id: string) => Part): void => {
    if (byKey.has(key)) return;
    let id = wanted;
    for (let n = 2; taken.has(id); n += 1) id = `${wanted}_${n}`;
    taken.add(id);
    byKey.set(key, make(id));
  };
  const addCount = (count: Count, wanted: string): void =>
    add(signature(count), wanted, (id) => ({ kind: 'count', id, where: count.where }));

  // Plain counts first, so that a shared column bears the name of the measure that is nothing else.
  const entries = Object.entries(measures);
  for (const [name, aggregate] of entries) if (aggregate.kind === 'count') addCount(aggregate, snake(name));
  for (const [name, aggregate] of entries) {
    switch (aggregate.kind) {
      case 'count':
      case 'isPartial':
        break;
      case 'percentage':
        addCount(aggregate.numerator, `${snake(name)}_n`);
        addCount(aggregate.denominator, `${snake(name)}_d`);
        break;
      case 'perSample':
        addCount(aggregate.of, `${snake(name)}_n`);
        add('samples', 'samples', () => ({ kind: 'samples', id: 'samples' }));
        break;
      case 'utilisation':
        addCount(aggregate.of, `${snake(name)}_n`);
        add('samples', 'samples', () => ({ kind: 'samples', id: 'samples' }));
        add('capacity', 'capacity', () => ({ kind: 'capacity', id: 'capacity' }));
        break;
      case 'capacity':
        add('capacity', 'capacity', () => ({ kind: 'capacity', id: 'capacity' }));
        break;
      case 'peak':
        add('peak', 'peak', () => ({ kind: 'peak', id: 'peak' }));
        break;
      case 'mean':
        add(signature(aggregate), snake(name), (id) => ({ kind: 'mean', id, column: aggregate.column }));
        break;
      case 'percentile':
        add(signature(aggregate), snake(name), (id) => ({
          kind: 'percentile',
          id,
          column: aggregate.column,
          p: aggregate.p,
          where: aggregate.where,
        }));
        break;
    }
  }

  const find = (key: string): Part => {
    const part = byKey.get(key);
    if (!part) throw new Error(`no part for ${key}`);
    return part;
  };
  const ofCount = (count: Count): Part => find(signature(count));
  return {
    parts: [...byKey.values()],
    idOf: (count) => ofCount(count).id,
    valueId: (aggregate) => find(signature(aggregate)).id,
    neededBy(aggregate) {
      switch (aggregate.kind) {
        case 'count':
          return [ofCount(aggregate)];
        case 'percentage':
          return [ofCount(aggregate.numerator), ofCount(aggregate.denominator)];
        case 'perSample':
          return [ofCount(aggregate.of), find('samples')];
        case 'utilisation':
          return [ofCount(aggregate.of), find('samples'), find('capacity')];
        case 'capacity':
        case 'peak':
          return [find(aggregate.kind)];
        case 'isPartial':
          return [];
        case 'mean':
        case 'percentile':
          return [find(signature(aggregate))];
      }
    },
  };
}

/** Columns in which a mart keeps a part. */
export function partColumns(part: Part): Record<string, ColumnDeclaration> {
  switch (part.kind) {
    case 'count':
      return {
        [part.id]: int64('events of the cell that meet the condition'),
        [personsOf(part.id)]: int64('distinct patients behind them'),
      };
    case 'mean':
    case 'percentile':
      return { [part.id]: nullable(double(`${part.kind} of ${part.column}`)) };
    case 'peak':
      return { [part.id]: nullable(int64('largest number of events at one sample')) };
    case 'samples':
      return { [part.id]: nullable(int32('samples of the bucket that the data cover')) };
    case 'capacity':
      return { [part.id]: nullable(int64('beds of the trusts of the cell; null below trust level')) };
  }
}
