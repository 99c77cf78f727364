import type { ColumnType } from '../../warehouse/table.js';
import { referenceColumns } from '../code-lists.js';
import type { Contract } from '../contracts/contract.js';
import { bronzeTable, type Edge, nameOf } from '../lineage/edge.js';
import type { TracedRelease } from '../lineage/trace.js';
import { silverType } from '../silver/typed.js';
import { facet, type LineageDataset } from './event.js';

/** Where datasets live, in words: an address of the machine would tell where it stands. */
const namespaces = {
  landing: 'maplewood.landing',
  lake: 'maplewood.lake',
  reference: 'maplewood.reference',
  warehouse: 'maplewood.warehouse',
} as const;

interface Field {
  readonly name: string;
  readonly type?: string;
  readonly description?: string;
}

function dataset(
  where: keyof typeof namespaces,
  name: string,
  fields: readonly Field[],
  more: LineageDataset['facets'] = {},
): LineageDataset {
  return {
    namespace: namespaces[where],
    name,
    facets: {
      ...facet('dataSource', { name: namespaces[where] }),
      ...(fields.length > 0 ? facet('schema', { fields }) : {}),
      ...more,
    },
  };
}

const contractFields = (contract: Contract): Field[] =>
  Object.entries(contract.columns).map(([name, { type, description }]) => ({
    name,
    type: silverType(type),
    description,
  }));

/** A delivered file by its name in the landing folder. */
export const landingInput = (name: string, contract: Contract | undefined): LineageDataset =>
  dataset('landing', name, contract ? contractFields(contract) : []);

/** What a release rests on: the delivered rows in the lake and the code lists that its lineage names. */
export function standingInputs(
  contracts: ReadonlyMap<string, Contract>,
  edges: readonly Edge[],
): LineageDataset[] {
  const lists = new Set(edges.flatMap(({ from }) => (from.layer === 'reference' ? [from.table] : [])));
  return [
    ...[...contracts.values()].map((contract) =>
      dataset('lake', bronzeTable(contract.dataset), contractFields(contract)),
    ),
    ...[...lists].map((list) =>
      dataset(
        'reference',
        list,
        referenceColumns(list.slice(0, -'.csv'.length)).map((name) => ({ name })),
      ),
    ),
  ];
}

/** The tables of a release: their columns, from which columns of the inputs each one comes, and their rows. */
export function releaseOutputs({ edges, tables }: TracedRelease, release: number): LineageDataset[] {
  const into = new Map<string, Edge[]>();
  for (const edge of edges) into.set(nameOf(edge.to), [...(into.get(nameOf(edge.to)) ?? []), edge]);
  return tables.map(({ table, rows }) => {
    const columns = Object.entries(table.columns);
    const fields = columns.map(([name, { type, description }]) => ({
      name,
      type: typeName(type),
      description,
    }));
    const origins = columns.flatMap(([column]): [string, object][] => {
      const inputFields = inputsOf(`${table.name}.${column}`, into);
      return inputFields.length > 0 ? [[column, { inputFields }]] : [];
    });
    return {
      ...dataset('warehouse', table.name, fields, {
        ...(origins.length > 0 ? facet('columnLineage', { fields: Object.fromEntries(origins) }) : {}),
        ...facet('version', { datasetVersion: String(release) }),
      }),
      outputFacets: facet('outputStatistics', { rowCount: rows }),
    };
  });
}

interface InputField {
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
  readonly transformations: readonly { readonly type: string; readonly subtype: string }[];
}

/** Columns of inputs behind a column: nearest way first; INDIRECT where a filter or count lies on the way. */
function inputsOf(column: string, into: ReadonlyMap<string, readonly Edge[]>): InputField[] {
  const found = new Map<string, InputField>();
  const visited = new Set([column]);
  let level = [{ name: column, type: 'DIRECT', subtype: 'IDENTITY' }];
  while (level.length > 0) {
    const next: typeof level = [];
    for (const { name, type, subtype } of level) {
      for (const { from, kind } of into.get(name) ?? []) {
        const step = { ...stepOf(kind, type, subtype), name: nameOf(from) };
        if (visited.has(step.name)) continue;
        visited.add(step.name);
        if (from.column !== null && (from.layer === 'bronze' || from.layer === 'reference')) {
          found.set(step.name, {
            namespace: from.layer === 'bronze' ? namespaces.lake : namespaces.reference,
            name: from.table,
            field: from.column,
            transformations: [{ type: step.type, subtype: step.subtype }],
          });
        } else next.push(step);
      }
    }
    level = next;
  }
  return [...found.values()];
}

function stepOf(kind: Edge['kind'], type: string, subtype: string): { type: string; subtype: string } {
  if (type === 'INDIRECT' || kind === 'filter') return { type: 'INDIRECT', subtype: 'FILTER' };
  if (kind === 'count' || subtype === 'AGGREGATION') return { type: 'DIRECT', subtype: 'AGGREGATION' };
  return { type, subtype: kind === 'derived' ? 'TRANSFORMATION' : subtype };
}

function typeName(type: ColumnType): string {
  switch (type.kind) {
    case 'text':
      return `text(${type.length})`;
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    default:
      return type.kind;
  }
}
