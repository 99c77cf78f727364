import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import { columnDrift } from '../../src/etl/bronze/drift.js';
import type { BronzeBatch } from '../../src/etl/bronze.js';
import { contract } from '../../src/etl/contracts/contract.js';
import { contractDigest } from '../../src/etl/contracts/digest.js';
import { contracts } from '../../src/etl/contracts/index.js';
import { isKnown } from '../../src/etl/ledger.js';
import { expectGolden } from '../support/golden.js';
import { loadAt, loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { columnsOf, fromRelease, openReader, openRelease } from '../support/release.js';
import { serveAt } from '../support/server.js';
import { BronzeFixture, beds } from './bronze-fixture.js';

/** Differences in short: kind, column, what was delivered, and `!` where the file is refused for it. */
const short = (batch: Pick<BronzeBatch, 'drift'>): string[] =>
  batch.drift.map(({ kind, column, deliveredName, deliveredType, refuses }) =>
    [kind, column ?? '?', deliveredName, deliveredType, refuses ? '!' : null]
      .filter((part) => part !== null)
      .join(' '),
  );

describe('the columns of a delivered CSV file', () => {
  let bronze: BronzeFixture;
  beforeAll(async () => {
    bronze = await BronzeFixture.open();
  });
  afterAll(() => bronze.close());

  it.each<readonly [string, string, BronzeBatch['status'], string[]]>([
    ['as declared', 'a,b,c\nk,x,1\n', 'loaded', []],
    ['in another case, with blanks around', 'A, B ,C\nk,x,1\n', 'loaded', []],
    ['in another order', 'a,c,b\nk,1,x\n', 'loaded', ['reordered b']],
    ['under a declared other name', 'ALPHA,b,c\nk,x,1\n', 'loaded', ['renamed a alpha']],
    ['under a name that nobody declared', 'a,bee,c\nk,x,1\n', 'quarantined', ['missing b !', 'added bee']],
    ['with one more', 'a,b,c,mood\nk,x,1,good\n', 'loaded', ['added mood']],
    ['with one more whose name looks like a value', 'a,b,c,9434765919\nk,x,1,y\n', 'loaded', ['added ?']],
    ['with one more whose name looks like an id', 'a,b,c,PAT_00017\nk,x,1,y\n', 'loaded', ['added ?']],
    ['without an optional one', 'a,b\nk,x\n', 'loaded', ['missing c']],
    ['without a required one', 'a,c\nk,1\n', 'quarantined', ['missing b !']],
    ['with one twice', 'a,b,c,B\nk,x,1,y\n', 'quarantined', ['duplicate b !']],
    ['with one under two of its names', 'a,alpha,b,c\nk,k,x,1\n', 'quarantined', ['duplicate a !']],
    ['with an undeclared one twice', 'a,b,c,m,M\nk,x,1,y,z\n', 'quarantined', ['added m', 'duplicate M !']],
    [
      'missing: data in their place',
      'Ann,Lee,b\nk,x,1\n',
      'quarantined',
      ['missing a !', 'missing c', 'added ?', 'added ?'],
    ],
  ])('%s', async (name, content, status, drift) => {
    const batch = await bronze.ingest(`${name.replace(/\W+/g, '-')}.csv`, content);
    expect({ status: batch.status, drift: short(batch) }).toEqual({ status, drift });
    expect(batch).toMatchObject({ contractVersion: 1, contractDigest: contractDigest(beds) });
  });

  const lines = (good: number, bad: number): string =>
    `a,b,c\n${Array.from({ length: good + bad }, (_none, row) => `k${row},x,${row < good ? row % 10 : 'n/a'}\n`).join('')}`;

  it('of which one has mostly values of another type are refused as a whole', async () => {
    const batch = await bronze.ingest('typed.csv', lines(9, 11));
    expect(batch).toMatchObject({
      status: 'quarantined',
      rule: 'COLUMN_TYPE',
      reason: expect.stringMatching(/^55 % of the values of c are not whole numbers; over 50 %/),
    });
    expect(short(batch)).toEqual(['type_changed c !']);
    expect(
      existsSync(
        join(bronze.root, 'lake', 'bronze', 'beds', `${String(batch.batch).padStart(8, '0')}-r.parquet`),
      ),
    ).toBe(false);
  });

  it('of which one has some, or the file few values, are left to the rules over rows', async () => {
    expect(await bronze.ingest('half.csv', lines(10, 10))).toMatchObject({ status: 'loaded', rows: 20 });
    expect(await bronze.ingest('few.csv', lines(0, 19))).toMatchObject({ status: 'loaded', rows: 19 });
  });

  it('are judged on all rows where a sample looks bad, and only there', async () => {
    // Bad values at the end only: 60 % of 50,000.
    expect(await bronze.ingest('end.csv', lines(20_000, 30_000))).toMatchObject({ status: 'quarantined' });
    expect(await bronze.ingest('most.csv', lines(30_000, 20_000))).toMatchObject({ status: 'loaded' });
  });

  it('keeps the bytes of a refused file, durable and for its owner alone', async () => {
    const content = 'a,c\nk,1\n';
    const batch = await bronze.ingest('beds/missing.csv', content);
    expect(batch.quarantineFile).toBe(
      `quarantine/${String(batch.batch).padStart(8, '0')}-r/beds/missing.csv`,
    );
    const path = join(bronze.root, 'lake', batch.quarantineFile!);
    expect(readFileSync(path, 'utf8')).toBe(content);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const empty = await bronze.ingest('beds/empty.csv', '');
    expect(readFileSync(join(bronze.root, 'lake', empty.quarantineFile!))).toHaveLength(0);
    expect((await bronze.ingest('beds/good.csv', 'a,b,c\nk,x,1\n')).quarantineFile).toBeUndefined();
  });

  it('records the newest day and the repeated keys of the file', async () => {
    const rows = 'patient_id,nhs_number,date_of_birth,gender,ethnicity,deprivation_decile,created_date\n';
    const row = (id: string, created: string): string => `${id},,1980-01-01,F,A,3,${created}\n`;
    const batch = await bronze.ingest(
      'patients.csv',
      rows +
        row('P1', '2023-05-01') +
        row('P2', '2023-06-30') +
        row(' P1', '9999-12-31') +
        row('P3', 'soon') +
        row('', ''),
      contracts.get('patients')!,
    );
    expect(batch).toMatchObject({ status: 'loaded', newest: '2023-06-30', repeatedKeys: 1 });
  });
});

describe('the columns of a delivered Parquet file', () => {
  let bronze: BronzeFixture;
  beforeAll(async () => {
    bronze = await BronzeFixture.open();
  });
  afterAll(() => bronze.close());

  it.each<readonly [string, string, BronzeBatch['status'], string[]]>([
    ['as declared', "'k' as a, 'x' as b, 1::bigint as c", 'loaded', []],
    ['a text as a number', "'k' as a, 7 as b, 1 as c", 'loaded', ['type_changed b INTEGER']],
    ['a number as a text', "'k' as a, 'x' as b, '1' as c", 'loaded', ['type_changed c VARCHAR']],
    [
      'a number as a structure',
      "'k' as a, 'x' as b, {'secret_name': 1} as c",
      'quarantined',
      ['type_changed c STRUCT !'],
    ],
    [
      'one more, of a structure',
      "'k' as a, 'x' as b, 1 as c, {'secret_name': 1} as d",
      'loaded',
      ['added d STRUCT'],
    ],
  ])('%s', async (name, select, status, drift) => {
    const file = `${name.replace(/\W+/g, '-')}.parquet`;
    await bronze.query(`copy (select ${select} from range(30)) to '${bronze.path(file)}' (format parquet)`);
    const batch = await bronze.ingest(file);
    expect({ status: batch.status, drift: short(batch) }).toEqual({ status, drift });
  });
});

describe('a contract', () => {
  it('whose demands have changed has another version', () => {
    const known = [...contracts.values()].map(
      (one) => `${one.dataset} ${one.version} ${contractDigest(one)}`,
    );
    // A line that changes here needs a new `version` in the contract and a line in the changelog.
    expectGolden('contracts.txt', `${known.join('\n')}\n`);
  });

  it('has a digest of what it demands, not of how it is described', () => {
    const digest = contractDigest(beds);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(contractDigest({ ...beds, version: 2, description: 'Other words.' })).toBe(digest);
    const stricter = contract({
      ...beds,
      columns: { ...beds.columns, c: { ...beds.columns['c']!, required: true } },
    });
    expect(contractDigest(stricter)).not.toBe(digest);
  });

  it('that has changed lets a quarantined file be read again', () => {
    const file = { dataset: 'beds', name: 'x.csv', sha256: 's' };
    const entry = { ...file, contractDigest: 'old' } as BronzeBatch;
    const ledger = (status: BronzeBatch['status']) => ({ batches: [{ ...entry, status }], next: 2 });
    expect(isKnown(ledger('quarantined'), file, 'old')).toBe(true);
    expect(isKnown(ledger('quarantined'), file, 'new')).toBe(false);
    expect(isKnown(ledger('loaded'), file, 'new')).toBe(true);
  });

  it('is met by columns in its own order and types', () => {
    for (const one of contracts.values())
      expect(
        columnDrift(
          one,
          Object.keys(one.columns).map((name) => ({ name, type: null })),
        ),
      ).toEqual([]);
  });
});

describe('drift in a run', () => {
  const folder = temporaryFolder();
  let config: Config;
  const secret = 'lives at 1 High Street';

  beforeAll(async () => {
    const loaded = await loadedHome(folder, { patients: 100, faultRate: 0 }, { measuresAlone: true });
    const { landing } = loaded;
    config = loaded.config;
    const reader = await openReader();
    mkdirSync(join(folder, 'later', 'csds_contacts'), { recursive: true });
    const contacts = `'${landing}/csds_contacts/csds_contacts.parquet'`;
    const to = (name: string): string => join(folder, 'later', 'csds_contacts', name);
    await reader.rows(
      `copy (select * replace (contact_id || 'n' as contact_id), '${secret}' as note from ${contacts}) to '${to('added.parquet')}' (format parquet)`,
    );
    await reader.rows(
      `copy (select * exclude (contact_date) from ${contacts}) to '${to('lacking.parquet')}' (format parquet)`,
    );
    reader.close();
    writeFileSync(join(folder, 'later', 'trusts.csv'), 'org_code,trust_name\nRZZ,New Trust\n');
    await loadAt(config, join(folder, 'later'));
  }, 120_000);

  it('keeps a new text column in bronze and out of gold', async () => {
    const release = await openRelease(config);
    const found: string[] = [];
    for (const { table, column, type } of await columnsOf(release)) {
      if (column === 'note') found.push(`${table}.${column}`);
      if (type !== 'VARCHAR') continue;
      const [row] = await release.rows<{ n: bigint }>(
        `select count(*) as n from "${table}" where contains("${column}", 'High Street')`,
      );
      if (row!.n > 0n) found.push(`${table}.${column}`);
    }
    release.close();
    expect(found).toEqual([]);
    const bronze = await openReader();
    const [kept] = await bronze.rows<{ note: string }>(
      `select any_value(note) as note from '${join(folder, 'home', 'lake', 'bronze', 'csds_contacts')}/*.parquet'`.replace(
        '*.parquet',
        `${await batchOf('csds_contacts/added.parquet')}-*.parquet`,
      ),
    );
    bronze.close();
    expect(kept).toEqual({ note: secret });
  });

  const batchOf = async (file: string): Promise<string> => {
    const [row] = await fromRelease<{ batch: number }>(
      config,
      `select batch_id as batch from schema_drift where file = '${file}'`,
    );
    return String(row!.batch).padStart(8, '0');
  };

  it('is in gold and, for data stewards, in the API', async () => {
    const server = await serveAt(config);
    try {
      const query =
        '{ schemaDrift { nodes { dataset file contractVersion kind column deliveredName deliveredType refused firstSeen } } }';
      const { body } = await server.query('data-steward', query);
      const nodes = body.data.schemaDrift.nodes as { kind: string; firstSeen: string }[];
      expect(nodes.filter(({ kind }) => kind !== 'missing')).toEqual([
        expect.objectContaining({
          dataset: 'trusts',
          kind: 'renamed',
          column: 'trust_code',
          deliveredName: 'org_code',
          refused: false,
        }),
        expect.objectContaining({
          dataset: 'csds_contacts',
          file: 'csds_contacts/added.parquet',
          contractVersion: 1,
          kind: 'added',
          column: 'note',
          deliveredType: 'VARCHAR',
          refused: false,
          firstSeen: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        }),
      ]);
      expect(nodes).toContainEqual(
        expect.objectContaining({
          file: 'csds_contacts/lacking.parquet',
          kind: 'missing',
          column: 'contact_date',
          refused: true,
        }),
      );
      const analyst = await server.query('analyst', query);
      expect(analyst.body.errors[0].message).toMatch(/Cannot query field "schemaDrift"/);
    } finally {
      await server.close();
    }
  });

  it('is a warning of the checks', async () => {
    const results = await fromRelease(
      config,
      "select id, status, detail from quality_result where rule in ('file_schema', 'file_readable') and status = 'fail' order by id",
    );
    expect(results).toEqual([
      { id: 'csds_contacts.file_readable', status: 'fail', detail: 'csds_contacts/lacking.parquet' },
      { id: 'csds_contacts.file_schema', status: 'fail', detail: 'csds_contacts/added.parquet' },
      { id: 'trusts.file_schema', status: 'fail', detail: 'trusts.csv' },
    ]);
  });
});
