import { Connection, type ConnectionConfiguration } from 'tedious';
import { checkEngine, identity, poolConfig } from '../../../src/warehouse/mssql/pool.js';
import { openMssqlWarehouse } from '../../../src/warehouse/mssql/release.js';
import { parseMssqlUrl } from '../../../src/warehouse/mssql/url.js';

describe('the address of a T-SQL warehouse', () => {
  it('is read in full', () => {
    expect(
      parseMssqlUrl('mssql://et%6C:p%40ss%2F@pool.example:1444/gold?engine=synapse&pool=8&label=off'),
    ).toEqual({
      engine: 'synapse',
      host: 'pool.example',
      port: 1444,
      database: 'gold',
      login: { user: 'etl', password: 'p@ss/' },
      poolSize: 8,
      label: 'off',
    });
  });

  it('has defaults, and no login where the identity of the process is meant', () => {
    expect(parseMssqlUrl('mssql://server/gold')).toEqual({
      engine: 'sqlserver',
      host: 'server',
      port: 1433,
      database: 'gold',
      login: undefined,
      poolSize: 4,
      label: 'request',
    });
  });

  it('reads an IPv6 host', () => {
    expect(parseMssqlUrl('mssql://[::1]/gold').host).toBe('::1');
  });

  it.each([
    ['', 'does not have the form'],
    ['postgres://server/gold', 'does not have the form'],
    ['mssql:gold', 'names no host'],
    ['mssql://server', 'names no database'],
    ['mssql://server/', 'names no database'],
    ['mssql://server/gold/other', 'or more than one'],
    ['mssql://secretuser@server/gold', 'come together'],
    ['mssql://:secret@server/gold', 'come together'],
    ['mssql://user:secret%zz@server/gold', 'percent sign'],
    ['mssql://user:secret@server/gold?engine=fabric', 'neither sqlserver nor synapse'],
    ['mssql://user:secret@server/gold?engine=', 'neither sqlserver nor synapse'],
    ['mssql://user:secret@server/gold?encrypt=false', 'option encrypt'],
    ['mssql://user:secret@server/gold?engine=synapse&engine=sqlserver', 'occurs twice'],
    ['mssql://user:secret@server/gold?pool=1', 'from 2 to 128'],
    ['mssql://user:secret@server/gold?pool=many', 'from 2 to 128'],
    ['mssql://user:secret@server/gold?label=always', 'neither request nor off'],
  ])('is refused: %s', (url, reason) => {
    expect.assertions(3);
    try {
      parseMssqlUrl(url);
    } catch (error) {
      expect(error).toMatchObject({ code: 'CONFIGURATION' });
      expect((error as Error).message).toContain(reason);
      expect((error as Error).message).not.toContain('secret');
    }
  });
});

describe('the configuration of the client', () => {
  const address = (url: string) => parseMssqlUrl(url);

  it('encrypts and checks the certificate', () => {
    expect(poolConfig(address('mssql://u:p@server/gold'), {}, 3)).toMatchObject({
      user: 'u',
      password: 'p',
      arrayRowMode: true,
      validateConnection: 'socket',
      pool: { min: 1, max: 3 },
      options: { encrypt: true, trustServerCertificate: false, useUTC: true, cancelTimeout: 1500 },
    });
  });

  it.each([
    ['mssql://u:p@localhost/gold', true, true],
    ['mssql://u:p@127.0.0.1/gold', true, true],
    ['mssql://u:p@[::1]/gold', true, true],
    ['mssql://u:p@localhost/gold', false, false],
    ['mssql://u:p@localhost.example/gold', true, false],
    ['mssql://u:p@10.0.0.1/gold', true, false],
  ])('takes any certificate of %s in development %p: %p', (url, development, expected) => {
    expect(poolConfig(address(url), { development }, 1).options?.trustServerCertificate).toBe(expected);
  });

  it('holds no login of its own where the identity of the process logs in', () => {
    const config = poolConfig(address('mssql://server/gold'), {}, 1, { type: 'default', options: {} });
    expect(config).not.toHaveProperty('user');
    expect(config).not.toHaveProperty('password');
    expect(config.authentication).toEqual({ type: 'default', options: {} });
  });

  /** What the client sends after the login. */
  function loginText(url: string): string {
    const { options, beforeConnect } = poolConfig(address(url), {}, 1);
    const connection = new Connection({ server: 'localhost', options } as unknown as ConnectionConfiguration);
    beforeConnect?.(connection as never);
    return (connection as unknown as { getInitialSql(): string }).getInitialSql();
  }

  it('sends a dedicated pool the one SET that it takes', () => {
    expect(loginText('mssql://u:p@server/gold?engine=synapse')).toBe(
      'set transaction isolation level read uncommitted',
    );
  });

  it('sends SQL Server the usual settings', () => {
    expect(loginText('mssql://u:p@server/gold')).toContain('set ansi_nulls on');
  });
});

describe('the engine check', () => {
  it.each([
    ['synapse', 6],
    ['sqlserver', 2],
    ['sqlserver', 3],
    ['sqlserver', 4],
    ['sqlserver', 5],
    ['sqlserver', 8],
  ] as const)('takes %s with edition %i', (engine, edition) => {
    expect(() => checkEngine(engine, edition)).not.toThrow();
  });

  it.each([
    ['sqlserver', 6, 'engine=synapse'],
    ['synapse', 5, 'engine=sqlserver'],
    ['synapse', 11, 'not supported'],
    ['sqlserver', 11, 'not supported'],
    ['sqlserver', null, 'not supported'],
  ] as const)('refuses %s with edition %p and says what to do', (engine, edition, advice) => {
    expect(() => checkEngine(engine, edition)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringContaining(advice) }),
    );
  });
});

describe('opening a warehouse', () => {
  it('has no release where nothing answers at a closed port', async () => {
    const warehouse = await openMssqlWarehouse('mssql://u:p@127.0.0.1:1/gold');
    expect(() => warehouse.open()).toThrow(expect.objectContaining({ code: 'WAREHOUSE_UNAVAILABLE' }));
    await warehouse.close();
  });

  it('refuses a wrong address before it loads the client', async () => {
    await expect(openMssqlWarehouse('mssql://host')).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });

  it('logs in as the process where the address has no login, with one credential', async () => {
    const found = await identity(parseMssqlUrl('mssql://server/gold'));
    expect(found).toMatchObject({ type: 'token-credential', options: { credential: expect.anything() } });
    expect(await identity(parseMssqlUrl('mssql://u:p@server/gold'))).toBeUndefined();
  });
});
