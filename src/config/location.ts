import { resolve } from 'node:path';
import { MaplewoodError } from '../errors.js';
import { Secret } from './secret.js';

/** Files of the lake: a folder, or a container of Azure Data Lake Storage Gen2. */
export type LakeLocation =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'adls'; readonly container: string; readonly account: string; readonly path: string };

/** Gold: a folder of DuckDB files, or a database that speaks T-SQL. */
export type WarehouseLocation =
  | { readonly kind: 'duckdb'; readonly path: string }
  | { readonly kind: 'mssql'; readonly engine: 'synapse' | 'sqlserver'; readonly url: Secret };

/** A small store beside gold: a folder, or a T-SQL database. */
export type StoreLocation =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'mssql'; readonly url: Secret };

const refuse = (variable: string, remedy: string): MaplewoodError =>
  new MaplewoodError('CONFIGURATION', `${variable} cannot be used: ${remedy}`);

/** Error: `CONFIGURATION`. The text itself is never repeated, since it may hold a password. */
function mssqlUrl(variable: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '' || url.pathname.length < 2) {
    throw refuse(
      variable,
      'write mssql://user:password@host:port/database, or mssql://host/database for managed identity.',
    );
  }
  return url;
}

/** `abfss://container@account.dfs.core.windows.net/path`, or a folder. Error: `CONFIGURATION`. */
export function lakeLocation(text: string, root: string): LakeLocation {
  if (!text.includes('://')) return { kind: 'folder', path: resolve(root, text) };
  const match = /^abfss:\/\/([a-z0-9-]{3,63})@([a-z0-9]{3,24}\.dfs\.[a-z0-9.-]+?)(?:\/(.*))?$/.exec(text);
  const [, container, account, path = ''] = match ?? [];
  if (container === undefined || account === undefined) {
    throw refuse(
      'MAPLEWOOD_LAKE',
      'name a folder, or write abfss://container@account.dfs.core.windows.net/path.',
    );
  }
  return { kind: 'adls', container, account, path: path.replace(/\/+$/, '') };
}

/** `duckdb:PATH` or `mssql://…?engine=synapse|sqlserver`. Error: `CONFIGURATION`. */
export function warehouseLocation(text: string, root: string): WarehouseLocation {
  if (text.startsWith('duckdb:') && text.length > 'duckdb:'.length) {
    return { kind: 'duckdb', path: resolve(root, text.slice('duckdb:'.length)) };
  }
  if (!text.startsWith('mssql://')) {
    throw refuse('MAPLEWOOD_WAREHOUSE', 'write duckdb:PATH or mssql://…?engine=synapse or engine=sqlserver.');
  }
  const engine = mssqlUrl('MAPLEWOOD_WAREHOUSE', text).searchParams.get('engine');
  if (engine !== 'synapse' && engine !== 'sqlserver') {
    throw refuse(
      'MAPLEWOOD_WAREHOUSE',
      'an mssql:// address must end in ?engine=synapse or ?engine=sqlserver.',
    );
  }
  return { kind: 'mssql', engine, url: new Secret(text) };
}

/** A folder or `mssql://…`. Error: `CONFIGURATION`. */
export function storeLocation(variable: string, text: string, root: string): StoreLocation {
  if (!text.includes('://')) return { kind: 'folder', path: resolve(root, text) };
  if (!text.startsWith('mssql://')) throw refuse(variable, 'name a folder, or write mssql://….');
  mssqlUrl(variable, text);
  return { kind: 'mssql', url: new Secret(text) };
}
