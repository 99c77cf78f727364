import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MaplewoodError, systemCode } from '../errors.js';
import { type FailPoint, readFailPoint } from './fail-point.js';
import { readSettings } from './file.js';
import { type Home, homeAt } from './home.js';
import {
  type LakeLocation,
  lakeLocation,
  type StoreLocation,
  storeLocation,
  type WarehouseLocation,
  warehouseLocation,
} from './location.js';
import { defaultSettings, type Settings } from './settings.js';
import { type TracingConfig, tracingConfig } from './tracing.js';

export interface EnvironmentVariable {
  readonly name: `MAPLEWOOD_${string}`;
  readonly description: string;
  /** As a reader would write it; `null` where there is none. */
  readonly default: string | null;
  /** May hold a password: never printed. */
  readonly secret?: true;
  readonly testsOnly?: true;
}

/** Every variable that the product reads, in the order in which they are explained. */
export const environmentVariables = [
  {
    name: 'MAPLEWOOD_HOME',
    default: './.maplewood',
    description: 'Folder of lake, warehouse, state and keys.',
  },
  {
    name: 'MAPLEWOOD_LAKE',
    default: '<home>/lake',
    description: 'A folder, or abfss://container@account.dfs.core.windows.net/path.',
  },
  {
    name: 'MAPLEWOOD_WAREHOUSE',
    default: 'duckdb:<home>/warehouse',
    description: 'duckdb:PATH, or mssql://…?engine=synapse or engine=sqlserver.',
    secret: true,
  },
  {
    name: 'MAPLEWOOD_STATE',
    default: '<home>/state',
    description: 'Watermarks, alerts and grants: a folder, or mssql://….',
    secret: true,
  },
  {
    name: 'MAPLEWOOD_IDENTIFIED',
    default: '<home>/identified',
    description: 'The identified store: a folder, or mssql://… with a login of its own.',
    secret: true,
  },
  { name: 'MAPLEWOOD_HOST', default: '127.0.0.1', description: 'Address to listen on.' },
  { name: 'MAPLEWOOD_PORT', default: '4000', description: 'Port to listen on; 0 takes a free one.' },
  {
    name: 'MAPLEWOOD_PUBLIC_URL',
    default: null,
    description:
      'Address under which callers reach the server, for the links in answers. Without it: the address it listens on.',
  },
  {
    name: 'MAPLEWOOD_DEV',
    default: null,
    description: '1 trusts the development issuer instead of a tenant; on a loopback address only.',
  },
  {
    name: 'MAPLEWOOD_TENANT_ID',
    default: null,
    description: 'Microsoft Entra tenant (a GUID) whose tokens are accepted.',
  },
  {
    name: 'MAPLEWOOD_AUDIENCE',
    default: null,
    description: 'Application id of this API: the `aud` of its tokens.',
  },
  {
    name: 'MAPLEWOOD_CLIENT_ID',
    default: null,
    description: 'Application id for signing in with the browser.',
  },
  {
    name: 'MAPLEWOOD_KEY_VAULT_URL',
    default: null,
    description:
      'Key Vault that holds the keys, https://NAME.vault.azure.net. Without it: files under the home.',
  },
  {
    name: 'MAPLEWOOD_CONFIG',
    default: null,
    description: 'JSON file of clients, recipients, trusts, thresholds and limits.',
  },
  {
    name: 'MAPLEWOOD_FAILPOINT',
    default: null,
    description:
      'name[:n] kills the process when it passes the named point for the n-th time, stop:name[:n] stops it there; list:FILE appends every point that is passed to a file.',
    testsOnly: true,
  },
  {
    name: 'MAPLEWOOD_TEST_MSSQL',
    default: null,
    description: 'SQL Server that the tests may use: mssql://….',
    secret: true,
    testsOnly: true,
  },
] as const satisfies readonly EnvironmentVariable[];

type VariableName = (typeof environmentVariables)[number]['name'];

export interface Config {
  readonly home: Home;
  readonly lake: LakeLocation;
  readonly warehouse: WarehouseLocation;
  readonly state: StoreLocation;
  readonly identified: StoreLocation;
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end; `null` means the address that the server listens on. */
  readonly publicUrl: string | null;
  readonly dev: boolean;
  readonly tenantId: string | null;
  readonly audience: string | null;
  readonly clientId: string | null;
  readonly keyVaultUrl: string | null;
  readonly failpoint: FailPoint | null;
  /** Null: nothing is traced. */
  readonly tracing: TracingConfig | null;
  readonly settings: Settings;
}

export interface ConfigEffects {
  readText(path: string): string;
}
const onDisk: ConfigEffects = { readText: (path) => readFileSync(path, 'utf8') };

const refuse = (name: VariableName, remedy: string, cause?: unknown): MaplewoodError =>
  new MaplewoodError('CONFIGURATION', `${name} ${remedy}`, { cause });

/**
 * The environment as typed values. `root` is the folder that relative paths start from; nothing is created.
 * An empty variable counts as absent. Error: `CONFIGURATION`, naming the variable and what to write.
 */
export function loadConfig(env: NodeJS.ProcessEnv, root: string, effects: ConfigEffects = onDisk): Config {
  const value = (name: VariableName): string | null => env[name]?.trim() || null;
  const matching = (name: VariableName, pattern: RegExp, remedy: string): string | null => {
    const text = value(name);
    if (text !== null && !pattern.test(text)) throw refuse(name, remedy);
    return text;
  };

  const home = homeAt(resolve(root, value('MAPLEWOOD_HOME') ?? '.maplewood'));
  const port = matching('MAPLEWOOD_PORT', /^\d{1,5}$/, 'must be a port from 0 to 65535.') ?? '4000';
  if (Number(port) > 65535) throw refuse('MAPLEWOOD_PORT', 'must be a port from 0 to 65535.');
  const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
  const configFile = value('MAPLEWOOD_CONFIG');
  const dev = matching('MAPLEWOOD_DEV', /^[01]$/, 'must be 1, or be left out.') === '1';

  return {
    home,
    lake: lakeLocation(value('MAPLEWOOD_LAKE') ?? home.lake, root),
    warehouse: warehouseLocation(value('MAPLEWOOD_WAREHOUSE') ?? `duckdb:${home.warehouse}`, root),
    state: storeLocation('MAPLEWOOD_STATE', value('MAPLEWOOD_STATE') ?? home.state, root),
    identified: storeLocation('MAPLEWOOD_IDENTIFIED', value('MAPLEWOOD_IDENTIFIED') ?? home.identified, root),
    host:
      matching('MAPLEWOOD_HOST', /^[A-Za-z0-9.:_-]+$/, 'must be an address or a host name.') ?? '127.0.0.1',
    port: Number(port),
    publicUrl: publicUrl(value('MAPLEWOOD_PUBLIC_URL')),
    dev,
    tenantId: matching('MAPLEWOOD_TENANT_ID', guid, 'must be the GUID of one tenant.')?.toLowerCase() ?? null,
    audience: matching('MAPLEWOOD_AUDIENCE', /^\S{1,256}$/, 'must be one value without blanks.'),
    clientId: matching('MAPLEWOOD_CLIENT_ID', /^[A-Za-z0-9._-]{1,128}$/, 'must be an application id.'),
    keyVaultUrl: keyVaultUrl(value('MAPLEWOOD_KEY_VAULT_URL'), dev),
    failpoint: failPoint(value('MAPLEWOOD_FAILPOINT')),
    tracing: tracingConfig(env),
    settings:
      configFile === null ? defaultSettings : readSettings(configText(resolve(root, configFile), effects)),
  };
}

const vault = /^https:\/\/[^\s/@?#]+\/?$/;
/** In development another program of this machine may stand in for a vault: it is asked without a token. */
const standIn = /^http:\/\/(127\.0\.0\.1|localhost):\d{1,5}\/?$/;

function keyVaultUrl(text: string | null, dev: boolean): string | null {
  if (text === null) return null;
  if (URL.canParse(text) && (vault.test(text) || (dev && standIn.test(text)))) return text;
  throw refuse(
    'MAPLEWOOD_KEY_VAULT_URL',
    'must be https://NAME.vault.azure.net. With MAPLEWOOD_DEV=1 it may be http://127.0.0.1:PORT too, which stands in for one.',
  );
}

function failPoint(text: string | null): FailPoint | null {
  if (text === null) return null;
  const chosen = readFailPoint(text);
  if (chosen === undefined)
    throw refuse('MAPLEWOOD_FAILPOINT', 'must be name[:n], stop:name[:n] or list:FILE.');
  return chosen;
}

function publicUrl(text: string | null): string | null {
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain =
    url !== undefined && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw refuse('MAPLEWOOD_PUBLIC_URL', 'must be an address such as https://maplewood.example.');
  }
  return url.href.replace(/\/+$/, '');
}

function configText(path: string, effects: ConfigEffects): string {
  try {
    return effects.readText(path);
  } catch (cause) {
    const reason = systemCode(cause) ?? 'unknown error';
    throw refuse(
      'MAPLEWOOD_CONFIG',
      `names ${path}, which cannot be read (${reason}). Correct the path.`,
      cause,
    );
  }
}

/** Variables of the environment that look like ours and are none: most likely misspelt. */
export function unknownVariables(env: NodeJS.ProcessEnv): readonly string[] {
  const known: ReadonlySet<string> = new Set(environmentVariables.map(({ name }) => name));
  return Object.keys(env).filter((name) => name.startsWith('MAPLEWOOD_') && !known.has(name));
}
