import type { Aggregate, Condition } from '../../measures/aggregate.js';
import type { Arguments, DatasetArgument, MeasureColumn } from './metadata.js';

type Declared = Readonly<Record<string, DatasetArgument>> | undefined;

/** The arguments of a question, with the defaults of those that it does not give. */
export const argumentsOf = (declared: Declared, given: Partial<Arguments> = {}): Arguments =>
  Object.fromEntries(
    Object.entries(declared ?? {}).map(([name, argument]) => [name, given[name] ?? argument.default]),
  );

/** The aggregate of a measure for the arguments of one question. */
export function aggregateFor({ is }: MeasureColumn, args: Arguments): Aggregate {
  if (typeof is === 'function') return is(args);
  if (!('argument' in is)) return is;
  const chosen = is.cases[String(args[is.argument])];
  if (!chosen) throw new Error(`no case for ${is.argument} = ${String(args[is.argument])}`);
  return chosen;
}

/** One of the aggregates that a measure may be: all are of one kind and type. */
export function anyAggregate({ is }: MeasureColumn): Aggregate {
  if (typeof is === 'function') return is({});
  const aggregate = 'argument' in is ? Object.values(is.cases)[0] : is;
  if (!aggregate) throw new Error('a measure has no case');
  return aggregate;
}

/** The aggregates of a measure that a mart keeps, by a name of their own. */
export function keptAggregates(
  name: string,
  { is }: MeasureColumn,
  defaults: Arguments,
): [string, Aggregate][] {
  if (typeof is === 'function') return [[name, is(defaults)]];
  if (!('argument' in is)) return [[name, is]];
  return Object.entries(is.cases).map(([value, aggregate]) => [`${name}_${value.toLowerCase()}`, aggregate]);
}

/** Whether two conditions are written alike. */
export const sameCondition = (a: Condition, b: Condition): boolean => JSON.stringify(a) === JSON.stringify(b);
