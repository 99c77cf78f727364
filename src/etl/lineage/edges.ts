import { defaultSettings } from '../../config/settings.js';
import type { MartPlan } from '../../measures/mart.js';
import type { GoldBuilder } from '../../measures/source.js';
import { datasets } from '../../schema/datasets.js';
import { cdsTables } from '../../warehouse/gold/cds.js';
import { dimDate, dimHour } from '../../warehouse/gold/dimensions.js';
import { valueSet } from '../../warehouse/gold/findings.js';
import { goldTables } from '../../warehouse/gold/index.js';
import { lineageEdge } from '../../warehouse/gold/lineage.js';
import {
  qualityDistribution,
  qualityItem,
  qualityResult,
  quarantinedRow,
  releaseSource,
  schemaDrift,
} from '../../warehouse/gold/quality.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import type { Contract } from '../contracts/contract.js';
import { derivedFills } from '../gold/derived.js';
import { goldFills } from '../gold/fills.js';
import { rowColumnFill } from '../gold/generalise.js';
import { calendarFills, codeFills } from '../gold/load.js';
import { versionsView } from '../gold/versions.js';
import type { CodeLists } from '../silver/rules.js';
import { bronzeTable, type Edge, type Layer, nameOf, silverTable } from './edge.js';
import { fieldEdges } from './field-edges.js';
import { forecastEdges } from './forecast-edges.js';
import {
  dayConstants,
  dayEdges,
  daysOfRelease,
  type Fill,
  fillEdges,
  goldCatalogue,
  runEdges,
} from './gold-edges.js';
import { eventEdges, martEdges } from './measure-edges.js';
import { sourceEdges } from './source-edges.js';

export interface LineageInputs {
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly codeLists: CodeLists;
  readonly marts: readonly MartPlan[];
  readonly gold: GoldBuilder;
  /** Other tables of gold with the SELECT that fills them. */
  readonly more?: readonly Fill[];
}

/** Tables whose rows the run itself writes. */
const runTables: readonly TableDeclaration[] = [
  releaseSource,
  qualityResult,
  qualityItem,
  qualityDistribution,
  quarantinedRow,
  schemaDrift,
  lineageEdge,
  valueSet,
  ...cdsTables,
];

/**
 * Lineage from the delivered column to the field of the API, read from what is declared and run: contracts and rules,
 * the SELECTs that fill gold, the queries of the event sources, measures, dimensions and row datasets. The same
 * declarations give the same edges in the same order.
 */
export function lineageEdges({ contracts, codeLists, marts, gold, more = [] }: LineageInputs): Edge[] {
  const layers = new Map<string, Layer>([
    ...[...contracts.keys()].flatMap((dataset): [string, Layer][] => [
      [bronzeTable(dataset), 'bronze'],
      [silverTable(dataset), 'silver'],
    ]),
    ...goldTables.map(({ name }): [string, Layer] => [name, 'gold']),
  ]);
  const layerOf = (table: string): Layer => {
    const layer = table.endsWith('.csv') ? 'reference' : layers.get(table);
    if (!layer) throw new Error(`lineage: nothing declares the table ${table}`);
    return layer;
  };
  const columns = new Map<string, readonly string[]>(
    goldTables.map((table) => [table.name, Object.keys(table.columns)]),
  );
  const columnsOf = (table: string): readonly string[] => columns.get(table) ?? [];
  const catalogue = goldCatalogue(contracts, goldTables);
  const star = goldFills({
    contracts,
    codeLists,
    rows: silverTable,
    versions: versionsView,
    flagBit: () => 1,
    sensitive: ['-'],
    dataAsOf: daysOfRelease.dataAsOf,
  });
  const fills: readonly Fill[] = [
    ...star,
    ...calendarFills(daysOfRelease),
    ...codeFills(daysOfRelease, defaultSettings.disclosure, '.'),
    ...derivedFills({ referenceDir: '.', dataAsOf: daysOfRelease.dataAsOf }),
    rowColumnFill(defaultSettings.rows.anonymity, '.'),
    ...more,
  ];
  const sources = new Map(marts.map(({ source }) => [source.name, source]));
  return joined([
    ...[...contracts.values()].flatMap((contract) => sourceEdges(contract, contracts, codeLists)),
    ...fills.flatMap((fill) => fillEdges(fill, catalogue, layerOf, dayConstants)),
    ...dayEdges(catalogue, layerOf, [dimDate, dimHour]),
    ...runEdges(runTables, contracts.keys()),
    ...[...sources.values()].flatMap((source) => eventEdges(source, gold, columnsOf)),
    ...marts.flatMap((mart) => martEdges(mart, gold, columnsOf)),
    ...datasets.flatMap((dataset) => fieldEdges(dataset, gold, columnsOf)),
    ...forecastEdges(),
  ]);
}

/** Two ends are joined once a kind; of several ways the first one is told. What is made by itself only where nothing else is known. */
function joined(edges: readonly Edge[]): Edge[] {
  const known = new Map<string, Edge>();
  for (const one of edges) {
    const key = `${nameOf(one.from)} ${nameOf(one.to)} ${one.kind}`;
    if (!known.has(key)) known.set(key, one);
  }
  const reached = new Set(
    [...known.values()].filter(({ from }) => from.layer !== 'made').map(({ to }) => nameOf(to)),
  );
  return [...known.values()].filter(
    ({ from, to }) => from.layer !== 'made' || to.column === null || !reached.has(nameOf(to)),
  );
}
