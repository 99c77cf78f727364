import { collation } from '../../src/warehouse/mssql/ddl.js';
import { appended, createSchema, createTable, type Step } from '../step.js';

/**
 * `state`: what people did (acknowledged an alert, broke the glass), as events that are never changed. The highest
 * number is the version of the state.
 */
export const state: Step = {
  id: 2,
  name: 'state',
  statements(engine) {
    const key = engine === 'synapse' ? '' : ',\n  PRIMARY KEY NONCLUSTERED ([id])';
    return [
      createSchema('state'),
      createTable(
        'state',
        'event',
        `CREATE TABLE [state].[event] (
  [id] BIGINT NOT NULL,
  [kind] NVARCHAR(63) COLLATE ${collation} NOT NULL,
  [subject] NVARCHAR(200) COLLATE ${collation} NOT NULL,
  [actor] NVARCHAR(200) COLLATE ${collation} NOT NULL,
  [body] NVARCHAR(3000) COLLATE ${collation} NOT NULL,
  [recorded_at] DATETIME2(3) NOT NULL${key}
)${appended(engine)}`,
      ),
    ];
  },
};
