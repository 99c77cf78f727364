import { readFileSync } from 'node:fs';
import { BronzeFixture } from './bronze-fixture.js';

describe('Parquet into bronze', () => {
  let bronze: BronzeFixture;
  const write = async (name: string, select: string): Promise<Buffer> => {
    const path = bronze.path(name);
    await bronze.connection.run(`copy (${select}) to '${path}' (format parquet)`);
    return readFileSync(path);
  };
  beforeAll(async () => {
    bronze = await BronzeFixture.open();
  });
  afterAll(() => bronze.close());

  it('keeps native types, renames to the contract and keeps extra columns', async () => {
    await write(
      'beds/x.parquet',
      `select 'k1' as " ALPHA ", '' as B, 7::bigint as c, timestamp_ns '2022-01-01 10:00:00.123456789' as at,
       date '2022-02-02' as day, [1, 2] as list, {'p': 1} as struct
       union all select 'k2', null, null, null, null, null, null`,
    );
    const batch = await bronze.ingest('beds/x.parquet');
    expect(batch).toMatchObject({
      status: 'loaded',
      rows: 2,
      unreadable: 0,
      extraColumns: ['at', 'day', 'list', 'struct'],
      missingColumns: [],
    });
    expect(batch.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'a VARCHAR',
      'b VARCHAR',
      'c BIGINT',
      'at TIMESTAMP_NS',
      'day DATE',
      'list INTEGER[]',
      'struct STRUCT(p INTEGER)',
    ]);
    expect(await bronze.rows(batch, '_row::integer, a, b, c::integer, "at"::varchar')).toEqual([
      [1, 'k1', '', 7, '2022-01-01 10:00:00.123456789'],
      [2, 'k2', null, null, null],
    ]);
  });

  it('numbers rows in file order over many row groups', async () => {
    await write('large.parquet', "select 'k' || i as a, 'b' as b from range(1200000) t(i)");
    const batch = await bronze.ingest('large.parquet');
    expect(batch).toMatchObject({ rows: 1_200_000, missingColumns: ['c'] });
    const path = bronze.lake.path(batch.file!);
    expect(
      await bronze.query(`select count(*)::integer from '${path}' where a <> 'k' || (_row - 1)`),
    ).toEqual([[0]]);
  });

  it('reads a column that is called like the row number of DuckDB, and a file without rows', async () => {
    await write('number.parquet', "select 'x' as a, 'y' as b, 99 as file_row_number");
    const batch = await bronze.ingest('number.parquet');
    expect(await bronze.rows(batch, '_row::integer, file_row_number')).toEqual([[1, 99]]);
    await write('none.parquet', "select 'x' as a, 'y' as b limit 0");
    expect(await bronze.ingest('none.parquet')).toMatchObject({ status: 'loaded', rows: 0 });
  });

  it('quarantines a missing column, and one that is delivered twice', async () => {
    await write('missing.parquet', "select 'x' as a");
    expect(await bronze.ingest('missing.parquet')).toMatchObject({
      status: 'quarantined',
      rule: 'COLUMN_MISSING',
    });
    await write('twice.parquet', `select 'x' as a, 'y' as b, 'z' as " B"`);
    expect(await bronze.ingest('twice.parquet')).toMatchObject({
      status: 'quarantined',
      rule: 'COLUMN_DUPLICATE',
    });
  });

  it('quarantines a file that is cut anywhere, has a wrong mark, or is no Parquet', async () => {
    const whole = await write(
      'whole.parquet',
      "select 'k' || i as a, md5(i::varchar) as b from range(3000) t(i)",
    );
    const cuts = Array.from({ length: 50 }, (_, i) => whole.subarray(0, Math.floor((whole.length * i) / 50)));
    const wrongMark = Buffer.from(whole);
    wrongMark.write('PARX', whole.length - 4);
    const zeroed = Buffer.from(whole).fill(0, 100, whole.length - 2000);
    const wrongLength = Buffer.from(whole);
    wrongLength.writeUInt32LE(0x7fffffff, whole.length - 8);
    for (const content of [
      ...cuts,
      wrongMark,
      zeroed,
      wrongLength,
      Buffer.from('a,b\n1,2\n'),
      Buffer.alloc(100),
    ]) {
      const batch = await bronze.ingest('bad.parquet', content);
      expect(batch).toMatchObject({ status: 'quarantined', rule: 'FILE_UNREADABLE', rows: 0 });
    }
  });

  it('never fails on a flipped bit: the file is loaded or quarantined', async () => {
    const whole = await write(
      'flip.parquet',
      "select 'k' || i as a, md5(i::varchar) as b from range(500) t(i)",
    );
    for (let at = 5; at < whole.length - 5; at += Math.ceil(whole.length / 60)) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 1 << (at % 8);
      expect(['loaded', 'quarantined']).toContain((await bronze.ingest('flipped.parquet', flipped)).status);
    }
  });
});
