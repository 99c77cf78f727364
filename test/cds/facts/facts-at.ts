import { join } from 'node:path';
import { sql } from 'kysely';
import { timeAt } from '../../../src/cds/arden/run/time.js';
import type { Time } from '../../../src/cds/arden/value.js';
import type { FactReference, ValueSet } from '../../../src/cds/facts/fact.js';
import { isReference, parseReference } from '../../../src/cds/facts/reference/parse.js';
import { registryOf } from '../../../src/cds/facts/registry.js';
import { factRelation } from '../../../src/cds/facts/rows/relation.js';
import type { Config } from '../../../src/config/environment.js';
import { subquery } from '../../../src/measures/source.js';
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.js';
import { openDuckdbWarehouse } from '../../../src/warehouse/duckdb/release.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';
import type { ColumnType } from '../../../src/warehouse/table.js';
import type { OutputColumn, ReleaseHandle, Warehouse } from '../../../src/warehouse/warehouse.js';
import { releaseFolder } from '../../support/release.js';

/** A wall clock of Europe/London, YYYY-MM-DDThh:mm:ss. */
export function at(wall: string): Time {
  const time = timeAt(Date.parse(`${wall}Z`));
  if (!time) throw new Error(`${wall} is no time`);
  return time;
}

/** The reference that stands between braces. */
export function reference(text: string, valueSets: ReadonlyMap<string, ValueSet> = new Map()): FactReference {
  const found = parseReference(text, registryOf(valueSets));
  if (!isReference(found)) throw new Error(JSON.stringify(found.problems));
  return found;
}

/** A value set of codes that begin so. */
export const beginning = (name: string, system: 'icd10' | 'bnf', codes: readonly string[]): ValueSet => ({
  name,
  codes: codes.map((code) => ({ system, code, match: 'prefix', display: code, source: 'test' })),
});

/** A row of a reference: the patient, the key as hex, the primary time and the columns by name. */
export interface RelationRow {
  readonly patient: number;
  readonly key: string;
  readonly time: string | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The newest release of a home, opened to read facts. */
export async function openFacts(config: Config, spill: string): Promise<Warehouse> {
  return openDuckdbWarehouse({
    folder: releaseFolder(config),
    spill: join(spill, 'spill'),
    threads: 2,
    memoryLimit: '1GB',
    connections: 2,
    waiting: 10,
    pollEvery: 60_000,
  });
}

/** All rows of a reference as known at a time, by the query. */
export async function relationRows(
  handle: ReleaseHandle,
  text: string,
  now: Time,
  valueSets: ReadonlyMap<string, ValueSet> = new Map(),
): Promise<RelationRow[]> {
  const of = reference(text, valueSets);
  const gold = goldBuilder(handle.schema);
  const output: OutputColumn[] = [
    { name: 'patient_no', type: { kind: 'int32' } },
    { name: 'row_key', type: { kind: 'key128' } },
    { name: 'primary_time', type: { kind: of.fact.time?.stored ?? 'date' } },
    ...of.columns.map((name) => ({ name, type: outputType(of, name) })),
  ];
  const query = subquery(gold, factRelation(of, gold, duckdbDialect, now, valueSets), 'q').select(
    output.map(({ name, type }) => duckdbDialect.output(sql.ref(`q.${name}`), type).as(name)),
  );
  const { columns, rowCount } = await handle.read(duckdbDialect.compile(query), output);
  return Array.from({ length: rowCount }, (_none, row) => ({
    patient: columns[0]?.[row] as number,
    key: Buffer.from(columns[1]?.[row] as Uint8Array).toString('hex'),
    time: columns[2]?.[row] as string | null,
    values: Object.fromEntries(of.columns.map((name, index) => [name, columns[index + 3]?.[row] ?? null])),
  }));
}

function outputType({ fact }: FactReference, name: string): ColumnType {
  const column = fact.columns[name];
  switch (column?.type) {
    case 'number':
      return { kind: 'double' };
    case 'boolean':
      return { kind: 'boolean' };
    case 'time':
      return { kind: column.stored ?? 'date' };
    default:
      return { kind: 'text', length: 400 };
  }
}
