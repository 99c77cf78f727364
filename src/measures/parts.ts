import type { ColumnDeclaration, ColumnType } from '../warehouse/table.js';
import { decimal, double, int32, int64, nullable } from '../warehouse/table.js';
import { type Aggregate, type Condition, type Count, contributors, type Sum } from './aggregate.js';

/** A column that a cell carries so that measures can be released from it. */
export type Part =
  /** Column `id`: events; column `id__persons`: distinct patients behind them. */
  | { readonly kind: 'count'; readonly id: string; readonly where: Condition }
  /** Column `id`: the sum; column `id__top`: that of the patient with the largest. */
  | {
      readonly kind: 'sum';
      readonly id: string;
      readonly column: string;
      readonly where: Condition;
      readonly money: boolean;
    }
  | { readonly kind: 'mean'; readonly id: string; readonly column: string; readonly where: Condition }
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
export const topOf = (id: string): string => `${id}__top`;

/** Sums of pounds are kept with the digits of the finest column that is summed. */
const heldPounds = decimal(24, 6);
/** Type of a sum while it is summed on. */
export const sumType = (money: boolean): ColumnType => (money ? heldPounds('').type : { kind: 'int64' });

/** The parts of a dataset's measures: equal ones are kept once, under the name of the first measure that has it. */
export interface PartList {
  readonly parts: readonly Part[];
  /** Column of a count. Error: the count belongs to no measure of the list. */
  idOf(count: Count): string;
  /** Column of a sum, mean or percentile. */
  valueId(aggregate: Aggregate): string;
  /** Whether the list has every part of the aggregate. */
  has(aggregate: Aggregate): boolean;
  /** The parts a measure needs; for disclosure control also those that tell who is behind it. */
  neededBy(aggregate: Aggregate, controlled: boolean): readonly Part[];
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

  const addSum = (sum: Sum, wanted: string): void => {
    add(signature(sum), wanted, (id) => ({ ...sum, id }));
    addCount(contributors(sum), `${wanted}_with_value`);
  };
  const addOperand = (operand: Aggregate, wanted: string): void => {
    if (operand.kind === 'sum') addSum(operand, wanted);
    else if (operand.kind === 'count') addCount(operand, wanted);
    else if (operand.kind === 'persons') addCount(operand.of, wanted);
  };

  // Plain counts and sums first, so that a shared column bears the name of the measure that is nothing else.
  const entries = Object.entries(measures);
  for (const [name, aggregate] of entries) if (aggregate.kind === 'count') addCount(aggregate, snake(name));
  for (const [name, aggregate] of entries) if (aggregate.kind === 'sum') addSum(aggregate, snake(name));
  for (const [name, aggregate] of entries) {
    switch (aggregate.kind) {
      case 'count':
      case 'sum':
      case 'isPartial':
        break;
      case 'persons':
        addCount(aggregate.of, snake(name));
        break;
      case 'rate':
      case 'standardised':
      case 'slope':
        addSum(aggregate.events, `${snake(name)}_n`);
        addCount(aggregate.population, `${snake(name)}_d`);
        break;
      case 'ratio':
        addOperand(aggregate.above, `${snake(name)}_n`);
        addOperand(aggregate.below, `${snake(name)}_d`);
        break;
      case 'percentage':
      case 'wilson':
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
      case 'percentile':
        add(signature(aggregate), snake(name), (id) => ({ ...aggregate, id }));
        addCount(contributors(aggregate), `${snake(name)}_with_value`);
        break;
    }
  }

  const find = (key: string): Part => {
    const part = byKey.get(key);
    if (!part) throw new Error(`no part for ${key}`);
    return part;
  };
  return {
    parts: [...byKey.values()],
    idOf: (count) => find(signature(count)).id,
    valueId: (aggregate) => find(signature(aggregate)).id,
    has: (aggregate) => keysOf(aggregate, true).every((key) => byKey.has(key)),
    neededBy: (aggregate, controlled) => keysOf(aggregate, controlled).map(find),
  };
}

/** Keys of the parts that an aggregate needs. */
function keysOf(aggregate: Aggregate, controlled: boolean): string[] {
  switch (aggregate.kind) {
    case 'count':
      return [signature(aggregate)];
    case 'persons':
      return [signature(aggregate.of)];
    case 'ratio':
      return [...keysOf(aggregate.above, controlled), ...keysOf(aggregate.below, controlled)];
    case 'percentage':
    case 'wilson':
      return [signature(aggregate.numerator), signature(aggregate.denominator)];
    case 'rate':
    case 'standardised':
    case 'slope':
      return [...keysOf(aggregate.events, controlled), signature(aggregate.population)];
    case 'perSample':
      return [signature(aggregate.of), 'samples'];
    case 'utilisation':
      return [signature(aggregate.of), 'samples', 'capacity'];
    case 'capacity':
    case 'peak':
      return [aggregate.kind];
    case 'isPartial':
      return [];
    case 'sum':
    case 'mean':
    case 'percentile':
      return [signature(aggregate), ...(controlled ? [signature(contributors(aggregate))] : [])];
  }
}

/** Columns in which a mart keeps a part. */
export function partColumns(part: Part): Record<string, ColumnDeclaration> {
  switch (part.kind) {
    case 'count':
      return {
        [part.id]: int64('events of the cell that meet the condition'),
        [personsOf(part.id)]: int64('distinct patients behind them'),
      };
    case 'sum': {
      const held = part.money ? heldPounds : int64;
      return {
        [part.id]: held(`sum of ${part.column}`),
        [topOf(part.id)]: held('the largest sum of one patient'),
      };
    }
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
