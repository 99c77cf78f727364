import fc from 'fast-check';
import { type Role, roleDeclarations } from '../../src/access/role.js';
import type { Filter, FilterValue, Operator } from '../../src/loaders/filter.js';
import type { MeasureQuestion, Order } from '../../src/loaders/question.js';
import { columnVisible, measureDatasets } from '../../src/schema/datasets.js';
import { anyAggregate } from '../../src/schema/declare/arguments.js';
import type { MeasureDataset } from '../../src/schema/declare/dataset.js';
import { measureType } from '../../src/schema/declare/decorators.js';
import { grains } from '../../src/warehouse/grain.js';
import { plus } from './calendar.js';

/** A question and who asks it, with the world that it is asked of. */
export interface Asked {
  readonly world: number;
  readonly question: MeasureQuestion;
  readonly role: Role;
  readonly trusts: readonly string[] | null;
  /** Days from the last day with data to yesterday. */
  readonly lag: number;
}

type Kind = 'text' | 'number' | 'double' | 'decimal' | 'boolean';

interface Askable {
  readonly name: string;
  readonly kind: Kind;
  readonly isMeasure: boolean;
}

function askable(dataset: MeasureDataset, role: Role): Askable[] {
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
      isMeasure: false,
    })),
    ...[...dataset.measures.values()].map((measure) => ({
      name: measure.name,
      kind: kindOf(measureType(anyAggregate(measure)).kind),
      isMeasure: true,
    })),
  ].filter(({ name }) => columnVisible(dataset, role, name));
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
];
const numbers = [0, 1, 3, 5, 7, 8, 10, 12, 18, 20, 50, 100];
const decimals = ['0', '10', '150.00', '1000.5', '25000', '3000000.00'];
const doubles = [0, 0.5, 2, 3, 12.5, 33.3, 50, 60, 100, 180.5];

function testOf(column: Askable): fc.Arbitrary<Filter> {
  const test = (
    op: Operator,
    value: fc.Arbitrary<FilterValue | readonly FilterValue[]>,
  ): fc.Arbitrary<Filter> => value.map((given) => ({ kind: 'test', column: column.name, op, value: given }));
  if (column.kind === 'boolean') return fc.oneof(test('eq', fc.boolean()), test('ne', fc.boolean()));
  const value: fc.Arbitrary<FilterValue> = fc.constantFrom<FilterValue>(
    ...(column.kind === 'text'
      ? texts
      : column.kind === 'double'
        ? doubles
        : column.kind === 'decimal'
          ? decimals
          : numbers),
  );
  const order: readonly Operator[] = ['lt', 'lte', 'gt', 'gte'];
  return fc.oneof(
    test('eq', value),
    test('ne', value),
    test('in', fc.array(value, { maxLength: 4 })),
    test('isNull', fc.boolean()),
    ...order.map((op) => test(op, value)),
    ...(column.kind === 'text'
      ? (['startsWith', 'endsWith', 'contains'] as const).map((op) => test(op, value))
      : []),
  );
}

const periodTest: fc.Arbitrary<Filter> = fc
  .tuple(fc.constantFrom<Operator>('gte', 'lt'), fc.integer({ min: -10, max: 90 }))
  .map(([op, days]) => ({ kind: 'test', column: 'period', op, value: plus('2022-11-25', days) }));

function filterOf(columns: readonly Askable[]): fc.Arbitrary<Filter> {
  const test = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...columns).chain(testOf) },
    { weight: 1, arbitrary: periodTest },
  );
  // Alternatives over one column can narrow events as well as pick cells; over any columns they are often refused.
  const alike = fc
    .tuple(fc.constantFrom(...columns), fc.constantFrom<'and' | 'or'>('and', 'or'))
    .chain(([column, kind]) =>
      fc.array(testOf(column), { minLength: 1, maxLength: 3 }).map((parts): Filter => ({ kind, parts })),
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
  return fc.oneof(
    { weight: 1, arbitrary: node },
    {
      weight: 1,
      arbitrary: fc.array(node, { maxLength: 3 }).map((parts): Filter => ({ kind: 'and', parts })),
    },
  );
}

const scopes = ['RA1', 'RB2', 'RC3', 'RD4', 'ZZ9'];

/** Any question of any dataset by any of its roles; some are refused, and then for the right reason. */
export const asked = (worlds: number): fc.Arbitrary<Asked> =>
  fc
    .constantFrom(...measureDatasets)
    .chain((dataset) => fc.tuple(fc.constant(dataset), fc.constantFrom(...dataset.roles)))
    .chain(([dataset, role]) => {
      const columns = askable(dataset, role);
      const dimensions = dataset.by.filter((name) => dataset.dimensionRoles?.[name]?.includes(role) ?? true);
      const exact = roleDeclarations[role].profile === 'exact';
      const someTrusts = fc.subarray(scopes, { minLength: 1, maxLength: 3 });
      const orderColumns = ['period', ...columns.map(({ name }) => name)];
      return fc
        .record({
          world: fc.nat({ max: worlds - 1 }),
          trusts: exact
            ? someTrusts
            : fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: someTrusts }),
          lag: fc.constantFrom(-9, -1, 0, 5),
          by: fc.subarray(dimensions, { maxLength: Math.min(dimensions.length, exact ? 3 : 2) }),
          grain: fc.constantFrom(...grains, ...(exact ? [] : (['MONTH', 'QUARTER', 'ALL', 'ALL'] as const))),
          select: fc.subarray([...columns.map(({ name }) => name), 'period', 'suppressed'], { minLength: 1 }),
          where: fc.option(filterOf(columns), { nil: undefined, freq: 3 }),
          orderBy: fc.array(
            fc.record<Order>({ column: fc.constantFrom(...orderColumns), descending: fc.boolean() }),
            { maxLength: 2 },
          ),
          first: fc.constantFrom(1, 2, 7, 30, 10_000),
          total: fc.boolean(),
          sameTrust: fc.boolean(),
          includePrescribing: fc.boolean(),
          days: fc.constantFrom(30, 30, 30, 7, 40),
          windowInclusive30: fc.constantFrom(false, false, true),
          indicator: fc.constantFrom('EMERGENCY_ADMISSIONS', 'HOSPITAL_DEATHS'),
          year: fc.constantFrom(null, null, 2022, 2023),
        })
        .map(
          ({
            world,
            trusts,
            lag,
            by,
            grain,
            select,
            where,
            orderBy,
            first,
            total,
            sameTrust,
            includePrescribing,
            days,
            windowInclusive30,
            indicator,
            year,
          }): Asked => ({
            world,
            role,
            trusts,
            lag,
            question: {
              kind: 'measure',
              dataset: dataset.key,
              by,
              grain,
              select: [...select].sort(),
              orderBy,
              first,
              total,
              args:
                dataset.key === 'edWaits'
                  ? { sameTrust }
                  : dataset.key === 'populationHealth'
                    ? { indicator, year }
                    : dataset.key === 'careTransitions'
                      ? { gapDays: days }
                      : dataset.key === 'readmissions'
                        ? { days, windowInclusive30, sameTrust }
                        : dataset.key === 'costs'
                          ? { includePrescribing, includeSocialCare: sameTrust }
                          : dataset.key === 'bedOccupancy'
                            ? { snapshot: 'MIDNIGHT' }
                            : {},
              ...(where ? { where } : {}),
            },
          }),
        );
    });

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
