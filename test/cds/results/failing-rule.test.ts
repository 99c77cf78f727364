import { join } from 'node:path';
import { ruleResults } from '../../../src/commands/cds-results.js';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { createTable } from '../../../src/warehouse/duckdb/ddl.js';
import { goldTables } from '../../../src/warehouse/gold/index.js';
import { root, temporaryFolder } from '../../support/landing.js';

const folder = temporaryFolder();
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ spill: join(folder, 'spill'), threads: 1, memoryLimit: '500MB' });
  await engine.run("attach ':memory:' as gold");
  for (const table of goldTables) await engine.run(createTable('gold', table));
  await engine.run('use gold');
  // What the rules about packages of social care read.
  await engine.run('drop table fact_care_package');
});
afterAll(() => engine.close());

describe('a rule that fails', () => {
  it('stops no other one, leaves nothing behind and is reported', async () => {
    const results = await ruleResults(root);
    const lines = await results.fill({
      engine,
      runId: 'run-1',
      dataAsOf: '2023-06-30',
      previous: undefined,
      progress: () => undefined,
    });
    const failed = lines.filter(({ failure }) => failure !== undefined);
    expect(failed.map(({ rule, failure }) => [rule, failure])).toEqual([
      ['social_care_review_overdue', 'INTERNAL'],
    ]);
    expect(lines.length).toBeGreaterThan(30);
    const kept = await engine.rows<{ rule: string; failure: string }>(
      'select rule, failure from cds_run where failure is not null',
    );
    expect(kept).toEqual([{ rule: 'social_care_review_overdue', failure: 'INTERNAL' }]);
    const temporary = await engine.rows(
      "select table_name from duckdb_tables() where database_name = 'temp'",
    );
    expect(temporary).toEqual([]);
  }, 60_000);
});
