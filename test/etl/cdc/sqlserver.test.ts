import { Readable } from 'node:stream';
import { Secret } from '../../../src/config/secret.js';
import type { ErrorCode } from '../../../src/errors.js';
import type { DatabaseServer } from '../../../src/etl/cdc/database.js';
import { openSqlServer, sqlServer } from '../../../src/etl/cdc/sqlserver.js';
import type { CapturePool } from '../../../src/etl/cdc/sqlserver-rows.js';
import { carried } from '../../../src/etl/cdc/sqlserver-values.js';
import type { SourceRow } from '../../../src/etl/cdc/stage-rows.js';

type Answer = readonly (readonly unknown[])[] | Error;

/** A pool that answers statements by the first pattern that they match, and keeps what it was asked. */
class Answers implements CapturePool {
  readonly asked: string[] = [];
  cancelled = 0;
  /** The connection ends without a word before the last statement is answered. */
  breaksOff = false;

  constructor(readonly answers: readonly (readonly [RegExp, Answer])[]) {}

  #answer(text: string): readonly (readonly unknown[])[] {
    this.asked.push(text);
    const found = this.answers.find(([pattern]) => pattern.test(text))?.[1] ?? [];
    if (found instanceof Error) throw found;
    return found;
  }

  request() {
    let push: (text: string) => void = () => undefined;
    let stream: Readable | undefined;
    return {
      batch: async (text: string) => {
        if (stream) {
          push(text);
          return { recordset: [] };
        }
        return { recordset: this.#answer(text) };
      },
      toReadableStream: (options: { highWaterMark: number }) => {
        stream = new Readable({ ...options, objectMode: true, read: () => undefined });
        push = (text) => {
          try {
            for (const row of this.#answer(text)) stream?.push(row);
            // The answer to the statement behind the reading.
            if (!this.breaksOff) stream?.push([1]);
            stream?.push(null);
          } catch (error) {
            stream?.destroy(error as Error);
          }
        };
        return stream;
      },
      cancel: () => {
        this.cancelled += 1;
      },
    };
  }

  close = async () => undefined;
}

const columns: readonly (readonly unknown[])[] = [
  ['id', 'int', 10, 0],
  ['Name', 'nvarchar', 0, 0],
  ['cost', 'money', 19, 4],
];
const failure = (code: string): Error => Object.assign(new Error('secret'), { code });

async function all(rows: AsyncIterable<readonly SourceRow[]>): Promise<SourceRow[]> {
  const found: SourceRow[] = [];
  for await (const batch of rows) found.push(...batch);
  return found;
}

describe('a table of SQL Server', () => {
  const read = async (pool: CapturePool, engine: 'sqlserver' | 'synapse' = 'sqlserver') => {
    const table = await sqlServer(pool, engine).read('dbo.Patients');
    return { table, rows: await all(table.rows()) };
  };

  it('is read by one statement, in a snapshot where the database allows it', async () => {
    const pool = new Answers([
      [/sys\.columns/, columns],
      [/sys\.databases/, [[1, false]]],
      [
        /FROM \[dbo\]/,
        [
          [1, 'ä', '12.5000'],
          [2, null, null],
        ],
      ],
    ]);
    const { table, rows } = await read(pool);
    expect(table.columns).toEqual([
      { name: 'id', type: 'INTEGER' },
      { name: 'Name', type: 'VARCHAR' },
      { name: 'cost', type: 'DECIMAL(19,4)' },
    ]);
    expect(rows).toEqual([{ values: ['1', 'ä', '12.5000'] }, { values: ['2', null, null] }]);
    expect(table.notes).toEqual([]);
    expect(pool.asked.at(-1)).toBe(
      'SET TRANSACTION ISOLATION LEVEL SNAPSHOT; SELECT [id], [Name], CAST(CAST([cost] AS DECIMAL(19, 4)) AS VARCHAR(41)) AS [cost] FROM [dbo].[Patients]; SELECT 1',
    );
    expect(pool.cancelled).toBe(0);
  });

  it.each<[string, 'sqlserver' | 'synapse', readonly unknown[], number]>([
    ['statements see one moment', 'sqlserver', [0, true], 0],
    ['rows may move while they are read', 'sqlserver', [0, false], 1],
    ['a dedicated pool', 'synapse', [0, false], 1],
  ])('says how exact the reading is: %s', async (_name, engine, state, notes) => {
    const pool = new Answers([
      [/sys\.columns/, columns],
      [/sys\.databases/, [state]],
    ]);
    expect((await read(pool, engine)).table.notes).toHaveLength(notes);
    expect(pool.asked.at(-1)).toMatch(/^SELECT/);
  });

  it('must exist', async () => {
    await expect(read(new Answers([]))).rejects.toMatchObject({
      code: 'CONFIGURATION' satisfies ErrorCode,
      message: expect.stringContaining('no table dbo.Patients'),
    });
  });

  it.each<[string, ErrorCode]>([
    ['ESOCKET', 'SOURCE_UNAVAILABLE'],
    ['EREQUEST', 'SOURCE_UNAVAILABLE'],
    ['ELOGIN', 'CONFIGURATION'],
  ])('fails with %s as %s, without the text of the server', async (code, expected) => {
    const whileReading = new Answers([
      [/sys\.columns/, columns],
      [/FROM \[dbo\]/, failure(code)],
    ]);
    const error = await read(whileReading).catch((found: unknown) => found);
    expect(error).toMatchObject({ code: expected, message: expect.not.stringContaining('secret') });
    expect(whileReading.cancelled).toBe(1);
    await expect(read(new Answers([[/./, failure(code)]]))).rejects.toMatchObject({ code: expected });
  });

  it('is not taken for whole if the connection ends without a word', async () => {
    const pool = new Answers([
      [/sys\.columns/, columns],
      [/FROM \[dbo\]/, [[1, 'ä', '12.5000']]],
    ]);
    pool.breaksOff = true;
    await expect(read(pool)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  it('is cancelled when its reader leaves early', async () => {
    const pool = new Answers([
      [/sys\.columns/, columns],
      [/FROM \[dbo\]/, Array.from({ length: 5_000 }, (_, n) => [n, 'x', '1'])],
    ]);
    const table = await sqlServer(pool, 'sqlserver').read('dbo.Patients');
    for await (const batch of table.rows()) {
      expect(batch).toHaveLength(1_000);
      break;
    }
    expect(pool.cancelled).toBe(1);
  });
});

describe('a value of SQL Server', () => {
  const delta = (iso: string, nanosecondsDelta: number) => Object.assign(new Date(iso), { nanosecondsDelta });

  it.each<[string, number, number, unknown, string, string]>([
    ['bit', 1, 0, true, 'BOOLEAN', 'true'],
    ['bigint', 19, 0, '9223372036854775807', 'BIGINT', '9223372036854775807'],
    ['decimal', 38, 10, '1234567890123456789.0123456789', 'DECIMAL(38,10)', '1234567890123456789.0123456789'],
    ['smallmoney', 10, 4, '0.5000', 'DECIMAL(10,4)', '0.5000'],
    ['float', 53, 0, 0.1, 'DOUBLE', '0.1'],
    ['date', 10, 0, new Date('0001-01-01T00:00:00Z'), 'DATE', '0001-01-01'],
    ['datetime', 23, 3, new Date('2024-02-29T11:00:00.677Z'), 'TIMESTAMP', '2024-02-29 11:00:00.677'],
    [
      'datetime2',
      26,
      6,
      delta('2024-02-29T11:00:00.120Z', 0.000345),
      'TIMESTAMP',
      '2024-02-29 11:00:00.120345',
    ],
    [
      'datetime2',
      27,
      7,
      delta('9999-12-31T23:59:59.999Z', 0.0009999),
      'VARCHAR',
      '9999-12-31 23:59:59.9999999',
    ],
    ['datetime2', 27, 7, delta('2024-02-29T11:00:00.000Z', 0), 'VARCHAR', '2024-02-29 11:00:00'],
    ['time', 16, 7, delta('1970-01-01T11:00:00.500Z', 0), 'VARCHAR', '11:00:00.5'],
    ['varbinary', 0, 0, Buffer.from([0, 255]), 'BLOB', '00FF'],
    [
      'uniqueidentifier',
      0,
      0,
      '6F9619FF-8B86-D011-B42D-00C04FC964FF',
      'VARCHAR',
      '6F9619FF-8B86-D011-B42D-00C04FC964FF',
    ],
    ['nchar', 0, 0, 'x  ', 'VARCHAR', 'x  '],
  ])('%s(%i,%i) %p becomes %s %s', (type, precision, scale, value, laid, text) => {
    const road = carried({ name: 'v', type, precision, scale });
    expect([road.column.type, road.toText(value), road.toText(null)]).toEqual([laid, text, null]);
  });

  it('of a type without a road of its own leaves the server as text, under a quoted name', () => {
    expect(carried({ name: 'a]b', type: 'xml', precision: 0, scale: 0 }).select).toBe(
      'CAST([a]]b] AS NVARCHAR(MAX)) AS [a]]b]',
    );
  });
});

describe('the change table of a table', () => {
  const oldest = '0000002700000AB80001';
  const newest = '0000002A000000F00003';
  const pool = () =>
    new Answers([
      [/is_cdc_enabled/, [[true]]],
      [/cdc\.change_tables/, [['dbo_Patients', 77]]],
      [/sys\.columns/, columns.slice(0, 2)],
      [/get_min_lsn/, [[oldest, newest]]],
      [
        /fn_cdc_get_all_changes/,
        [
          [1, 7, 'x'],
          [3, 1, 'old'],
          [4, 1, 'new'],
          [2, 2, null],
        ],
      ],
    ]);
  const table = async (server: DatabaseServer) => server.changeTable('dbo.Patients');

  it('is that of the newest capture instance', async () => {
    const answers = pool();
    const found = await table(sqlServer(answers, 'sqlserver'));
    expect(found?.columns.map(({ name }) => name)).toEqual(['id', 'Name']);
    expect(await found?.window()).toEqual({ oldest: oldest.toLowerCase(), newest: newest.toLowerCase() });
    expect(await all(found!.changes(oldest.toLowerCase(), newest.toLowerCase()))).toEqual([
      { values: ['7', 'x'], gone: true },
      { values: ['1', 'old'], gone: true },
      { values: ['1', 'new'], gone: false },
      { values: ['2', null], gone: false },
    ]);
    expect(answers.asked.at(-1)).toBe(
      "SELECT __$operation, [id], [Name] FROM cdc.[fn_cdc_get_all_changes_dbo_Patients](sys.fn_cdc_increment_lsn(CONVERT(BINARY(10), '0000002700000ab80001', 2)), CONVERT(BINARY(10), '0000002a000000f00003', 2), N'all update old') ORDER BY __$start_lsn, __$seqval, __$operation; SELECT 1",
    );
  });

  it('refuses a position that is none', async () => {
    const found = await table(sqlServer(pool(), 'sqlserver'));
    expect(() => found?.changes("'; DROP TABLE x --", newest)).toThrow('not 20 hexadecimal digits');
  });

  it.each<[string, readonly (readonly [RegExp, Answer])[], 'sqlserver' | 'synapse']>([
    ['the database captures nothing', [[/is_cdc_enabled/, [[false]]]], 'sqlserver'],
    ['the server does not capture this table', [[/is_cdc_enabled/, [[true]]]], 'sqlserver'],
    ['the engine has none', [], 'synapse'],
  ])('is absent where %s', async (_name, answers, engine) => {
    expect(await table(sqlServer(new Answers(answers), engine))).toBeUndefined();
  });
});

describe('the address of a source', () => {
  it('is checked before the client is loaded, and names the setting', async () => {
    await expect(openSqlServer('pas', new Secret('mssql://secret@host/db'), false)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(/^cdc\.sources\.pas\.url: .*user and password come together/),
    });
  });

  it('where nobody answers is unavailable', async () => {
    const opening = openSqlServer('pas', new Secret('mssql://u:p@127.0.0.1:1/db'), true);
    await expect(opening).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });
});
