import { inspect } from 'node:util';
import { environmentVariables, loadConfig, unknownVariables } from '../../src/config/environment.js';
import { defaultSettings } from '../../src/config/settings.js';
import { MaplewoodError } from '../../src/errors.js';

const load = (env: NodeJS.ProcessEnv, file = '{}') => loadConfig(env, '/srv/app', { readText: () => file });

function failure(run: () => unknown): MaplewoodError {
  try {
    run();
  } catch (error) {
    if (error instanceof MaplewoodError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the environment', () => {
  it('has a default for everything that a first start needs', () => {
    const config = load({});
    expect(config).toMatchObject({
      lake: { kind: 'folder', path: '/srv/app/.maplewood/lake' },
      warehouse: { kind: 'duckdb', path: '/srv/app/.maplewood/warehouse' },
      state: { kind: 'folder', path: '/srv/app/.maplewood/state' },
      identified: { kind: 'folder', path: '/srv/app/.maplewood/identified' },
      host: '127.0.0.1',
      port: 4000,
      dev: false,
      publicUrl: null,
      tenantId: null,
    });
    expect(config.settings).toBe(defaultSettings);
  });

  it('takes an empty variable for an absent one', () => {
    expect(load({ MAPLEWOOD_PORT: '', MAPLEWOOD_HOME: ' ' })).toEqual(load({}));
  });

  it('resolves relative paths from the given folder', () => {
    const config = load({
      MAPLEWOOD_HOME: 'h',
      MAPLEWOOD_WAREHOUSE: 'duckdb:gold',
      MAPLEWOOD_LAKE: '../lake',
    });
    expect(config.home.keys).toBe('/srv/app/h/keys');
    expect(config.warehouse).toEqual({ kind: 'duckdb', path: '/srv/app/gold' });
    expect(config.lake).toEqual({ kind: 'folder', path: '/srv/lake' });
  });

  it('reads the addresses of Azure', () => {
    const config = load({
      MAPLEWOOD_LAKE: 'abfss://lake@store.dfs.core.windows.net/nhs/',
      MAPLEWOOD_WAREHOUSE: 'mssql://host/gold?engine=synapse',
      MAPLEWOOD_STATE: 'mssql://host/state',
    });
    expect(config.lake).toEqual({
      kind: 'adls',
      container: 'lake',
      account: 'store.dfs.core.windows.net',
      path: 'nhs',
    });
    expect(config.warehouse).toMatchObject({ kind: 'mssql', engine: 'synapse' });
    expect(config.state).toMatchObject({ kind: 'mssql' });
  });

  it('prints no password, however it is printed', () => {
    const { warehouse } = load({ MAPLEWOOD_WAREHOUSE: 'mssql://sa:hunter2@h/gold?engine=sqlserver' });
    expect(warehouse.kind === 'mssql' && warehouse.url.reveal()).toContain('hunter2');
    for (const text of [JSON.stringify(warehouse), inspect(warehouse, { depth: 9, showHidden: true })]) {
      expect(text).not.toContain('hunter2');
    }
    expect(warehouse.kind === 'mssql' && `${warehouse.url}`).toBe('[secret]');
  });

  it.each([
    ['MAPLEWOOD_PORT', '65536'],
    ['MAPLEWOOD_PORT', '4e3'],
    ['MAPLEWOOD_DEV', 'true'],
    ['MAPLEWOOD_HOST', 'a b'],
    ['MAPLEWOOD_WAREHOUSE', 'postgres://x'],
    ['MAPLEWOOD_WAREHOUSE', 'duckdb:'],
    ['MAPLEWOOD_WAREHOUSE', 'mssql://sa:hunter2@h/gold'],
    ['MAPLEWOOD_WAREHOUSE', 'mssql://sa:hunter2@h/?engine=synapse'],
    ['MAPLEWOOD_LAKE', 's3://bucket'],
    ['MAPLEWOOD_STATE', 'redis://x'],
    ['MAPLEWOOD_TENANT_ID', 'common'],
    ['MAPLEWOOD_TENANT_ID', 'organizations'],
    ['MAPLEWOOD_KEY_VAULT_URL', 'http://x.vault.azure.net'],
    ['MAPLEWOOD_KEY_VAULT_URL', 'https://x.vault.azure.net/secrets/hunter2'],
    ['MAPLEWOOD_KEY_VAULT_URL', 'https://a:hunter2@x.vault.azure.net'],
    ['MAPLEWOOD_KEY_VAULT_URL', 'https://['],
    ['MAPLEWOOD_KEY_VAULT_URL', 'http://127.0.0.1:8080'],
    ['MAPLEWOOD_PUBLIC_URL', 'ftp://x'],
    ['MAPLEWOOD_PUBLIC_URL', 'https://a:hunter2@x'],
    ['MAPLEWOOD_FAILPOINT', 'a b'],
    ['MAPLEWOOD_FAILPOINT', 'a:0'],
  ])('refuses %s=%s in a sentence that names the variable', (name, value) => {
    const error = failure(() => load({ [name]: value }));
    expect(error.code).toBe('CONFIGURATION');
    expect(error.message).toContain(name);
    expect(error.message).not.toContain('hunter2');
  });

  it.each(['http://127.0.0.1:8080', 'http://localhost:8080/', 'https://x.vault.azure.net/'])(
    'takes %s for a Key Vault in development',
    (address) => {
      const config = load({ MAPLEWOOD_KEY_VAULT_URL: address, MAPLEWOOD_DEV: '1' });
      expect(config.keyVaultUrl).toBe(address);
    },
  );

  it.each([
    'http://127.0.0.1',
    'http://127.0.0.1:99999',
    'http://127.0.0.2:8080',
    'http://127.0.0.1:8080@x.example',
    'http://127.0.0.1.example:8080',
    'http://localhost.example:8080',
    'http://10.0.0.1:8080',
    'http://[::1]:8080',
    'http://127.0.0.1:8080/x',
    'ftp://127.0.0.1:8080',
  ])('refuses %s for a Key Vault in development too', (address) => {
    const error = failure(() => load({ MAPLEWOOD_KEY_VAULT_URL: address, MAPLEWOOD_DEV: '1' }));
    expect(error.message).toMatch(
      /^MAPLEWOOD_KEY_VAULT_URL must be https:\/\/NAME\.vault\.azure\.net\. With/,
    );
  });

  it('names a configuration file that cannot be read', () => {
    const error = failure(() => loadConfig({ MAPLEWOOD_CONFIG: 'none.json' }, '/nowhere'));
    expect(error.code).toBe('CONFIGURATION');
    expect(error.message).toMatch(/MAPLEWOOD_CONFIG names \/nowhere\/none\.json.*ENOENT/);
  });

  it('describes every variable once', () => {
    const names = environmentVariables.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const variable of environmentVariables) expect(variable.description).toMatch(/^.{10,}\.$/);
  });

  it('finds a misspelt variable', () => {
    expect(unknownVariables({ MAPLEWOOD_PROT: '1', MAPLEWOOD_PORT: '1', PATH: '' })).toEqual([
      'MAPLEWOOD_PROT',
    ]);
  });
});
