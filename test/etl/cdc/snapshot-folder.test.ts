import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../../src/errors.js';
import { CaptureFixture } from './fixture.js';

const csv = (...lines: readonly string[]): string => `${['ward,bed,state,days', ...lines].join('\n')}\n`;
let fixture: CaptureFixture;
beforeEach(() => {
  fixture = new CaptureFixture();
});
afterEach(() => fixture.close());

const captured = async () => fixture.table(await fixture.folder());
const reasons = async () =>
  (await fixture.capture(await fixture.folder())).refused.map(({ reason }) => reason);

describe('a snapshot as files', () => {
  it('is captured whole at first, with the columns of the source in its order', async () => {
    fixture.snapshot('beds.csv', 'bed,note,ward,status\n1,"",w,free\n2,,w,taken\n');
    expect(await captured()).toMatchObject({ rows: 2, inserts: 2, unchanged: 0, sequence: 1, read: 'table' });
    const [file] = await fixture.changeFiles();
    expect(file).toMatchObject({
      dataset: 'beds',
      sequence: 1,
      source: 'files',
      file: 'changes/beds/000000000001-1.parquet',
      rows: 2,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const described = await fixture.query<{ column_name: string; column_type: string }>(
      `describe select * from '${fixture.lake.path(file!.file)}'`,
    );
    // `status` is another name of `state`; `note` is in no contract and kept.
    expect(described.map(({ column_name, column_type }) => `${column_name} ${column_type}`)).toEqual([
      'bed VARCHAR',
      'note VARCHAR',
      'ward VARCHAR',
      'state VARCHAR',
      '_op VARCHAR',
      '_before VARCHAR',
      '_captured_at TIMESTAMP',
      '_sequence BIGINT',
    ]);
    expect(await fixture.changes()).toEqual([
      { op: 'I', row: { bed: '1', note: '', ward: 'w', state: 'free' }, before: null, sequence: 1 },
      { op: 'I', row: { bed: '2', note: null, ward: 'w', state: 'taken' }, before: null, sequence: 1 },
    ]);
  });

  it('that was delivered before is not read again', async () => {
    fixture.snapshot('beds.csv', csv('w,1,free,1'));
    await captured();
    expect(await captured()).toMatchObject({ rows: 1, unchanged: 1, sequence: null, read: 'nothing' });
    // The same rows in other bytes are read, once, and are no change.
    fixture.snapshot('beds.csv', 'bed,ward,days,state\n1,w,1,free\n');
    expect(await captured()).toMatchObject({ unchanged: 1, sequence: null, read: 'table' });
    expect(await captured()).toMatchObject({ unchanged: 1, sequence: null, read: 'nothing' });
    expect(await fixture.changeFiles()).toHaveLength(1);
  });

  it('gives updates and deletions with the row before', async () => {
    fixture.snapshot('beds.csv', csv('w,1,free,1', 'w,2,free,2', 'w,3,free,3'));
    await captured();
    fixture.snapshot('beds.csv', csv('w,3,free,3', 'w,2,taken,'));
    expect(await captured()).toMatchObject({ updates: 1, deletes: 1, unchanged: 1, sequence: 2 });
    const before = (bed: string) => ({ ward: 'w', bed, state: 'free', days: bed });
    expect((await fixture.changes()).slice(3)).toEqual([
      { op: 'U', row: { ...before('2'), state: 'taken', days: null }, before: before('2'), sequence: 2 },
      { op: 'D', row: before('1'), before: before('1'), sequence: 2 },
    ]);
  });

  it('may gain and lose columns: what was in them stays in the row before', async () => {
    fixture.snapshot('beds.csv', 'ward,bed,state,old\nw,1,free,x\nw,2,free,\n');
    await captured();
    fixture.snapshot('beds.csv', 'ward,bed,state,new\nw,1,free,\nw,2,free,y\n');
    expect(await captured()).toMatchObject({ updates: 2 });
    expect((await fixture.changes()).slice(2)).toEqual([
      {
        op: 'U',
        row: { ward: 'w', bed: '1', state: 'free', new: null },
        before: { ward: 'w', bed: '1', state: 'free', old: 'x' },
        sequence: 2,
      },
      {
        op: 'U',
        row: { ward: 'w', bed: '2', state: 'free', new: 'y' },
        before: { ward: 'w', bed: '2', state: 'free', old: null },
        sequence: 2,
      },
    ]);
  });

  it('keeps both sides exact where a type has changed', async () => {
    fixture.snapshot('beds.csv', csv('w,01,free,07', 'w,02,free,2', 'w,03,free,3'));
    await captured();
    await fixture.query(
      `copy (select 'w' as ward, b as bed, 'free' as state, d as days from (values ('02', 2), ('03', 4)) t(b, d)) to '${join(fixture.root, 'snapshots', 'beds.parquet')}' (format parquet)`,
    );
    expect(await captured()).toMatchObject({ updates: 2, deletes: 1 });
    expect((await fixture.changes()).slice(3).map(({ op, row }) => [op, row['bed'], row['days']])).toEqual([
      ['U', '02', '2'],
      ['U', '03', '4'],
      ['D', '01', '07'],
    ]);
  });

  it('counts the first row of a repeated key, and rows without a key', async () => {
    fixture.snapshot('beds.csv', csv('w,1,first,1', 'w,1,second,1', 'w,,free,1', 'w,2,free,1'));
    expect(await captured()).toMatchObject({ rows: 4, inserts: 2, duplicates: 1, nullKeys: 1 });
    expect((await fixture.changes()).map(({ row }) => row['state'])).toEqual(['first', 'free']);
  });

  it('may have another key than the contract', async () => {
    fixture.snapshot('beds.csv', csv('w,1,free,1', 'v,1,free,1'));
    const keys = new Map([['beds', ['bed']]]);
    expect(await fixture.table(await fixture.folder(), { keys })).toMatchObject({
      inserts: 1,
      duplicates: 1,
    });
    // Back with the key of the contract, the same files are read again.
    expect(await captured()).toMatchObject({ inserts: 1, unchanged: 1, read: 'table' });
    const wrong = await fixture.capture(await fixture.folder(), { keys: new Map([['beds', ['number']]]) });
    expect(wrong.refused[0]?.reason).toContain('its key names number, which is no column of it');
  });
});

describe('several files of one table', () => {
  it('are states one after the other: the last by name counts, numbers by their value', async () => {
    fixture.snapshot('beds/beds-9.csv', csv('w,9,free,1'));
    fixture.snapshot('beds/beds-10.csv.gz', gzipSync(csv('w,10,free,1')));
    utimesSync(join(fixture.root, 'snapshots', 'beds', 'beds-10.csv.gz'), 1, 1);
    const report = await captured();
    expect(report.notes).toEqual(['beds/beds-10.csv.gz is the present state; 1 earlier files are not read']);
    expect((await fixture.changes()).map(({ row }) => row['bed'])).toEqual(['10']);
  });

  it('are one state if they are called parts', async () => {
    fixture.snapshot('beds/part-0.csv', csv('w,1,free,1', 'w,2,free,1'));
    fixture.snapshot('beds/part-1.csv', csv('w,3,free,1', 'w,1,late,1'));
    expect(await captured()).toMatchObject({ rows: 4, inserts: 3, duplicates: 1 });
    expect((await fixture.changes()).map(({ row }) => row['state'])).toEqual(['free', 'free', 'free']);
  });

  it.each([
    ['parts beside whole snapshots', ['beds/part-0.csv', 'beds/other.csv'], 'holds parts'],
    ['a file and a folder', ['beds.csv', 'beds/other.csv'], 'lies in the folder itself and in a folder'],
  ])('are refused: %s', async (_name, files, reason) => {
    for (const file of files) fixture.snapshot(file, csv('w,1,free,1'));
    expect(await reasons()).toEqual([expect.stringContaining(reason)]);
  });
});

describe('a snapshot that would make wrong changes', () => {
  beforeEach(async () => {
    fixture.snapshot('beds.csv', csv('w,1,free,1', 'w,2,free,1', 'w,3,free,1', 'w,4,free,1'));
    await captured();
  });

  it.each<[string, string, string]>([
    [
      'rows that cannot be read',
      csv('w,1,free,1', 'w,2,"free,1', 'w,3,free,1', 'w,4,free,1'),
      '1 rows of beds.csv cannot be read',
    ],
    ['a missing column', 'ward,bed\nw,1\n', 'required columns are missing: state'],
    ['an empty file', '', 'the file is empty'],
    ['a name that a change file needs', 'ward,bed,state,_sequence\nw,1,free,1\n', 'column 4 has a name'],
    ['no row', csv(), 'run again with --allow-empty'],
    ['no row with a key', csv(',,free,1'), 'it has no row with a key, and had 4 before'],
    ['most rows missing', csv('w,1,free,1'), '3 of its 4 rows are missing'],
  ])('is refused for %s, and nothing is taken', async (_name, content, reason) => {
    fixture.snapshot('beds.csv', content);
    expect(await reasons()).toEqual([expect.stringContaining(reason)]);
    expect(await fixture.changeFiles()).toHaveLength(1);
    // The next good snapshot is compared with the last good one.
    fixture.snapshot('beds.csv', csv('w,1,taken,1', 'w,2,free,1', 'w,3,free,1', 'w,4,free,1'));
    expect(await captured()).toMatchObject({ updates: 1, unchanged: 3, sequence: 2 });
  });

  it('is taken where half of the rows are gone, or where it is allowed', async () => {
    fixture.snapshot('beds.csv', csv('w,1,free,1', 'w,2,free,1'));
    expect(await captured()).toMatchObject({ deletes: 2 });
    fixture.snapshot('beds.csv', csv('w,9,free,1'));
    const mass = { limits: { allowMassDelete: true } };
    expect(await fixture.table(await fixture.folder(), mass)).toMatchObject({ deletes: 2, inserts: 1 });
    fixture.snapshot('beds.csv', csv());
    await expect(fixture.table(await fixture.folder(), mass)).rejects.toThrow('--allow-empty');
    const empty = { limits: { allowEmpty: true } };
    expect(await fixture.table(await fixture.folder(), empty)).toMatchObject({ deletes: 1, unchanged: 0 });
    expect(await captured()).toMatchObject({ rows: 0, sequence: null });
  });
});

describe('a folder of snapshots', () => {
  it('must exist and hold a table that is known', async () => {
    await expect(fixture.folder()).rejects.toMatchObject({ code: 'USAGE' satisfies ErrorCode });
    fixture.snapshot('other.csv', 'a\n1\n');
    await expect(fixture.folder()).rejects.toMatchObject({ code: 'LANDING_EMPTY' satisfies ErrorCode });
  });
});
