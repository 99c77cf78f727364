import { setTimeout as pause } from 'node:timers/promises';
import { MaplewoodError } from '../../../src/errors.js';
import { tsqlDialect } from '../../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../../src/warehouse/mssql/lint.js';
import type { Reader } from '../../../src/warehouse/mssql/reader.js';
import { ReleaseWatch } from '../../../src/warehouse/mssql/release.js';
import type { ColumnarResult } from '../../../src/warehouse/warehouse.js';

interface Published {
  id: number;
  schema: string;
}

/** A server with one table in each published release. */
function server(published: Published[]) {
  const asked: string[] = [];
  let closed = false;
  let failure: Error | undefined;
  const columnar = (...columns: unknown[][]): ColumnarResult => ({ columns, rowCount: columns[0]!.length });
  const reader: Reader = {
    async read({ sql, parameters }) {
      if (failure) throw failure;
      asked.push(sql);
      expect(lintTsql(sql)).toEqual([]);
      const newest = published.reduce<Published[]>(
        (best, one) => (best[0] && best[0].id > one.id ? best : [one]),
        [],
      );
      if (sql.includes('[meta].[release]')) {
        return columnar(
          newest.map(({ id }) => id),
          newest.map(({ schema }) => schema),
          newest.map(() => '2025-01-02T03:04:05Z'),
          newest.map(() => '2024-12-31'),
        );
      }
      if (sql.includes('[release_day]')) return columnar(['2022-01-01'], [null], ['2024-02-01'], [8], [5]);
      if (sql.includes('INFORMATION_SCHEMA.COLUMNS')) {
        expect(parameters[0]!.value).toBe(newest[0]!.schema);
        return columnar(['spell', 'spell'], ['id', 'los']);
      }
      return columnar([sql]);
    },
    running: () => 3,
    close: async () => {
      closed = true;
    },
  };
  return { reader, asked, closed: () => closed, fail: (error: Error | undefined) => (failure = error) };
}

const start = (reader: Reader, settings = {}) =>
  ReleaseWatch.start(tsqlDialect('sqlserver'), reader, settings);

describe('a warehouse on T-SQL', () => {
  it('serves the newest release with its schema, days and tables', async () => {
    const taken: unknown[] = [];
    const { reader } = server([
      { id: 4, schema: 'gold_r4' },
      { id: 5, schema: 'gold_r5' },
    ]);
    const warehouse = await start(reader, { onRelease: (event: unknown) => taken.push(event) });
    const release = warehouse.open();
    expect(release.schema).toBe('gold_r5');
    expect(release.info).toEqual({
      id: 5,
      publishedAt: '2025-01-02T03:04:05Z',
      dataAsOf: '2024-12-31',
      firstDays: { first_admission: '2022-01-01', first_arrival: null },
      firstLoad: '2024-02-01',
      disclosure: { threshold: 8, base: 5 },
      tables: new Map([['spell', new Set(['id', 'los'])]]),
    });
    expect(taken).toEqual([{ id: 5 }]);
    expect(warehouse.running()).toBe(3);
    await warehouse.close();
  });

  it('keeps an open release when a newer one comes', async () => {
    const published = [{ id: 1, schema: 'gold_r1' }];
    const warehouse = await start(server(published).reader);
    const before = warehouse.open();
    published.push({ id: 2, schema: 'gold_r2' });
    await warehouse.look();
    expect(before.info.id).toBe(1);
    expect(warehouse.open().info.id).toBe(2);
    await warehouse.close();
  });

  it('finds a newer release by itself', async () => {
    const published = [{ id: 1, schema: 'gold_r1' }];
    let took: (id: number) => void = () => undefined;
    const second = new Promise<number>((resolve) => {
      took = (id) => id === 2 && resolve(id);
    });
    const warehouse = await start(server(published).reader, {
      pollEvery: 5,
      onRelease: ({ id }: { id: number }) => took(id),
    });
    published.push({ id: 2, schema: 'gold_r2' });
    expect(await second).toBe(2);
    await warehouse.close();
  });

  it('reads the tables of a release once', async () => {
    const { reader, asked } = server([{ id: 1, schema: 'gold_r1' }]);
    const warehouse = await start(reader);
    await warehouse.look();
    await warehouse.look();
    expect(asked.filter((text) => text.includes('INFORMATION_SCHEMA'))).toHaveLength(1);
    await warehouse.close();
  });

  it('serves on while the server does not answer, and says so', async () => {
    const { reader, fail } = server([{ id: 1, schema: 'gold_r1' }]);
    let told: (error: unknown) => void = () => undefined;
    const failed = new Promise((resolve) => {
      told = resolve;
    });
    const onRelease = ({ error }: { error?: unknown }) => error && told(error);
    const warehouse = await start(reader, { pollEvery: 5, onRelease });
    const gone = new Error('gone');
    fail(gone);
    expect(await failed).toBe(gone);
    expect(warehouse.open().info.id).toBe(1);
    fail(undefined);
    await warehouse.close();
  });

  it('refuses at once while the server is lost, and serves again by itself', async () => {
    const { reader, asked, fail } = server([{ id: 1, schema: 'gold_r1' }]);
    const events: unknown[] = [];
    let back: () => void = () => undefined;
    const again = new Promise<void>((resolve) => {
      back = resolve;
    });
    const onRelease = ({ id, error }: { id: number; error?: unknown }) => {
      events.push(error ?? id);
      if (events.length === 3) back();
    };
    const warehouse = await start(reader, { pollEvery: 60_000, retryEvery: 5, onRelease });
    const [one, other] = [warehouse.open(), warehouse.open()];
    const gone = new MaplewoodError('WAREHOUSE_UNAVAILABLE');
    fail(gone);
    await expect(one.read({ sql: 'select 1', parameters: [] }, [])).rejects.toBe(gone);
    await expect(other.read({ sql: 'select 1', parameters: [] }, [])).rejects.toBe(gone);
    expect(() => warehouse.open()).toThrow(expect.objectContaining({ code: 'WAREHOUSE_UNAVAILABLE' }));
    await pause(50);
    expect(() => warehouse.open()).toThrow();
    const before = asked.length;
    fail(undefined);
    await again;
    // One look was enough.
    expect(asked.length - before).toBe(1);
    expect(warehouse.open().info.id).toBe(1);
    expect(events).toEqual([1, gone, 1]);
    await warehouse.close();
  });

  it('does not take the server for lost because a question took too long', async () => {
    const { reader, fail } = server([{ id: 1, schema: 'gold_r1' }]);
    const warehouse = await start(reader);
    const handle = warehouse.open();
    fail(new MaplewoodError('DEADLINE_EXCEEDED'));
    await expect(handle.read({ sql: 'select 1', parameters: [] }, [])).rejects.toThrow();
    expect(warehouse.open().info.id).toBe(1);
    await warehouse.close();
  });

  it('has no release before the first is published', async () => {
    const warehouse = await start(server([]).reader);
    expect(() => warehouse.open()).toThrow(expect.objectContaining({ code: 'WAREHOUSE_UNAVAILABLE' }));
    await warehouse.close();
  });

  it('trusts no schema name but that of a release', async () => {
    await expect(start(server([{ id: 1, schema: 'identified' }]).reader)).rejects.toThrow(
      'no schema of a release',
    );
  });

  it('reads nothing through a release that was closed', async () => {
    const warehouse = await start(server([{ id: 1, schema: 'gold_r1' }]).reader);
    const release = warehouse.open();
    const statement = { sql: 'select 1', parameters: [] };
    expect((await release.read(statement, [])).columns).toEqual([['select 1']]);
    release.close();
    await expect(release.read(statement, [])).rejects.toThrow('after it was closed');
    await warehouse.close();
  });

  it('closes the server when it is closed', async () => {
    const { reader, closed } = server([]);
    await (await start(reader)).close();
    expect(closed()).toBe(true);
  });
});
