import { collation } from '../../src/warehouse/mssql/ddl.js';
import { appended, createSchema, createTable, type Step } from '../step.js';

/**
 * `meta`: which releases there are, and which steps have been applied. Rows are only added; the newest counts.
 * A dedicated pool does not check keys, and two runs could both insert: so no key is declared there.
 */
export const meta: Step = {
  id: 1,
  name: 'meta',
  statements(engine) {
    const key = engine === 'synapse' ? '' : ',\n  PRIMARY KEY NONCLUSTERED ([id])';
    return [
      createSchema('meta'),
      createTable(
        'meta',
        'migration',
        `CREATE TABLE [meta].[migration] (
  [id] INT NOT NULL,
  [name] NVARCHAR(63) COLLATE ${collation} NOT NULL,
  [hash] NVARCHAR(64) COLLATE ${collation} NOT NULL,
  [applied_at] DATETIME2(3) NOT NULL${key}
)${appended(engine)}`,
      ),
      createTable(
        'meta',
        'release',
        `CREATE TABLE [meta].[release] (
  [id] BIGINT NOT NULL,
  [schema_name] NVARCHAR(63) COLLATE ${collation} NOT NULL,
  [published_at] DATETIME2(3) NOT NULL,
  [data_as_of] DATE NOT NULL${key}
)${appended(engine)}`,
      ),
    ];
  },
};
