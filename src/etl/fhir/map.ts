import type { Lake } from '../../lake/lake.js';
import type { BronzeBatch } from '../bronze.js';
import { contracts } from '../contracts/index.js';
import type { Engine } from '../engine.js';
import { silverType } from '../silver/typed.js';
import { name, quoted } from '../sql.js';
import { conditionMapping, observationMapping, procedureMapping } from './clinical.js';
import { countResources, type FhirCounts, mappedTable } from './counts.js';
import { currentView, findCurrent } from './current.js';
import { attendanceMapping, contactMapping, spellMapping } from './encounters.js';
import type { Mapping } from './mapping.js';
import { carePackageMapping, prescriptionMapping, referralMapping } from './orders.js';
import {
  organisationsSql,
  organisationTable,
  practiceMapping,
  tabledCodesSql,
  trustMapping,
} from './organisations.js';
import { patientMapping, patientTables } from './patients.js';
import { resolveReferences } from './references.js';
import { mappedTypes, shapes, typeTable } from './shapes.js';
import { spellCodesSql } from './spell-codes.js';
import { staffSql } from './staff.js';
import { visitsSql } from './visits.js';

/** Rows of one dataset that come from FHIR, as a file with columns of its contract and `_batch`, `_row`, `_loaded_at`. */
export interface MappedFile {
  /** Name in the lake. */
  readonly path: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: number;
}

export interface MappedFhir {
  /** By dataset; only those that have rows. */
  readonly files: ReadonlyMap<string, MappedFile>;
  readonly counts: FhirCounts;
}

/** Table of rows for the quarantine that no contract can refuse, with its columns. */
export const refusedTable = 'fhir_refused';

const mappings: readonly Mapping[] = [
  trustMapping,
  practiceMapping,
  patientMapping,
  spellMapping,
  attendanceMapping,
  contactMapping,
  prescriptionMapping,
  referralMapping,
  carePackageMapping,
  conditionMapping,
  procedureMapping,
  observationMapping,
];

/**
 * Maps all current FHIR resources to rows of the datasets, one Parquet file a dataset in `folder` of the lake. A row
 * carries batch, row and load time of the resource that makes it. Rows are as a delivery would bring them: the
 * contracts still judge them. Leaves `refusedTable` for the quarantine, and what `withQuarantined` needs. `batches` are all of the ledger: a trust or
 * practice that a table brings is not mapped again.
 */
export async function mapFhir(
  engine: Engine,
  lake: Lake,
  batches: readonly BronzeBatch[],
  folder: string,
): Promise<MappedFhir> {
  await findCurrent(engine, lake, batches);
  const references = await resolveReferences(engine);
  for (const type of mappedTypes) {
    await engine.run(`create or replace table ${typeTable(type)} as
select id, confidentiality, _batch, _row, _loaded_at, from_json(resource, ${quoted(JSON.stringify(shapes[type]))}) as r
from ${currentView} where resource_type = ${quoted(type)}`);
  }
  await engine.run(
    tabledCodesSql(
      batches.flatMap(({ dataset, file }) =>
        file !== undefined && (dataset === 'trusts' || dataset === 'practices')
          ? [{ dataset, path: lake.path(file) }]
          : [],
      ),
    ),
  );
  for (const sql of [organisationsSql, staffSql, ...patientTables, visitsSql, ...spellCodesSql])
    await engine.run(sql);
  await engine.run(`create or replace table ${refusedTable} as
select 'trusts' as dataset, _batch as batch, _row as row, 'trust_code' as column_name, 'TRUST_CODE_TAKEN' as rule,
  'another organisation without an ODS code has the same derived code; send its ODS code' as reason, null::varchar as raw
from ${organisationTable} where refused`);
  await engine.run(
    `create or replace table ${mappedTable} (resource_type varchar, _batch integer, _row bigint)`,
  );
  const files = new Map<string, MappedFile>();
  for (const mapping of mappings) {
    const file = await writeMapped(engine, lake, mapping, `${folder}/${mapping.dataset}.parquet`);
    if (file.rows > 0) files.set(mapping.dataset, file);
  }
  const counts = await countResources(engine, references);
  await dropWork(engine);
  return { files, counts };
}

/** Frees the memory of what only the mapping needs; identifiers are among it. */
async function dropWork(engine: Engine): Promise<void> {
  const tables = await engine.rows<{ name: string }>(
    `select table_name as name from duckdb_tables() where database_name = 'memory' and table_name like 'fhir\\_%' escape '\\' and table_name not in (${quoted(refusedTable)}, ${quoted(mappedTable)})`,
  );
  await engine.run(`drop view if exists ${currentView}`);
  for (const { name: table } of tables) await engine.run(`drop table ${name(table)}`);
}

async function writeMapped(engine: Engine, lake: Lake, mapping: Mapping, path: string): Promise<MappedFile> {
  const contract = contracts.get(mapping.dataset);
  const columns = Object.entries(mapping.columns).map(([column, value]) => {
    const declared = contract?.columns[column];
    if (!declared) throw new Error(`contract ${mapping.dataset} has no column ${column}`);
    // A decimal stays text: whether it fits is for the contract to say, row by row.
    const type = declared.type.kind === 'decimal' ? 'VARCHAR' : silverType(declared.type);
    return { name: column, type, value };
  });
  const select = columns.map(
    ({ name: column, type, value }) => `cast(${value} as ${type}) as ${name(column)}`,
  );
  const { rowsChanged } = await engine.connection.run(`copy (
  select ${select.join(',\n    ')}, m._batch, m._row, m._loaded_at
  from ${mapping.from}
  where ${mapping.where}
  order by m._batch, m._row
) to ${quoted(lake.path(path))} (format parquet, compression zstd)`);
  await engine.run(
    `insert into ${mappedTable} select distinct ${quoted(mapping.type)}, _batch, _row from read_parquet(${quoted(lake.path(path))})`,
  );
  return {
    path,
    columns: columns.map(({ name: column, type }) => ({ name: column, type })),
    rows: rowsChanged,
  };
}
