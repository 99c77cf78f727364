import client from 'mssql';
import { Secret } from '../../../src/config/secret.js';
import { openSqlServer } from '../../../src/etl/cdc/sqlserver.js';
import { openPool } from '../../../src/warehouse/mssql/pool.js';
import { parseMssqlUrl } from '../../../src/warehouse/mssql/url.js';
import { CaptureFixture } from './fixture.js';

/** The owner's login to a database that this suite may fill. */
const address = process.env['MAPLEWOOD_TEST_MSSQL'] ?? '';

if (address === '') {
  describe('capture from a T-SQL server', () => {
    it.skip('SKIPPED: set MAPLEWOOD_TEST_MSSQL=mssql://owner:password@host/empty_database to run these', () =>
      undefined);
  });
} else {
  describe('capture from a T-SQL server', () => {
    const table = `dbo.Beds${Date.now()}`;
    const fixture = new CaptureFixture();
    let execute: (text: string) => Promise<unknown>;
    let close: () => Promise<unknown>;

    beforeAll(async () => {
      const pool = await openPool(client, parseMssqlUrl(address), { development: true }, 1);
      execute = (text) => pool.request().batch(text);
      close = () => pool.close();
      await execute(
        `CREATE TABLE ${table} (ward NVARCHAR(10) NOT NULL, bed VARCHAR(10) NOT NULL, state NVARCHAR(10) NULL, days INT NULL, cost DECIMAL(18, 4) NULL, moved DATETIME2(6) NULL, since DATE NULL, ok BIT NULL, mark VARBINARY(4) NULL)`,
      );
      await execute(
        `INSERT INTO ${table} VALUES (N'ä', '1', N'free', 1, 12345678901234.5678, '2024-02-29T11:00:00.123456', '0001-01-01', 1, 0x00FF)`,
      );
      await execute(`INSERT INTO ${table} (ward, bed, state) VALUES (N'w', '2', N'')`);
    });
    afterAll(async () => {
      await execute(`DROP TABLE ${table}`);
      await close();
      await fixture.close();
    });

    const captured = async (changeTables: boolean) => {
      const server = await openSqlServer('pas', new Secret(address), true);
      try {
        return await fixture.table(
          fixture.database(
            { ...server, read: () => server.read(table), changeTable: () => server.changeTable(table) },
            changeTables,
          ),
        );
      } finally {
        await server.close();
      }
    };

    it('keeps every value to the last digit', async () => {
      expect(await captured(false)).toMatchObject({ inserts: 2 });
      expect((await fixture.changes()).map(({ row }) => row)).toEqual([
        {
          ward: 'ä',
          bed: '1',
          state: 'free',
          days: '1',
          cost: '12345678901234.5678',
          moved: '2024-02-29 11:00:00.123456',
          since: '0001-01-01',
          ok: 'true',
          mark: '\\x00\\xFF',
        },
        {
          ward: 'w',
          bed: '2',
          state: '',
          days: null,
          cost: null,
          moved: null,
          since: null,
          ok: null,
          mark: null,
        },
      ]);
    });

    it('finds what has changed, also where the server records no changes', async () => {
      await execute(`UPDATE ${table} SET state = NULL WHERE bed = '2'`);
      expect(await captured(true)).toMatchObject({ updates: 1, unchanged: 1 });
      await execute(`DELETE FROM ${table} WHERE bed = '1'`);
      expect(await captured(true)).toMatchObject({ deletes: 1, unchanged: 1 });
    });
  });
}
