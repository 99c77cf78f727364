import { allowedGrains } from '../access/combinations.js';
import type { Role } from '../access/role.js';
import { grains } from '../warehouse/grain.js';
import { bedForecastEntry } from './bed-forecast-entry.js';
import type { CatalogueColumn, CatalogueEntry } from './catalogue-entry.js';
import { columnDescription, columnVisible, datasets, isListed } from './datasets.js';
import { anyAggregate } from './declare/arguments.js';
import type { Dataset } from './declare/dataset.js';
import { graphqlType, measureType, rowType } from './declare/decorators.js';
import type { DatasetArgument } from './declare/metadata.js';

/** The datasets that exist for a role, with only the columns and combinations that exist for it. */
export function catalogueFor(role: Role): CatalogueEntry[] {
  const forecast = bedForecastEntry(role);
  return [
    ...datasets.filter((dataset) => isListed(dataset, role)).map((dataset) => entry(dataset, role)),
    ...(forecast ? [forecast] : []),
  ];
}

function entry(dataset: Dataset, role: Role): CatalogueEntry {
  const { key, title, description, kind } = dataset;
  const visible = (name: string): boolean => columnVisible(dataset, role, name);
  if (dataset.kind === 'row') {
    return {
      key,
      title,
      description,
      kind,
      columns: [...dataset.columns.values()]
        .filter(({ name }) => visible(name))
        .map((column) => ({
          name: column.name,
          description: columnDescription(column, role),
          kind: 'column',
          type: typeName(rowType(column)),
          unit: column.unit ?? null,
          sensitivity: column.sensitivity,
          dimension: null,
          numerator: null,
          denominator: null,
          edgeCases: null,
          source: null,
        })),
      dimensions: [],
      allowed: [],
      arguments: argumentsIn(dataset),
    };
  }
  const dimensions = [...dataset.dimensions.values()].filter(({ name }) => visible(name));
  const measures = [...dataset.measures.values()].filter(({ name }) => visible(name));
  const usable = dataset.by.filter((name) => dimensions.some((column) => column.by === name));
  return {
    key,
    title,
    description,
    kind,
    columns: [
      ...dimensions.map(
        (column): CatalogueColumn => ({
          name: column.name,
          description: column.description,
          kind: 'dimension',
          type: typeName(graphqlType(column.type)),
          unit: column.unit ?? null,
          sensitivity: column.sensitivity,
          dimension: column.by,
          numerator: null,
          denominator: null,
          edgeCases: null,
          source: null,
        }),
      ),
      ...measures.map(
        (column): CatalogueColumn => ({
          name: column.name,
          description: column.description,
          kind: 'measure',
          type: typeName(graphqlType(measureType(anyAggregate(column)))),
          unit: column.unit ?? null,
          sensitivity: column.sensitivity,
          dimension: null,
          numerator: column.numerator ?? null,
          denominator: column.denominator,
          edgeCases: column.edgeCases ?? null,
          source: column.source,
        }),
      ),
    ],
    dimensions: usable.map((name) => ({
      name,
      columns: dimensions.filter((column) => column.by === name).map((column) => column.name),
    })),
    allowed: combinations(
      dataset.cubes.map((cube) => cube.by),
      usable,
    ).flatMap((by) => {
      const allowed = allowedGrains(role, dataset, by);
      return allowed.length > 0 ? [{ by, grains: grains.filter((grain) => allowed.includes(grain)) }] : [];
    }),
    arguments: argumentsIn(dataset),
  };
}

const argumentsIn = (dataset: Dataset): CatalogueEntry['arguments'] =>
  Object.entries(dataset.arguments ?? {}).map(([name, argument]) => ({
    name,
    description: argument.description,
    default: argument.default === null ? 'none' : String(argument.default),
    values: argumentValues(argument.type),
  }));

/** Values of an argument; of a number its limits. */
function argumentValues(type: DatasetArgument['type']): readonly string[] {
  switch (type.kind) {
    case 'boolean':
      return ['true', 'false'];
    case 'int':
      return [`${type.least} to ${type.most}`];
    case 'enum':
      return type.values;
  }
}

/** The sets of dimensions that are declared, with nothing that the role does not have; no dimension at all first. */
function combinations(
  sets: readonly (readonly string[])[],
  usable: readonly string[],
): (readonly string[])[] {
  const own = sets.filter((set) => set.every((name) => usable.includes(name)));
  const single = usable.map((name) => [name]);
  const byText = new Map(
    [[], ...single, ...own].map((set): [string, readonly string[]] => [set.join(' '), set]),
  );
  return [...byText.values()];
}

const typeName = (type: { readonly name: string }): string => type.name;
