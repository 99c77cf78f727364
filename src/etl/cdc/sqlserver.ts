import type { Secret } from '../../config/secret.js';
import { MaplewoodError } from '../../errors.js';
import { checkEngine, engineQuery, identity, openPool } from '../../warehouse/mssql/pool.js';
import { type MssqlAddress, parseMssqlUrl } from '../../warehouse/mssql/url.js';
import type { ChangeTable, DatabaseServer, TableRead } from './database.js';
import { changeTableOf } from './sqlserver-changes.js';
import {
  batches,
  type CapturePool,
  columnsOf,
  literal,
  rows,
  stream,
  textsOf,
  unavailable,
} from './sqlserver-rows.js';
import { bracketed, type Carried } from './sqlserver-values.js';

/** Longest time that the reading of one table may take, in milliseconds. */
const longestRead = 6 * 3_600_000;

/**
 * Connects to a SQL Server database. The client is loaded here and not before: it costs 0.1 to 0.2 s.
 * Errors: `CONFIGURATION` for a wrong address or a refused login, `SOURCE_UNAVAILABLE`.
 */
export async function openSqlServer(
  name: string,
  url: Secret,
  development: boolean,
): Promise<DatabaseServer> {
  const address = addressOf(name, url);
  const { default: sql } = await import('mssql');
  const settings = { development, appName: 'maplewood-capture', requestTimeout: longestRead };
  const pool = await openPool(sql, address, settings, 1, await identity(address)).catch((error: unknown) => {
    throw unavailable(error);
  });
  try {
    const [edition] = await rows(pool, engineQuery);
    checkEngine(address.engine, edition?.[0]);
  } catch (error) {
    await pool.close();
    throw error;
  }
  return sqlServer(pool, address.engine);
}

function addressOf(name: string, url: Secret): MssqlAddress {
  try {
    return parseMssqlUrl(url.reveal());
  } catch (error) {
    if (!(error instanceof MaplewoodError)) throw error;
    throw new MaplewoodError('CONFIGURATION', `cdc.sources.${name}.url: ${error.message}`);
  }
}

/** A database behind a pool of the client. */
export function sqlServer(pool: CapturePool, engine: MssqlAddress['engine']): DatabaseServer {
  return {
    async read(table) {
      const columns = await columnsOf(pool, `OBJECT_ID(N'${literal(table)}')`);
      if (columns.length === 0) throw noTable(table);
      return tableRead(pool, table, columns, engine === 'sqlserver' ? await isolation(pool) : unprotected);
    },
    changeTable: async (table): Promise<ChangeTable | undefined> =>
      engine === 'sqlserver' ? changeTableOf(pool, table) : undefined,
    close: async () => void (await pool.close()),
  };
}

interface Isolation {
  /** SQL in front of the reading. */
  readonly before: string;
  readonly notes: readonly string[];
}

const unprotected: Isolation = {
  before: '',
  notes: [
    'the database allows no snapshot isolation, so a row that moved while the table was read may count as deleted until the next capture',
  ],
};

/** Reads the table as of one moment where the database allows it. */
async function isolation(pool: CapturePool): Promise<Isolation> {
  const [state] = await rows(
    pool,
    'SELECT snapshot_isolation_state, is_read_committed_snapshot_on FROM sys.databases WHERE database_id = DB_ID()',
  );
  if (Number(state?.[0]) === 1) {
    return { before: 'SET TRANSACTION ISOLATION LEVEL SNAPSHOT; ', notes: [] };
  }
  // One statement then sees one moment without being asked to.
  return state?.[1] === true || state?.[1] === 1 ? { before: '', notes: [] } : unprotected;
}

function tableRead(
  pool: CapturePool,
  table: string,
  columns: readonly Carried[],
  { before, notes }: Isolation,
): TableRead {
  const name = table.split('.').map(bracketed).join('.');
  const text = `${before}SELECT ${columns.map(({ select }) => select).join(', ')} FROM ${name}`;
  return {
    columns: columns.map(({ column }) => column),
    rows: () => batches(stream(pool, text, columns.length), (row) => ({ values: textsOf(columns, row, 0) })),
    notes,
  };
}

const noTable = (table: string): MaplewoodError =>
  new MaplewoodError(
    'CONFIGURATION',
    `The source database has no table ${table}, or its login may not see it. Correct cdc.sources or grant SELECT.`,
  );
