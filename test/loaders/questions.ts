import fc from 'fast-check';
import { type Role, roleDeclarations, roles } from '../../src/access/role.js';
import type { Filter, FilterValue, Operator } from '../../src/loaders/filter.js';
import type { MeasureQuestion, Order } from '../../src/loaders/question.js';
import { columnVisible, measureDatasets } from '../../src/schema/datasets.js';
import { anyAggregate } from '../../src/schema/declare/arguments.js';
import type { MeasureDataset } from '../../src/schema/declare/dataset.js';
import { measureType } from '../../src/schema/declare/decorators.js';
import type { Arguments, DatasetArgument } from '../../src/schema/declare/metadata.js';
import { type Grain, grains } from '../../src/warehouse/grain.js';
import { plus } from './calendar.js';
import type { Value } from './holds.js';
import type { Mode, Oracle } from './oracle.js';

/** A question and who asks it, with the world that it is asked of. */
export interface Asked {
  readonly world: number;
  readonly question: MeasureQuestion;
  readonly role: Role;
  readonly trusts: readonly string[] | null;
  /** Days from the last day with data to yesterday. */
  readonly lag: number;
  readonly mode: Mode;
  /** Row of the unfiltered answer from which conditions have their values; null: they stay as they are. */
  readonly likeRow: number | null;
  /** Ask it turned round as well. */
  readonly turn: boolean;
}

type Kind = 'text' | 'number' | 'double' | 'decimal' | 'boolean';

interface Askable {
  readonly name: string;
  readonly kind: Kind;
}

function askable(dataset: MeasureDataset): Askable[] {
  const kindOf = (kind: string): Kind =>
    kind === 'text'
      ? 'text'
      : kind === 'double' || kind === 'decimal' || kind === 'boolean'
        ? kind
        : 'number';
  return [
    ...[...dataset.dimensions.values()].map(({ name, type }) => ({
      name,
      kind: kindOf(type.kind),
    })),
    ...[...dataset.measures.values()].map((measure) => ({
      name: measure.name,
      kind: kindOf(measureType(anyAggregate(measure)).kind),
    })),
  ];
}

const texts = [
  'RA1',
  'RB2',
  'RC3',
  'Alder',
  '300',
  '501',
  'unknown',
  'W1',
  '21',
  'DZ11A',
  '3',
  '1',
  '01',
  '05',
  'Falls',
  'ACUTE',
  'Urgent',
  'HOMECARE',
  'A01',
  'M81001',
  '02',
  'not attributable',
  '90+',
  'a',
  'R',
  '',
  // What patterns and padding of SQL would take for something else.
  '%',
  'R_1',
  '[R]',
  'RA1 ',
  'ra1',
];
const numbers = [0, 1, 3, 5, 7, 8, 10, 12, 18, 20, 50, 100];
const decimals = ['0', '10', '150.00', '1000.5', '25000', '3000000.00'];
const doubles = [0, 0.5, 2, 3, 12.5, 33.3, 50, 60, 100, 180.5];

/** Money is given as text. A number that is not rounded has last digits of its own in every engine. */
const given =
  (kind: Kind) =>
  (value: Value): FilterValue =>
    kind === 'decimal'
      ? Number(value).toFixed(2)
      : kind === 'double'
        ? Math.round(Number(value) * 100) / 100
        : value;

/** A world as far as questions are made from it. */
interface Place {
  /** The first day on which something happened. */
  readonly first: string;
  valuesOf(column: string): readonly Value[];
}

/** A text, or a letter or more from anywhere in it: it stands in others at another place. */
const fragmentOf = (value: fc.Arbitrary<FilterValue>): fc.Arbitrary<FilterValue> =>
  fc.oneof(
    { weight: 1, arbitrary: value },
    {
      weight: 2,
      arbitrary: fc
        .record({ of: value, from: fc.nat({ max: 6 }), length: fc.integer({ min: 1, max: 3 }) })
        .map(({ of, from, length }) =>
          String(of)
            .slice(from % Math.max(String(of).length, 1))
            .slice(0, length),
        ),
    },
  );

function testOf(column: Askable, place: Place): fc.Arbitrary<Filter> {
  const test = (
    op: Operator,
    value: fc.Arbitrary<FilterValue | readonly FilterValue[]>,
  ): fc.Arbitrary<Filter> => value.map((given) => ({ kind: 'test', column: column.name, op, value: given }));
  if (column.kind === 'boolean') return fc.oneof(test('eq', fc.boolean()), test('ne', fc.boolean()));
  const some = fc.constantFrom<FilterValue>(
    ...(column.kind === 'text'
      ? texts
      : column.kind === 'double'
        ? doubles
        : column.kind === 'decimal'
          ? decimals
          : numbers),
  );
  // What occurs, mostly: a condition beside every value finds everything or nothing.
  const occurring = place.valuesOf(column.name).map(given(column.kind));
  const value: fc.Arbitrary<FilterValue> =
    occurring.length === 0
      ? some
      : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...occurring) }, { weight: 1, arbitrary: some });
  const order: readonly Operator[] = ['lt', 'lte', 'gt', 'gte'];
  return fc.oneof(
    test('eq', value),
    test('ne', value),
    test('in', fc.array(value, { maxLength: 4 })),
    test('isNull', fc.boolean()),
    ...order.map((op) => test(op, value)),
    ...(column.kind === 'text'
      ? (['startsWith', 'endsWith', 'contains'] as const).map((op) => test(op, fragmentOf(value)))
      : []),
  );
}

/** Days around the first one of a world, some of them first days of buckets. */
const periodTest = (first: string): fc.Arbitrary<Filter> =>
  fc
    .tuple(
      fc.constantFrom<Operator>('gte', 'lt'),
      fc.oneof(
        fc.integer({ min: -80, max: 80 }).map((days) => plus(first, days)),
        fc.constantFrom('2022-01-01', '2023-01-01', '2023-04-01', '2023-05-01'),
      ),
    )
    .map(([op, value]) => ({ kind: 'test', column: 'period', op, value }));

function filterOf(columns: readonly Askable[], place: Place): fc.Arbitrary<Filter> {
  const { first } = place;
  const testsOf = (column: Askable): fc.Arbitrary<Filter> => testOf(column, place);
  const test = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...columns).chain(testsOf) },
    { weight: 1, arbitrary: periodTest(first) },
  );
  // Alternatives over one column can narrow events as well as pick cells; over any columns they are often refused.
  const alike = fc
    .tuple(fc.constantFrom(...columns), fc.constantFrom<'and' | 'or'>('and', 'or'))
    .chain(([column, kind]) =>
      fc.array(testsOf(column), { minLength: 1, maxLength: 3 }).map((parts): Filter => ({ kind, parts })),
    );
  const node = fc.oneof(
    { weight: 4, arbitrary: test },
    { weight: 2, arbitrary: alike },
    { weight: 2, arbitrary: fc.oneof(test, alike).map((part): Filter => ({ kind: 'not', part })) },
    {
      weight: 1,
      arbitrary: fc.array(test, { maxLength: 3 }).map((parts): Filter => ({ kind: 'or', parts })),
    },
  );
  const deep = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      test,
      tie('filter').map((part): Filter => ({ kind: 'not', part })),
      fc
        .tuple(fc.constantFrom<'and' | 'or'>('and', 'or'), fc.array(tie('filter'), { maxLength: 3 }))
        .map(([kind, parts]): Filter => ({ kind, parts })),
    ),
  })).filter;
  return fc.oneof(
    { weight: 2, arbitrary: node },
    { weight: 1, arbitrary: deep },
    {
      weight: 2,
      arbitrary: fc.array(node, { maxLength: 3 }).map((parts): Filter => ({ kind: 'and', parts })),
    },
  );
}

const scopes = ['RA1', 'RB2', 'RC3', 'RD4', 'ZZ9'];

function argumentOf({ type, default: usual }: DatasetArgument): fc.Arbitrary<Arguments[string]> {
  switch (type.kind) {
    case 'boolean':
      return fc.boolean();
    case 'enum':
      // Of some indicators there is no event.
      return fc.constantFrom(...type.values.slice(0, 2), ...type.values.slice(-2));
    case 'int':
      return usual === null
        ? fc.constantFrom(null, null, 2022, 2023)
        : fc.constantFrom(usual, usual, usual, type.least, 7, 29, 31, 40);
  }
}

/** Arguments of a question; the others have their defaults. */
const argumentsFor = (dataset: MeasureDataset) =>
  fc.record(
    Object.fromEntries(
      Object.entries(dataset.arguments ?? {}).map(([name, argument]) => [name, argumentOf(argument)]),
    ),
    { requiredKeys: [] },
  ) as fc.Arbitrary<Arguments>;

/** Mostly what a role may ask; now and then what it may not, or what does not exist. */
const mostly = <T>(usual: readonly T[], any: readonly T[]): fc.Arbitrary<readonly T[]> =>
  fc.oneof({ weight: 20, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constant(any) });

/** Any question of any dataset by any role; some are refused, and then for the right reason. */
export const asked = (
  worlds: readonly { readonly first: string; readonly weight: number; readonly oracle: Oracle }[],
  only: readonly MeasureDataset[] = measureDatasets,
): fc.Arbitrary<Asked> =>
  fc
    .constantFrom(...only)
    .chain((dataset) =>
      fc.record({
        dataset: fc.constant(dataset),
        world: fc.constantFrom(...worlds.flatMap(({ weight }, index) => Array<number>(weight).fill(index))),
        role: mostly(dataset.roles, roles).chain((some) => fc.constantFrom(...some)),
      }),
    )
    .chain(({ dataset, world, role }) => {
      const all = askable(dataset);
      const own = all.filter(({ name }) => columnVisible(dataset, role, name));
      const ownDimensions = dataset.by.filter(
        (name) => dataset.dimensionRoles?.[name]?.includes(role) ?? true,
      );
      return fc.record({
        dataset: fc.constant(dataset),
        world: fc.constant(world),
        role: fc.constant(role),
        columns: mostly<Askable>(own.length === 0 ? all : own, [
          ...all,
          { name: 'patient_no', kind: 'number' },
        ]),
        dimensions: mostly(ownDimensions, Object.keys(dataset.source.dimensions)),
      });
    })
    .chain(({ dataset, world, role, columns, dimensions }) => {
      const { first, oracle } = worlds[world]!;
      const place: Place = { first, valuesOf: (column) => oracle.valuesOf(dataset.key, column) };
      const exact = roleDeclarations[role].profile === 'exact';
      const someTrusts = fc.subarray(scopes, { minLength: 1, maxLength: 3 });
      const names = ['period', ...columns.map(({ name }) => name)];
      const dimensionColumns = columns.filter(({ name }) => dataset.dimensions.has(name));
      const anyWhere = fc.option(filterOf(columns, place), { nil: undefined, freq: 3 });
      const page = fc.record({
        by: fc.subarray([...dimensions], { maxLength: Math.min(dimensions.length, exact ? 3 : 2) }),
        grain: fc.constantFrom(
          ...grains,
          ...(exact ? [] : (['MONTH', 'QUARTER', 'ALL', 'ALL', 'ALL', 'ALL'] as const)),
        ),
        where: anyWhere,
      });
      // Exact figures are narrowed by conditions outside of `by`: on a dimension or two, and few cells of a size.
      const narrowed = fc.record({
        by: fc.subarray([...dimensions], { maxLength: 1 }),
        grain: fc.constantFrom<Grain>('ALL', 'ALL', 'MONTH', 'WEEK'),
        where: fc
          .array(
            fc.oneof(
              { weight: 3, arbitrary: filterOf(dimensionColumns, place) },
              { weight: 1, arbitrary: periodTest(first) },
            ),
            {
              minLength: 1,
              maxLength: 2,
            },
          )
          .map((parts): Filter => ({ kind: 'and', parts })),
      });
      const pages =
        exact && dimensionColumns.length > 0
          ? fc.oneof({ weight: 2, arbitrary: page }, { weight: 1, arbitrary: narrowed })
          : page;
      const asOf = fc.constantFrom(1, 2, 29, 30, 30, 31, 49, 49, 49, 50).map((days) => plus(first, days));
      return fc
        .record({
          trusts: fc.oneof(
            { weight: 40, arbitrary: exact ? someTrusts : fc.constant(null) },
            // What has no trust is in the scope of none.
            { weight: Object.hasOwn(dataset.source.dimensions, 'TRUST') ? 13 : 2, arbitrary: someTrusts },
            { weight: 1, arbitrary: fc.constant([]) },
          ),
          likeRow: fc.option(fc.nat({ max: 1_000 }), { freq: 2 }),
          turn: fc.integer({ min: 0, max: 3 }).map((number) => number === 0),
          lag: fc.constantFrom(-9, -1, 0, 5),
          mode: fc.constantFrom<Mode>('default', 'default', 'strict'),
          page: pages,
          select: fc.subarray([...names, 'suppressed'], { minLength: 1 }),
          orderBy: fc.array(
            fc.record<Order>({ column: fc.constantFrom(...names), descending: fc.boolean() }),
            { maxLength: 2 },
          ),
          first: fc.constantFrom(1, 1, 2, 7, 30, 10_000),
          total: fc.boolean(),
          args: argumentsFor(dataset),
          asOf: exact
            ? fc.option(asOf, { nil: undefined, freq: 2 })
            : fc.oneof({ weight: 40, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: asOf }),
        })
        .map(
          ({
            trusts,
            lag,
            mode,
            likeRow,
            turn,
            page: { where, ...cells },
            asOf: day,
            select,
            ...page
          }): Asked => ({
            world,
            role,
            trusts,
            lag,
            mode,
            likeRow,
            turn,
            question: {
              kind: 'measure',
              dataset: dataset.key,
              ...cells,
              ...page,
              select: [...select].sort(),
              ...(day === undefined ? {} : { asOf: day }),
              ...(where ? { where } : {}),
            },
          }),
        );
    });

const compared: readonly Operator[] = ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte'];

/** The question with conditions that compare with values of its own answer, so that they meet the edges of them. */
export function likeRow(
  question: MeasureQuestion,
  rows: readonly Readonly<Record<string, Value>>[],
  row: number,
): MeasureQuestion {
  let at = row;
  const next = (column: string): Value => rows[at++ % rows.length]?.[column] ?? null;
  const like = (filter: Filter): Filter => {
    if (filter.kind === 'not') return { kind: 'not', part: like(filter.part) };
    if (filter.kind !== 'test') return { kind: filter.kind, parts: filter.parts.map(like) };
    const value = next(filter.column);
    // What is not rounded to one digit has last digits of its own in every engine.
    const plain = typeof value !== 'number' || Math.round(value * 10) / 10 === value;
    if (value === null || !plain || filter.column === 'period' || !compared.includes(filter.op))
      return filter;
    const others = Array.isArray(filter.value) ? filter.value : [filter.value];
    const own = typeof others[0] === 'string' && typeof value === 'number' ? value.toFixed(2) : value;
    return { ...filter, value: filter.op === 'in' ? [...others, own] : own };
  };
  return question.where && rows.length > 0 ? { ...question, where: like(question.where) } : question;
}

/** The same question with everything that makes no difference turned round. */
export function turned(question: MeasureQuestion): MeasureQuestion {
  const turn = (filter: Filter): Filter => {
    if (filter.kind === 'test')
      return Array.isArray(filter.value) ? { ...filter, value: [...filter.value].reverse() } : filter;
    return filter.kind === 'not'
      ? { ...filter, part: turn(filter.part) }
      : { ...filter, parts: filter.parts.map(turn).reverse() };
  };
  return {
    ...question,
    by: [...question.by].reverse(),
    select: [...question.select].reverse(),
    ...(question.where ? { where: turn(question.where) } : {}),
  };
}
