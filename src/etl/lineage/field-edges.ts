import type { Role } from '../../access/role.js';
import type { Aggregate } from '../../measures/aggregate.js';
import { type Part, personsOf, topOf } from '../../measures/parts.js';
import { dimensionOf, type GoldBuilder } from '../../measures/source.js';
import { columnVisible } from '../../schema/datasets.js';
import { argumentsOf, keptAggregates } from '../../schema/declare/arguments.js';
import type { Dataset, MeasureDataset, RowDataset } from '../../schema/declare/dataset.js';
import type { Arguments, DimensionColumn, MeasureColumn } from '../../schema/declare/metadata.js';
import { martPlan } from '../../schema/mart-plan.js';
import { relationOfPeople } from '../../schema/people/relation.js';
import { duckdbDialect } from '../../warehouse/duckdb/dialect.js';
import { versionsOf } from '../../warehouse/gold/versions.js';
import { lineageOf } from '../../warehouse/query-lineage.js';
import { type Edge, edge, end } from './edge.js';
import { columnsOfPart, type GoldColumns } from './measure-edges.js';

/** From marts and tables to the fields of a dataset, named by their GraphQL coordinates. */
export const fieldEdges = (dataset: Dataset, gold: GoldBuilder, columnsOf: GoldColumns): Edge[] =>
  dataset.kind === 'measure'
    ? measureEdges(dataset)
    : dataset.people
      ? peopleEdges(dataset, gold, columnsOf)
      : rowEdges(dataset);

/** Every role sees columns as they are now, and as they were known on a day. */
const ways = (roles: readonly Role[]): { role: Role; asOf: string | undefined }[] =>
  roles.flatMap((role) => [undefined, '0001-01-01T00:00:00Z'].map((asOf) => ({ role, asOf })));

/** Arguments with which everything counts that can. */
const widest = ({ arguments: declared }: RowDataset): Arguments =>
  argumentsOf(
    declared,
    Object.fromEntries(
      Object.entries(declared ?? {})
        .filter(([, { type }]) => type.kind === 'boolean')
        .map(([name]) => [name, true]),
    ),
  );

/** What roles see of a column may come from other columns: it comes from all of them. */
function peopleEdges(dataset: RowDataset, gold: GoldBuilder, columnsOf: GoldColumns): Edge[] {
  const { type, roles, columns } = dataset;
  const found = ways(roles).flatMap(({ role, asOf }) => {
    const names = [...columns.keys()].filter((name) => columnVisible(dataset, role, name));
    const relation = relationOfPeople(dataset, {
      gold,
      dialect: duckdbDialect,
      role,
      names,
      asOf,
      cohort: { args: widest(dataset), dataAsOf: '0001-12-31', inScope: () => undefined },
    });
    const { columns: origins, rows, filters } = lineageOf(relation, columnsOf);
    return [
      ...rows.map((table) => edge(end('gold', table), end('api', type.name), 'direct')),
      ...filters.map(({ table, column }) =>
        edge(end('gold', table, column), end('api', type.name), 'filter'),
      ),
      ...names.flatMap((name) => {
        const { from = [], direct = false } = origins.get(name) ?? {};
        return from.map(({ table, column }) =>
          edge(
            end('gold', table, column),
            end('api', columns.get(name)?.beside === true ? `${type.name}Connection` : type.name, name),
            direct ? 'direct' : 'derived',
            asOf !== undefined
              ? 'with asOf: as it was known on that day'
              : direct
                ? null
                : 'as the role sees it',
          ),
        );
      }),
    ];
  });
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

function rowEdges({ type, table, columns }: RowDataset): Edge[] {
  return [
    edge(end('gold', table.name), end('api', type.name), 'direct'),
    ...[...columns.values()].map(({ name, column }) =>
      edge(end('gold', table.name, column), end('api', type.name, name), 'direct'),
    ),
  ];
}

function measureEdges(dataset: MeasureDataset): Edge[] {
  const mart = martPlan(dataset);
  const { name } = dataset.type;
  const hidden = mart.parts.flatMap((part) => hiddenColumns(part));
  return [
    edge(
      end('mart', mart.name),
      end('api', name),
      'direct',
      'cells of the mart, or the same from the events',
    ),
    edge(end('mart', mart.name, 'period'), end('api', name, 'period'), 'direct'),
    ...hidden.map((column) =>
      edge(
        end('mart', mart.name, column),
        end('api', name, 'suppressed'),
        'derived',
        'which measures are hidden',
      ),
    ),
    ...[...dataset.dimensions.values()].flatMap((column) => dimensionEdges(dataset, mart.name, column)),
    ...[...dataset.measures.values()].flatMap((column) => aggregateEdges(dataset, mart.name, column)),
  ];
}

function dimensionEdges(
  dataset: MeasureDataset,
  mart: string,
  dimension: DimensionColumn & { readonly name: string },
): Edge[] {
  const to = end('api', dataset.type.name, dimension.name);
  const key = end('mart', mart, dimensionOf(dataset.source, dimension.by).column);
  const { value } = dimension;
  if (value.from === 'key') return [edge(key, to, 'direct')];
  const versions = versionsOf.get(value.table);
  const keys = [
    ...(value.list === undefined ? [value.key] : ['code', 'code_list']),
    ...(value.current === undefined ? [] : [value.current]),
  ];
  return [
    edge(key, to, 'filter', 'the name is looked up by the key'),
    edge(end('gold', value.table, value.column), to, 'direct'),
    ...keys.map((column) => edge(end('gold', value.table, column), to, 'filter', 'key of the name')),
    ...(versions === undefined
      ? []
      : [edge(end('gold', versions, value.column), to, 'direct', 'with asOf: as it was known on that day')]),
  ];
}

const steps: Readonly<Record<Aggregate['kind'], string>> = {
  count: 'number of events',
  sum: 'sum',
  persons: 'number of patients',
  ratio: 'one released number over another',
  wilson: 'Wilson limit of the share',
  percentage: 'numerator over denominator, percent',
  mean: 'mean',
  percentile: 'percentile',
  perSample: 'events a sample',
  peak: 'largest number at one sample',
  capacity: 'beds',
  utilisation: 'events a sample over beds, percent',
  isPartial: 'whether the data cover the bucket',
  rate: 'events over person-years, per 100,000',
  standardised: 'directly standardised rate per 100,000, or a limit of it',
  slope: 'slope of the rate from the most to the least deprived',
};

function aggregateEdges(
  dataset: MeasureDataset,
  mart: string,
  measure: MeasureColumn & { readonly name: string },
): Edge[] {
  const to = end('api', dataset.type.name, measure.name);
  const cases = keptAggregates(measure.name, measure, argumentsOf(dataset.arguments));
  const found = cases.flatMap(([, aggregate]): Edge[] => {
    if (aggregate.kind === 'isPartial') return partialEdges(dataset, mart, to);
    const step = steps[aggregate.kind];
    const direct = ['count', 'sum', 'mean', 'percentile', 'peak', 'capacity'].includes(aggregate.kind);
    const over =
      'over' in aggregate
        ? [edge(end('mart', mart, dimensionOf(dataset.source, aggregate.over).column), to, 'filter', step)]
        : [];
    const needed = dataset.parts
      .neededBy(aggregate, true)
      .flatMap((part) =>
        columnsOfPart(part).map((column) =>
          isValue(aggregate, part, column)
            ? edge(end('mart', mart, column), to, direct ? 'direct' : 'derived', step)
            : edge(end('mart', mart, column), to, 'filter', 'small numbers of patients are hidden'),
        ),
      );
    return [...needed, ...over];
  });
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

/** Whether a column of a part is part of the number itself, not of what decides whether it is shown. */
function isValue(aggregate: Aggregate, part: Part, column: string): boolean {
  if (aggregate.kind === 'persons') return column === personsOf(part.id);
  if (aggregate.kind === 'ratio')
    return isValue(aggregate.above, part, column) || isValue(aggregate.below, part, column);
  if (aggregate.kind === 'rate' || aggregate.kind === 'standardised' || aggregate.kind === 'slope')
    return isValue(aggregate.events, part, column) || isValue(aggregate.population, part, column);
  const about = aggregate.kind === 'sum' || aggregate.kind === 'mean' || aggregate.kind === 'percentile';
  return column === part.id && (!about || part.kind !== 'count');
}

const hiddenColumns = (part: Part): string[] =>
  part.kind === 'count' ? [personsOf(part.id)] : part.kind === 'sum' ? [topOf(part.id)] : [];

/** Whether a bucket is complete depends on the first and last days with data. */
const partialEdges = ({ source }: MeasureDataset, mart: string, to: Edge['to']): Edge[] => [
  edge(end('mart', mart, 'period'), to, 'derived', steps.isPartial),
  ...['data_as_of', source.warmUp.firstDay].map((column) =>
    edge(end('gold', 'release_day', column), to, 'derived', steps.isPartial),
  ),
];
