import type { ConnectionPool, config } from 'mssql';
import { MaplewoodError } from '../../errors.js';
import type { TsqlEngine } from './ddl.js';
import { mapError } from './errors.js';
import type { Mssql } from './types.js';
import type { MssqlAddress } from './url.js';

/** Settings that are not part of the address. Times in milliseconds. */
export interface PoolSettings {
  /** Development takes the self-signed certificate of a server on this computer. */
  readonly development?: boolean;
  /** Shown by the server for each connection. */
  readonly appName?: string;
  /** Longest time a statement may run, unless its caller says less. */
  readonly requestTimeout?: number;
  /** How long the server may take to answer a cancel before the connection is dropped. */
  readonly cancelTimeout?: number;
  readonly acquireTimeout?: number;
}

type Options = NonNullable<config['options']>;
type Authentication = NonNullable<config['authentication']>;

/** Configuration of the client; `authentication` only where the address has no login. */
export function poolConfig(
  address: MssqlAddress,
  settings: PoolSettings,
  max: number,
  authentication?: Authentication,
): config {
  return {
    server: address.host,
    port: address.port,
    database: address.database,
    ...(address.login ? { user: address.login.user, password: address.login.password } : {}),
    ...(authentication ? { authentication } : {}),
    requestTimeout: settings.requestTimeout ?? 30_000,
    connectionTimeout: 15_000,
    arrayRowMode: true,
    // The default asks SELECT 1 before each statement and doubles the time of a small one.
    validateConnection: 'socket',
    pool: { min: 1, max, acquireTimeoutMillis: settings.acquireTimeout ?? 10_000 },
    ...(address.engine === 'synapse' ? { beforeConnect: withoutTextSize } : {}),
    options: {
      encrypt: true,
      trustServerCertificate: settings.development === true && isLoopback(address.host),
      useUTC: true,
      appName: settings.appName ?? 'maplewood',
      cancelTimeout: settings.cancelTimeout ?? 1500,
      ...(address.engine === 'synapse' ? synapseLogin : {}),
    },
  };
}

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);

/** READ UNCOMMITTED, the only isolation that a dedicated pool knows. */
const readUncommitted = 1;

/**
 * After the login the client sends a batch of SET statements, which a dedicated pool refuses in part. `null` leaves
 * one out, which the client's types do not know; the isolation level must be a number.
 */
const synapseLogin = {
  enableAnsiNull: null,
  enableAnsiNullDefault: null,
  enableAnsiPadding: null,
  enableAnsiWarnings: null,
  enableArithAbort: null,
  enableConcatNullYieldsNull: null,
  enableCursorCloseOnCommit: null,
  enableImplicitTransactions: null,
  enableNumericRoundabort: null,
  enableQuotedIdentifier: null,
  abortTransactionOnError: null,
  dateFormat: null,
  datefirst: null,
  language: null,
  connectionIsolationLevel: readUncommitted,
  isolationLevel: readUncommitted,
} as unknown as Options;

/** The client turns a null text size into `set textsize 0`, unless it is taken from the connection itself. */
function withoutTextSize(connection: unknown): void {
  const { config } = connection as { config: { options: { textsize: number | null } } };
  config.options.textsize = null;
}

/** A connected pool. Error: `CONFIGURATION` for a refused login, `WAREHOUSE_UNAVAILABLE` without an answer. */
export async function openPool(
  sql: Mssql,
  address: MssqlAddress,
  settings: PoolSettings,
  max: number,
  authentication?: Authentication,
): Promise<ConnectionPool> {
  // Safety net: a Date without a type would travel as DATETIME, which counts in 3.33 ms.
  sql.map.register(Date, sql.DateTime2);
  const pool = new sql.ConnectionPool(poolConfig(address, settings, max, authentication));
  // Each failure also reaches the statement that met it; without a listener it would end the process.
  pool.on('error', () => undefined);
  try {
    return await pool.connect();
  } catch (error) {
    throw mapError(error);
  }
}

/** Login as the process, for an address without one. Made once: all pools of a warehouse share its tokens. */
export async function identity(address: MssqlAddress): Promise<Authentication | undefined> {
  if (address.login) return undefined;
  const { DefaultAzureCredential } = await import('@azure/identity');
  return { type: 'token-credential', options: { credential: new DefaultAzureCredential() } };
}

const editions: Readonly<Record<TsqlEngine, ReadonlySet<number>>> = {
  synapse: new Set([6]),
  sqlserver: new Set([2, 3, 4, 5, 8]),
};

/** Asks what the server is. Only this number tells: versions and names are equal across products. */
export const engineQuery = "SELECT CAST(SERVERPROPERTY('EngineEdition') AS INT)";

/** Error: `CONFIGURATION` if the server is not of the engine that the address names. */
export function checkEngine(engine: TsqlEngine, edition: unknown): void {
  const number = Number(edition);
  if (editions[engine].has(number)) return;
  const other = (Object.keys(editions) as TsqlEngine[]).find((name) => editions[name].has(number));
  const advice = other
    ? `Write engine=${other} in the address.`
    : 'Serverless pools and Fabric warehouses are not supported: use a dedicated SQL pool or SQL Server 2019 or newer.';
  throw new MaplewoodError(
    'CONFIGURATION',
    `The server is not of engine ${engine} (EngineEdition ${number}). ${advice}`,
  );
}
