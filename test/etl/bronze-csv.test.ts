import { existsSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { BronzeFixture } from './bronze-fixture.js';

const header = 'a,b,c\n';

describe('CSV into bronze', () => {
  let bronze: BronzeFixture;
  beforeAll(async () => {
    bronze = await BronzeFixture.open();
  });
  afterAll(() => bronze.close());
  afterEach(() => {
    // Nothing is left behind but the files of the batches.
    const folder = bronze.lake.path('bronze/beds');
    const left = existsSync(folder) ? readdirSync(folder) : [];
    expect(left.filter((name) => !name.endsWith('.parquet'))).toEqual([]);
  });

  it('keeps every value as sent, with where it is from', async () => {
    const batch = await bronze.ingest('beds/one.csv', `${header}1, x ,\n"2","","38.0"\n`);
    expect(batch).toMatchObject({
      dataset: 'beds',
      status: 'loaded',
      rows: 2,
      unreadable: 0,
      columns: [
        { name: 'a', type: 'VARCHAR' },
        { name: 'b', type: 'VARCHAR' },
        { name: 'c', type: 'VARCHAR' },
      ],
      extraColumns: [],
      missingColumns: [],
    });
    expect(batch.rejectsFile).toBeUndefined();
    expect(JSON.parse(JSON.stringify(batch))).toEqual(batch);
    expect(await bronze.rows(batch, 'a, b, c, _batch, _file, _sha256, _row::integer, _loaded_at')).toEqual([
      ['1', ' x ', null, batch.batch, 'beds/one.csv', batch.sha256, 1, '2024-02-03 04:05:06'],
      ['2', '', '38.0', batch.batch, 'beds/one.csv', batch.sha256, 2, '2024-02-03 04:05:06'],
    ]);
    const described = await bronze.query(`describe select * from '${bronze.lake.path(batch.file!)}'`);
    expect(described.slice(3).map(([column, type]) => `${column} ${type}`)).toEqual([
      '_batch INTEGER',
      '_file VARCHAR',
      '_sha256 VARCHAR',
      '_row BIGINT',
      '_row_hash UBIGINT',
      '_loaded_at TIMESTAMP',
    ]);
  });

  it('hashes rows so that null, empty and shifted values differ, and equal rows agree', async () => {
    const batch = await bronze.ingest('hash.csv', `${header}1,,x\n1,"",x\nab,c,\na,bc,\n1,,x\n`);
    const hashes = (await bronze.rows(batch, '_row_hash::varchar')).flat();
    expect(new Set(hashes).size).toBe(4);
    expect(hashes[4]).toBe(hashes[0]);
  });

  const accepted: readonly [string, string | Buffer, unknown[][]][] = [
    [
      'CRLF',
      'a,b,c\r\n1,2,3\r\n4,5,6\r\n',
      [
        ['1', '1', '2', '3'],
        ['2', '4', '5', '6'],
      ],
    ],
    ['CRLF without the last one', 'a,b,c\r\n1,2,3', [['1', '1', '2', '3']]],
    [
      'mixed line ends',
      'a,b,c\n1,2,3\r\n4,5,6\n',
      [
        ['1', '1', '2', '3'],
        ['2', '4', '5', '6'],
      ],
    ],
    ['a byte order mark', `\ufeff${header}1,2,3\n`, [['1', '1', '2', '3']]],
    ['a byte order mark before a quoted header', '\ufeff"a","b","c"\n1,2,3\n', [['1', '1', '2', '3']]],
    [
      'a newline in a quoted field',
      `${header}1,"x\ny",3\n4,"x\r\n""y""",6\n`,
      [
        ['1', '1', 'x\ny', '3'],
        ['2', '4', 'x\r\n"y"', '6'],
      ],
    ],
    [
      'empty lines',
      '\n\na,b,c\n\n1,2,3\n\n4,5,6\n\n',
      [
        ['1', '1', '2', '3'],
        ['2', '4', '5', '6'],
      ],
    ],
    ['other column order', 'c,a,b\n3,1,2\n', [['1', '1', '2', '3']]],
    ['names in another case, with blanks', ' B , A ,"c "\n2,1,3\n', [['1', '1', '2', '3']]],
    ['an alias', 'Alpha,b,c\n1,2,3\n', [['1', '1', '2', '3']]],
    ['no row', header, []],
    ['a header without line end', 'a,b,c', []],
  ];
  it.each(accepted)('reads %s', async (_, content, rows) => {
    const batch = await bronze.ingest('accepted.csv', content);
    expect(batch).toMatchObject({ status: 'loaded', rows: rows.length, unreadable: 0 });
    expect(await bronze.rows(batch)).toEqual(rows);
  });

  it('keeps undeclared columns as delivered and lists them and the missing optional ones', async () => {
    const batch = await bronze.ingest(
      'extra.csv',
      'a,b,Ward\'s "no",\n1,2,x,y\n'.replace('Ward\'s "no"', '"Ward\'s ""no"""'),
    );
    expect(batch).toMatchObject({ extraColumns: ['Ward\'s "no"', 'unnamed_4'], missingColumns: ['c'] });
    expect(await bronze.rows(batch, '"Ward\'s ""no""", unnamed_4')).toEqual([['x', 'y']]);
  });

  const quarantined: readonly [string, string | Buffer, string, RegExp][] = [
    ['an empty file', '', 'FILE_UNREADABLE', /empty/],
    ['a file of empty lines', '\n\n', 'FILE_UNREADABLE', /empty/],
    ['a missing required column', 'a,c\n1,2\n', 'COLUMN_MISSING', /missing: b/],
    ['a column renamed to an unknown name', 'a,beta,c\n1,2,3\n', 'COLUMN_MISSING', /missing: b; 1 of 3/],
    ['another delimiter', 'a;b;c\n1;2;3\n', 'COLUMN_MISSING', /missing: a, b/],
    ['a column twice', 'a,b,B\n1,2,3\n', 'COLUMN_DUPLICATE', /b is delivered more than once/],
    ['a column and its alias', 'a,b,alpha\n1,2,3\n', 'COLUMN_DUPLICATE', /a is delivered/],
    ['an undeclared column twice', 'a,b,x,X\n1,2,3,4\n', 'COLUMN_DUPLICATE', /column 4/],
    ['a name of ours', 'a,b,_ROW\n1,2,3\n', 'COLUMN_RESERVED', /column 3/],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${header}1,2,3\n`, 'utf16le'), 'ENCODING_INVALID', /UTF-16/],
    ['UTF-16 without', Buffer.from(`${header}1,2,3\n`, 'utf16le'), 'ENCODING_INVALID', /UTF-16/],
    ['a header in Latin-1', Buffer.from('a,b,c,größe\n1,2,3,4\n', 'latin1'), 'ENCODING_INVALID', /not UTF-8/],
    ['a broken header', 'a,"b,c\n1,2,3\n', 'FILE_UNREADABLE', /header cannot be read/],
    ['lines that end in CR', 'a,b,c\r1,2,3\r', 'FILE_UNREADABLE', /carriage return/],
    ['zero bytes', Buffer.alloc(5000), 'ENCODING_INVALID', /UTF-16/],
  ];
  it.each(quarantined)('quarantines %s', async (_, content, rule, reason) => {
    const batch = await bronze.ingest('quarantined.csv', content);
    expect(batch).toMatchObject({
      status: 'quarantined',
      rule,
      rows: 0,
      reason: expect.stringMatching(reason),
    });
    expect(batch.file).toBeUndefined();
    expect(
      existsSync(bronze.lake.path(`bronze/beds/${String(batch.batch).padStart(8, '0')}-r.parquet`)),
    ).toBe(false);
  });

  const refused: readonly [string, string | Buffer, string, RegExp][] = [
    ['too few fields', '1,2\n', 'ROW_UNREADABLE', /2 fields where the header has 3/],
    ['too many fields', '1,2,3,4\n', 'ROW_UNREADABLE', /4 fields/],
    ['a comma at the end', '1,2,3,\n', 'ROW_UNREADABLE', /4 fields/],
    ['blanks only', '  \n', 'ROW_UNREADABLE', /1 fields/],
    ['a quote that is not closed', '1,"2,3\n', 'ROW_UNREADABLE', /quote/],
    ['text after a closing quote', '1,"2"x,3\n', 'ROW_UNREADABLE', /closing quote/],
    ['a blank before a quote', '1, "2",3\n', 'ROW_UNREADABLE', /quote stands inside/],
    ['a quote within a field', '1,2"x,3\n', 'ROW_UNREADABLE', /quote stands inside/],
    ['a lone carriage return', '1,2\rx,3\n', 'ROW_UNREADABLE', /carriage return/],
    ['a NUL byte', '1,2\0x,3\n', 'ROW_UNREADABLE', /NUL/],
    ['Latin-1', Buffer.from('1,café,3\n', 'latin1'), 'ENCODING_INVALID', /not UTF-8/],
    [
      'a truncated character',
      Buffer.concat([Buffer.from('1,'), Buffer.from([0xe2, 0x82]), Buffer.from(',3\n')]),
      'ENCODING_INVALID',
      /UTF-8/,
    ],
  ];
  it.each(refused)(
    'refuses a row with %s and loads the rest under its number',
    async (_, row, rule, reason) => {
      const rows = Buffer.concat([
        Buffer.from(`${header}first,"x\ny",\n`),
        Buffer.from(row),
        Buffer.from('last,2,3\n'),
      ]);
      const batch = await bronze.ingest('refused.csv', rows);
      expect(batch).toMatchObject({ status: 'loaded', rows: 3, unreadable: 1 });
      expect(await bronze.rows(batch, '_row::integer, a')).toEqual([
        [1, 'first'],
        [3, 'last'],
      ]);
      expect(await bronze.rejects(batch)).toEqual([['2', '4', rule, expect.stringMatching(reason)]]);
    },
  );

  it('refuses an unclosed quote on the last line, which DuckDB would lose', async () => {
    const batch = await bronze.ingest('last.csv', `${header}1,2,3\n4,"5,6`);
    expect(batch).toMatchObject({ rows: 2, unreadable: 1 });
    expect(await bronze.rejects(batch, '_row::integer, raw')).toEqual([[2, '4,"5,6']]);
  });

  it.each([
    ['unquoted', ''],
    ['quoted', '"'],
  ])('refuses a row with 10 MB in one field (%s) and keeps its beginning', async (_, quote) => {
    const before = process.memoryUsage().arrayBuffers;
    const huge = `x,${quote}${'y'.repeat(10_000_000)}${quote},z\n`;
    const batch = await bronze.ingest('huge.csv', `${header}1,2,3\n${huge}4,5,6\n`);
    expect(batch).toMatchObject({ rows: 3, unreadable: 1 });
    expect(await bronze.rows(batch, '_row::integer, a')).toEqual([
      [1, '1'],
      [3, '4'],
    ]);
    const [[, reason, length]] = (await bronze.rejects(batch, '_row, reason, strlen(raw)::integer')) as [
      unknown[],
    ];
    expect(reason).toMatch(/longer than/);
    expect(length).toBeLessThanOrEqual(10_240);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200e6);
  });

  it('keeps at most 10 kB of a refused row as text that a database can hold', async () => {
    const row = Buffer.concat([Buffer.from('1,\0'), Buffer.alloc(20_000, 0xe9), Buffer.from(',3\n')]);
    const batch = await bronze.ingest('raw.csv', Buffer.concat([Buffer.from(header), row]));
    const [[raw]] = (await bronze.rejects(batch, 'raw')) as [[string]];
    expect(raw.startsWith('1,\u2400\ufffd')).toBe(true);
    expect(Buffer.byteLength(raw)).toBeLessThanOrEqual(10_240);
  });

  it('reads gzip, and several members of it', async () => {
    const members = Buffer.concat([gzipSync(`${header}1,2,3\n`), gzipSync('4,5,6\n7,8\n')]);
    const batch = await bronze.ingest('two.csv.gz', members);
    expect(batch).toMatchObject({ format: 'csv.gz', rows: 3, unreadable: 1 });
    const clean = await bronze.ingest('one.csv.gz', gzipSync(`${header}1,2,3\n`));
    expect(await bronze.rows(clean)).toEqual([['1', '1', '2', '3']]);
  });

  it('quarantines gzip that is cut anywhere, damaged, or none', async () => {
    const whole = gzipSync(
      header + Array.from({ length: 3000 }, (_, i) => `${i},${Math.sin(i)},z\n`).join(''),
    );
    const wrongSum = Buffer.from(whole);
    wrongSum[whole.length - 6]! ^= 0xff;
    const cuts = [4, 11, 500, whole.length >> 1, whole.length - 9, whole.length - 1].map((at) =>
      whole.subarray(0, at),
    );
    for (const content of [...cuts, wrongSum, Buffer.from(`${header}1,2,3\n`)]) {
      const batch = await bronze.ingest('bad.csv.gz', content);
      expect(batch).toMatchObject({
        status: 'quarantined',
        rule: 'FILE_UNREADABLE',
        reason: expect.stringMatching(/gzip/),
      });
    }
  });

  it('takes file names as they are', async () => {
    for (const name of ["it's.csv", 'a*.csv', 'a[1].csv', 'a?.csv', 'k=v/{x} y%20"z".csv', 'ab.csv']) {
      const batch = await bronze.ingest(name, `${header}1,2,3\n`);
      expect(await bronze.rows(batch, 'a, _file')).toEqual([['1', name]]);
    }
  });

  it('numbers the rows of a large file in file order on two threads', async () => {
    const path = bronze.path('large.csv');
    await bronze.connection.run(
      `copy (select 'k' || i as a, case when i % 7 = 0 then 'x' || chr(10) || 'y' else 'z' end as b, i % 10 as c
       from range(1200000) t(i)) to '${path}' (header)`,
    );
    const batch = await bronze.ingest('large.csv');
    expect(batch).toMatchObject({ rows: 1_200_000, unreadable: 0 });
    const written = bronze.lake.path(batch.file!);
    const [[wrong, rows]] = (await bronze.query(
      `select count(*) filter (a <> 'k' || (_row - 1))::integer, count(*)::integer from '${written}'`,
    )) as [unknown[]];
    expect([wrong, rows]).toEqual([0, 1_200_000]);
  });

  it('stops with a sentence if the file is not the one that was listed', async () => {
    const { ingest } = await import('../../src/etl/bronze.js');
    const { beds } = await import('./bronze-fixture.js');
    await bronze.ingest('grown.csv', `${header}1,2,3\n`);
    const file = {
      dataset: 'beds',
      name: 'grown.csv',
      path: bronze.path('grown.csv'),
      format: 'csv' as const,
      changes: false,
      bytes: 1,
      sha256: '',
    };
    await expect(
      ingest(file, beds, 999, {
        connection: bronze.connection,
        lake: bronze.lake,
        run: 'r',
        loadedAt: '2024-01-01T00:00:00Z',
      }),
    ).rejects.toMatchObject({ code: 'ETL_FAILED' });
  });
});
