import { releaseDay } from '../../warehouse/gold/quality.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import { referenceColumns } from '../code-lists.js';
import type { Contract } from '../contracts/contract.js';
import { dataDaysSql, otherDaySql } from '../gold/calendar.js';
import { patientKeySql, patientNumberSql } from '../gold/patients.js';
import { versioned, versionsSql, versionsView } from '../gold/versions.js';
import { logNames } from '../silver/log.js';
import { bronzeTable, type Edge, edge, end, type Layer, silverTable } from './edge.js';
import { baseTable, type Catalogue, type Constants, type Relation, type TableColumn } from './relation.js';
import { selectLineage } from './select-lineage.js';
import { silverRelation } from './source-edges.js';

/** A table of gold and the SELECT that fills it, column by column in order. */
export interface Fill {
  readonly table: TableDeclaration;
  readonly select: string;
}

/**
 * Everything that a fill may read, by name: silver and its log, the versions, the numbers of patients, the tables of
 * gold and the reference files. Views and helper tables are seen through to silver.
 */
export function goldCatalogue(
  contracts: ReadonlyMap<string, Contract>,
  tables: readonly TableDeclaration[],
): Catalogue {
  const known = new Map<string, Relation>();
  const catalogue: Catalogue = (name) =>
    name.endsWith('.csv')
      ? baseTable(name, referenceColumns(name.slice(0, -'.csv'.length)))
      : known.get(name);
  for (const table of tables) known.set(table.name, baseTable(table.name, Object.keys(table.columns)));
  for (const contract of contracts.values()) {
    const silver = silverRelation(contract);
    known.set(silverTable(contract.dataset), silver);
    known.set(logNames(contract.dataset).stage, logOf(contract, silver));
  }
  for (const dataset of versioned) {
    const contract = contracts.get(dataset);
    if (contract) known.set(versionsView(dataset), selectLineage(versionsSql(contract), catalogue));
  }
  if (contracts.has('patients')) {
    known.set('patient_number', selectLineage(patientNumberSql(undefined), catalogue));
    known.set('patient_key', selectLineage(patientKeySql, catalogue));
  }
  return catalogue;
}

/** All versions of a dataset: its columns are those of silver; what became of a row is decided by the rules before. */
function logOf({ dataset }: Contract, silver: Relation): Relation {
  const judged = { from: [], direct: false, expression: 'judged by the rules' };
  return {
    ...silver,
    columns: new Map([
      ...silver.columns,
      [
        '_op',
        { from: [{ table: bronzeTable(dataset), column: '_op' }], direct: true, expression: 'operation' },
      ] as const,
      ['_reject', judged] as const,
      ['_fate', judged] as const,
    ]),
  };
}

/** From silver, reference lists and other gold to a table of gold, by the SELECT that fills it. */
export function fillEdges(
  { table, select }: Fill,
  catalogue: Catalogue,
  layerOf: LayerOf,
  constants: Constants,
): Edge[] {
  const { ordered, rows, filters } = selectLineage(select, catalogue, constants);
  const names = Object.keys(table.columns);
  if (ordered.length !== names.length)
    throw new Error(`lineage: ${ordered.length} columns fill the ${names.length} of ${table.name}`);
  const toRows = end('gold', table.name);
  // What sets columns of rows that are there already makes no row and leaves none out: its conditions decide the values.
  const makesRows = !rows.includes(table.name);
  const decided = makesRows ? [toRows] : names.map((column) => end('gold', table.name, column));
  return [
    ...(makesRows ? rows.map((from) => edge(end(layerOf(from), from), toRows, 'direct')) : []),
    ...names.flatMap((column, index) => {
      const to = end('gold', table.name, column);
      const origin = ordered[index]?.origin ?? { from: [], direct: false, expression: '' };
      // A day of the release is written as a constant that stands for itself.
      const from = origin.from.filter((one) => one.table !== table.name || one.column !== column);
      if (from.length === 0) return [edge(end('made', 'declaration'), to, 'derived', origin.expression)];
      return from.map((one) =>
        edge(
          endOf(one, layerOf),
          to,
          origin.direct ? 'direct' : 'derived',
          origin.direct ? null : origin.expression,
        ),
      );
    }),
    ...decided.flatMap((to) => filters.map((from) => edge(endOf(from, layerOf), to, 'filter'))),
  ];
}

export type LayerOf = (table: string) => Layer;

const endOf = ({ table, column }: TableColumn, layerOf: LayerOf) => end(layerOf(table), table, column);

/** Texts that stand for the days of the release where lineage reads the SELECTs: no other text begins like them. */
export const daysOfRelease = {
  firstAdmission: '0001-01-01',
  firstArrival: '0001-01-02',
  dataAsOf: '0001-01-03',
} as const;

const dayColumns = [
  ['dataAsOf', 'data_as_of'],
  ['firstAdmission', 'first_admission'],
  ['firstArrival', 'first_arrival'],
] as const;

export const dayConstants: Constants = new Map(
  dayColumns.map(([day, column]) => [daysOfRelease[day], { table: releaseDay.name, column }]),
);

/** The first and last days of the release come from silver; they bound the calendar. */
export function dayEdges(
  catalogue: Catalogue,
  layerOf: LayerOf,
  bounded: readonly TableDeclaration[],
): Edge[] {
  const { columns } = selectLineage(dataDaysSql, catalogue);
  const other = selectLineage(otherDaySql, catalogue).columns.get('dataAsOf')?.from ?? [];
  return dayColumns.flatMap(([name, column]) => {
    const day = end('gold', releaseDay.name, column);
    const { from, expression } = columns.get(name) ?? { from: [], expression: '' };
    return [
      ...[...from, ...(name === 'dataAsOf' ? other : [])].map((one) =>
        edge(endOf(one, layerOf), day, 'derived', expression),
      ),
      ...bounded.map((table) => edge(day, end('gold', table.name), 'filter', 'bounds of the calendar')),
    ];
  });
}

/** Tables about the run itself: every column is what the run counted, named or wrote. */
export function runEdges(tables: readonly TableDeclaration[], contracts: Iterable<string>): Edge[] {
  const made = end('made', 'run');
  return [
    ...tables.flatMap((table) => [
      edge(made, end('gold', table.name), 'derived', 'written by the run'),
      ...Object.entries(table.columns).map(([column, { description }]) =>
        edge(made, end('gold', table.name, column), 'derived', description),
      ),
    ]),
    ...[...contracts].map((dataset) =>
      edge(
        end('bronze', bronzeTable(dataset)),
        end('gold', 'quarantined_row'),
        'direct',
        'rows that a rule refuses',
      ),
    ),
  ];
}
