/**
 * Run events of OpenLineage (spec 2-0-2, https://openlineage.io/spec/2-0-2/OpenLineage.json) as far as the ETL writes
 * them. Names only: no event holds a value of the data or a path of the machine.
 */

export type EventType = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';

/** A facet: who made it, by which schema, and its own members. */
export interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
  readonly [member: string]: unknown;
}

export interface LineageDataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets?: Readonly<Record<string, Facet>>;
  /** Of an output only. */
  readonly outputFacets?: Readonly<Record<string, Facet>>;
}

export interface RunEvent {
  readonly eventType: EventType;
  /** ISO 8601 in UTC. */
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets?: Readonly<Record<string, Facet>> };
  readonly job: { readonly namespace: string; readonly name: string };
  readonly inputs: readonly LineageDataset[];
  readonly outputs: readonly LineageDataset[];
}

const spec = 'https://openlineage.io/spec';

/** An absolute URI, as the schema asks for: the product has no public address. */
const producer = 'urn:maplewood:etl';

const facetSchemas = {
  schema: '1-1-1/SchemaDatasetFacet',
  columnLineage: '1-2-0/ColumnLineageDatasetFacet',
  dataSource: '1-0-1/DatasourceDatasetFacet',
  version: '1-0-1/DatasetVersionDatasetFacet',
  outputStatistics: '1-0-2/OutputStatisticsOutputDatasetFacet',
  errorMessage: '1-0-1/ErrorMessageRunFacet',
} as const;

export type FacetName = keyof typeof facetSchemas;

/** A facet of the specification by its name. */
export function facet(name: FacetName, members: Readonly<Record<string, unknown>>): Record<string, Facet> {
  const [version, type] = facetSchemas[name].split('/');
  const url = `${spec}/facets/${version}/${type}.json#/$defs/${type}`;
  return { [name]: { _producer: producer, _schemaURL: url, ...members } };
}

/** The event of a run. `runId` is a UUID. */
export const runEvent = (
  eventType: EventType,
  eventTime: Date,
  run: RunEvent['run'],
  more: Partial<Pick<RunEvent, 'inputs' | 'outputs'>> = {},
): RunEvent => ({
  eventType,
  eventTime: eventTime.toISOString(),
  producer,
  schemaURL: `${spec}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
  run,
  job: { namespace: 'maplewood', name: 'etl.run' },
  inputs: more.inputs ?? [],
  outputs: more.outputs ?? [],
});
