import { MaplewoodError } from '../../errors.js';
import type { TsqlEngine } from './ddl.js';

/** `mssql://user:password@host:port/database?engine=synapse|sqlserver`, read. */
export interface MssqlAddress {
  readonly engine: TsqlEngine;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Login with a password; without one the identity of the process is used (Entra). */
  readonly login: { readonly user: string; readonly password: string } | undefined;
  /** Connections at most; a small dedicated pool runs four statements at once. */
  readonly poolSize: number;
  /** `off` where a label that changes with each request defeats the server's result cache. */
  readonly label: 'request' | 'off';
}

const known: ReadonlySet<string> = new Set(['engine', 'pool', 'label']);

/** Error: `CONFIGURATION`, with what is wrong and never with the password. */
export function parseMssqlUrl(text: string): MssqlAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'mssql:')
    throw wrong('it does not have the form mssql://user:password@host:port/database?engine=…');
  for (const name of url.searchParams.keys()) {
    if (!known.has(name)) throw wrong(`it has an option ${name}; there are ${[...known].join(', ')}`);
    if (url.searchParams.getAll(name).length > 1) throw wrong(`option ${name} occurs twice`);
  }
  const database = decoded(url.pathname.slice(1));
  if (url.hostname === '') throw wrong('it names no host');
  if (database === '' || database.includes('/')) throw wrong('it names no database, or more than one');
  return {
    engine: engineOf(url.searchParams.get('engine') ?? 'sqlserver'),
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 1433 : Number(url.port),
    database,
    login: loginOf(url),
    poolSize: poolSizeOf(url.searchParams.get('pool') ?? '4'),
    label: labelOf(url.searchParams.get('label') ?? 'request'),
  };
}

function engineOf(value: string): TsqlEngine {
  if (value === 'sqlserver' || value === 'synapse') return value;
  throw wrong('engine is neither sqlserver nor synapse');
}

function labelOf(value: string): 'request' | 'off' {
  if (value === 'request' || value === 'off') return value;
  throw wrong('label is neither request nor off');
}

function poolSizeOf(value: string): number {
  const size = Number(value);
  if (Number.isInteger(size) && size >= 2 && size <= 128) return size;
  throw wrong('pool is not a whole number from 2 to 128');
}

function loginOf(url: URL): MssqlAddress['login'] {
  if (url.username === '' && url.password === '') return undefined;
  if (url.username === '' || url.password === '') {
    throw wrong('user and password come together; leave both out to log in with the identity of the process');
  }
  return { user: decoded(url.username), password: decoded(url.password) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('a percent sign in it does not begin an escape; write %25');
  }
}

function wrong(what: string): MaplewoodError {
  return new MaplewoodError('CONFIGURATION', `The address of the warehouse cannot be used: ${what}.`);
}
