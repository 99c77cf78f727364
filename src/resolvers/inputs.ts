import { Field, Float, ID, InputType, Int, registerEnumType } from 'type-graphql';
import type { Limits } from '../config/settings.js';
import { MaplewoodError } from '../errors.js';
import { type Filter, type FilterValue, type Operator, operators } from '../loaders/filter.js';
import type { Order } from '../loaders/question.js';
import { anyAggregate } from '../schema/declare/arguments.js';
import type { Dataset } from '../schema/declare/dataset.js';
import { graphqlType, measureType } from '../schema/declare/decorators.js';
import { DateScalar, DateTimeScalar, DecimalScalar } from '../schema/declare/scalars.js';
import { grains } from '../warehouse/grain.js';
import type { ColumnType } from '../warehouse/table.js';

/** A class made at run time from a declaration, for type-graphql to read. */
export type MadeClass = new () => object;

/** An empty class of the name; its fields are decorated afterwards. */
export const namedClass = (name: string): MadeClass => ({ [name]: class {} })[name] as MadeClass;

const enumOf = (values: readonly string[]): Record<string, string> =>
  Object.fromEntries(values.map((value) => [value, value]));

/** A GraphQL enum whose values are their own names: answers pass through without being translated. */
export function makeEnum(
  name: string,
  values: readonly string[],
  description: string,
  meanings: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const made = enumOf(values);
  const valuesConfig = Object.fromEntries(
    Object.entries(meanings).map(([value, meaning]) => [value, { description: meaning }]),
  );
  registerEnumType(made, { name, description, valuesConfig });
  return made;
}

export const GrainEnum = makeEnum(
  'Grain',
  grains,
  'Calendar bucket, Europe/London; weeks begin on Monday. ALL is one bucket without bounds.',
);
export const DirectionEnum = makeEnum('Direction', ['ASC', 'DESC'], 'Nulls come last in both directions.');

const comparisons = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'] as const;

function filterInput(name: string, type: () => unknown, ops: readonly Operator[]): MadeClass {
  const made = namedClass(name);
  for (const op of ops) {
    const returns = op === 'in' ? () => [type()] : op === 'isNull' ? () => Boolean : type;
    Field(returns as () => StringConstructor, { nullable: true })(made.prototype as object, op);
  }
  InputType(name, { description: 'All tests given must hold. Null equals nothing; `ne` holds for it.' })(
    made,
  );
  return made;
}

const numeric: readonly Operator[] = [...comparisons, 'in', 'isNull'];
const StringFilter = filterInput('StringFilter', () => String, [
  ...numeric,
  'startsWith',
  'endsWith',
  'contains',
]);
const IntFilter = filterInput('IntFilter', () => Int, numeric);
const FloatFilter = filterInput('FloatFilter', () => Float, numeric);
const DecimalFilter = filterInput('DecimalFilter', () => DecimalScalar, numeric);
const DateFilter = filterInput('DateFilter', () => DateScalar, numeric);
const DateTimeFilter = filterInput('DateTimeFilter', () => DateTimeScalar, numeric);
const BooleanFilter = filterInput('BooleanFilter', () => Boolean, ['eq', 'ne', 'isNull']);
const TokenFilter = filterInput('TokenFilter', () => ID, ['eq', 'in']);
const PeriodFilter = filterInput('PeriodFilter', () => DateScalar, ['gte', 'lt']);

function filterFor(type: ColumnType | 'token'): MadeClass {
  if (type === 'token') return TokenFilter;
  switch (graphqlType(type)) {
    case String:
      return StringFilter;
    case Int:
      return IntFilter;
    case Float:
      return FloatFilter;
    case Boolean:
      return BooleanFilter;
    case DateScalar:
      return DateFilter;
    case DateTimeScalar:
      return DateTimeFilter;
    default:
      return DecimalFilter;
  }
}

/** Columns by which a dataset can be filtered and ordered, with their types; a key is a token outside. */
export function filterColumns(dataset: Dataset): ReadonlyMap<string, ColumnType | 'token'> {
  if (dataset.kind === 'row')
    return new Map(
      [...dataset.columns]
        .filter(([, { beside }]) => beside !== true)
        .map(([name, { type, token }]) => [name, token ? 'token' : type]),
    );
  return new Map([
    ...[...dataset.dimensions].map(([name, column]): [string, ColumnType] => [name, column.type]),
    ...[...dataset.measures].map(([name, column]): [string, ColumnType] => [
      name,
      measureType(anyAggregate(column)),
    ]),
  ]);
}

export interface DatasetInputs {
  readonly where: MadeClass;
  readonly orderBy: MadeClass;
}

/** The `where` and `orderBy` inputs of a dataset. */
export function datasetInputs(dataset: Dataset): DatasetInputs {
  const { name } = dataset.type;
  const columns = filterColumns(dataset);
  const where = namedClass(`${name}Where`);
  const prototype = where.prototype as object;
  for (const logic of ['and', 'or'] as const) Field(() => [where], { nullable: true })(prototype, logic);
  Field(() => where, { nullable: true })(prototype, 'not');
  if (dataset.kind === 'measure') Field(() => PeriodFilter, { nullable: true })(prototype, 'period');
  for (const [column, type] of columns) {
    const filter = filterFor(type);
    Field(() => filter, { nullable: true })(prototype, column);
  }
  InputType(`${name}Where`, {
    description:
      dataset.kind === 'measure'
        ? 'Under disclosure control a condition picks finished cells. With exact figures a condition on a dimension that is not in `by` narrows what is counted.'
        : 'Conditions on rows.',
  })(where);

  const period = dataset.kind === 'measure' ? ['period'] : [];
  const columnEnum = makeEnum(
    `${name}Column`,
    [...period, ...columns.keys()],
    `Columns by which ${dataset.key} can be ordered.`,
  );
  const orderBy = namedClass(`${name}Order`);
  Field(() => columnEnum)(orderBy.prototype as object, 'column');
  Field(() => DirectionEnum, { nullable: true, defaultValue: 'ASC' })(
    orderBy.prototype as object,
    'direction',
  );
  InputType(`${name}Order`)(orderBy);
  return { where, orderBy };
}

type WhereInput = Readonly<Record<string, unknown>>;

type FilterLimits = Pick<Limits, 'listItems' | 'textCharacters' | 'jsonDepth' | 'nodes'>;

/**
 * The filter that a `where` argument means; undefined where it holds for every row. Errors: `BAD_USER_INPUT`;
 * `QUERY_TOO_COMPLEX` for conditions that nest too deep or are too many.
 */
export function toFilter(where: WhereInput | null | undefined, limits: FilterLimits): Filter | undefined {
  const left = { conditions: limits.nodes };
  return filterOf(where, limits, limits.jsonDepth, left);
}

function filterOf(
  where: WhereInput | null | undefined,
  limits: FilterLimits,
  depth: number,
  left: { conditions: number },
): Filter | undefined {
  if (!where) return undefined;
  if (depth === 0) {
    throw new MaplewoodError('QUERY_TOO_COMPLEX', `Conditions may nest at most ${limits.jsonDepth} deep.`);
  }
  const parts: Filter[] = [];
  for (const [name, value] of Object.entries(where)) {
    if (value === undefined || value === null) continue;
    if (name === 'and' || name === 'or') {
      atMost(name, value as WhereInput[], limits);
      const inner = (value as WhereInput[]).map((part) => filterOf(part, limits, depth - 1, left));
      // An empty condition holds for every row, and with it the whole alternative.
      if (name === 'or' && inner.some((part) => part === undefined)) continue;
      parts.push({ kind: name, parts: inner.filter((part) => part !== undefined) });
    } else if (name === 'not') {
      const part = filterOf(value as WhereInput, limits, depth - 1, left);
      parts.push({ kind: 'not', part: part ?? { kind: 'and', parts: [] } });
    } else {
      const found = tests(name, value as WhereInput, limits);
      left.conditions -= found.length;
      if (left.conditions < 0) {
        throw new MaplewoodError('QUERY_TOO_COMPLEX', `There may be at most ${limits.nodes} conditions.`);
      }
      parts.push(...found);
    }
  }
  const [only] = parts;
  return parts.length === 0 ? undefined : parts.length === 1 && only ? only : { kind: 'and', parts };
}

/** Error `BAD_USER_INPUT` for a list that is longer than the limit. */
export function atMost(
  name: string,
  list: readonly unknown[],
  { listItems }: Pick<Limits, 'listItems'>,
): void {
  if (list.length > listItems)
    throw new MaplewoodError('BAD_USER_INPUT', `${name}: a list may have at most ${listItems} values.`);
}

function tests(
  column: string,
  given: WhereInput,
  limits: Pick<Limits, 'listItems' | 'textCharacters'>,
): Filter[] {
  return operators.flatMap((op): Filter[] => {
    const value = given[op] as FilterValue | readonly FilterValue[] | undefined;
    if (value === undefined) return [];
    if (value === null || (Array.isArray(value) && value.includes(null))) {
      throw new MaplewoodError(
        'BAD_USER_INPUT',
        `${column}: ${op} takes no null. Use isNull to test for it.`,
      );
    }
    if (Array.isArray(value)) atMost(column, value, limits);
    for (const one of Array.isArray(value) ? (value as readonly FilterValue[]) : [value as FilterValue]) {
      if (typeof one === 'string' && one.length > limits.textCharacters) {
        throw new MaplewoodError(
          'BAD_USER_INPUT',
          `${column}: a text may have at most ${limits.textCharacters} characters.`,
        );
      }
      if (typeof one === 'number' && !Number.isFinite(one)) {
        throw new MaplewoodError('BAD_USER_INPUT', `${column}: a number must be finite.`);
      }
    }
    return [{ kind: 'test', column, op, value }];
  });
}

/** The order that an `orderBy` argument means. */
export const toOrder = (
  given: readonly { column: string; direction?: string | null }[] | null | undefined,
): Order[] => (given ?? []).map(({ column, direction }) => ({ column, descending: direction === 'DESC' }));
