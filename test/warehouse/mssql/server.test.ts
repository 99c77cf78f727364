import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely';
import client from 'mssql';
import { goldSchema } from '../../../migrations/gold.js';
import { type Executor, migrate } from '../../../migrations/run.js';
import { goldTables } from '../../../src/warehouse/gold/index.js';
import { tsqlDialect } from '../../../src/warehouse/mssql/dialect.js';
import { checkEngine, engineQuery, openPool } from '../../../src/warehouse/mssql/pool.js';
import { openReader, type Reader } from '../../../src/warehouse/mssql/reader.js';
import { openMssqlWarehouse } from '../../../src/warehouse/mssql/release.js';
import { parseMssqlUrl } from '../../../src/warehouse/mssql/url.js';
import type { ColumnType } from '../../../src/warehouse/table.js';
import { bind, type Scalar } from '../../../src/warehouse/value.js';

/** The owner's login to an empty database that this suite may fill. */
const address = process.env['MAPLEWOOD_TEST_MSSQL'] ?? '';
const settings = { development: true };

if (address === '') {
  describe('a T-SQL server', () => {
    it.skip('SKIPPED: set MAPLEWOOD_TEST_MSSQL=mssql://owner:password@host/empty_database to run these', () =>
      undefined);
  });
} else {
  describe('a T-SQL server', () => {
    const parsed = parseMssqlUrl(address);
    const dialect = tsqlDialect(parsed.engine);
    const db = new Kysely<Record<string, Record<string, unknown>>>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (database) => new PostgresIntrospector(database),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    });
    let reader: Reader;
    let owner: Executor;
    let close: () => Promise<unknown>;

    beforeAll(async () => {
      reader = await openReader(parsed, settings);
      const pool = await openPool(client, parsed, settings, 1);
      owner = {
        execute: async (text) => void (await pool.request().batch(text)),
        query: async (text) => (await pool.request().batch(text)).recordset as unknown as unknown[][],
      };
      close = () => Promise.all([pool.close(), reader.close()]);
    });
    afterAll(() => close());

    it('is of the engine that the address names', async () => {
      expect(() => checkEngine(parsed.engine, 0)).toThrow();
      const found = await reader.read({ sql: engineQuery, parameters: [] }, [
        { name: 'v', type: { kind: 'int32' } },
      ]);
      expect(() => checkEngine(parsed.engine, found.columns[0]![0])).not.toThrow();
    });

    it.each<[ColumnType, Scalar]>([
      [{ kind: 'text', length: 20 }, 'ä😀'],
      [{ kind: 'int32' }, -5],
      [{ kind: 'int64' }, 9007199254740993n],
      [{ kind: 'double' }, 0.1],
      [{ kind: 'decimal', precision: 15, scale: 2 }, '1234567890123.45'],
      [{ kind: 'decimal', precision: 18, scale: 4 }, '12345678901234.5678'],
      [{ kind: 'boolean' }, true],
      [{ kind: 'date' }, '2024-02-29'],
      [{ kind: 'instant' }, '2024-02-29T11:00:00Z'],
      [{ kind: 'key128' }, Uint8Array.from({ length: 16 }, (_, i) => 250 - i)],
      [{ kind: 'date' }, null],
    ])('gives back a parameter of type %j to the last digit', async (type, value) => {
      const query = db.selectNoFrom(dialect.output(bind(type, value), type).as('v'));
      const { columns } = await reader.read(dialect.compile(query), [{ name: 'v', type }]);
      expect(columns).toEqual([[value]]);
    });

    it.each([
      ['DAY', '2024-05-15'],
      ['WEEK', '2024-05-13'],
      ['MONTH', '2024-05-01'],
      ['QUARTER', '2024-04-01'],
      ['YEAR', '2024-01-01'],
    ] as const)('begins a %s on %s', async (grain, expected) => {
      const query = db.selectNoFrom(dialect.bucket(grain, sql`cast('2024-05-15' as date)`).as('v'));
      const { columns } = await reader.read(dialect.compile(query), [{ name: 'v', type: { kind: 'date' } }]);
      expect(columns).toEqual([[expected]]);
    });

    it('is set up twice without harm, and then serves no release', async () => {
      await migrate(owner, parsed.engine);
      expect(await migrate(owner, parsed.engine)).toEqual([]);
      const warehouse = await openMssqlWarehouse(address, settings);
      expect(() => warehouse.open()).toThrow(expect.objectContaining({ code: 'WAREHOUSE_UNAVAILABLE' }));
      await warehouse.close();
    });

    it('takes the tables of a release', async () => {
      const schema = `gold_r${Date.now()}`;
      for (const statement of goldSchema(goldTables, schema, parsed.engine)) await owner.execute(statement);
      for (const { name } of goldTables) await owner.execute(`DROP TABLE [${schema}].[${name}]`);
      await owner.execute(`DROP SCHEMA [${schema}]`);
    });

    it('frees a caller who cancels', async () => {
      const statement = {
        sql: 'SELECT COUNT_BIG(*) FROM sys.all_columns AS a CROSS JOIN sys.all_columns AS b CROSS JOIN sys.all_columns AS c',
        parameters: [],
      };
      const reading = reader.read(statement, [{ name: 'v', type: { kind: 'int64' } }], {
        signal: AbortSignal.timeout(500),
      });
      await expect(reading).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      expect(reader.running()).toBe(0);
    });
  });
}
