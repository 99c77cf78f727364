import { join } from 'node:path';
import { ruleResults } from '../../../src/commands/cds-results.js';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { createTable } from '../../../src/warehouse/duckdb/ddl.js';
import { cdsTables } from '../../../src/warehouse/gold/cds.js';
import { dimPatient } from '../../../src/warehouse/gold/dimensions.js';
import { valueSet } from '../../../src/warehouse/gold/findings.js';
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

/** For columns that must have a value, and that no rule here reads. */
const someValue: Readonly<Record<string, string>> = {
  text: "'U'",
  boolean: 'false',
  int32: '0',
  int64: '0',
  date: "date '2023-01-01'",
};

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

  it('by the interpreter is ended when it takes too long', async () => {
    await engine.run('delete from dim_patient');
    const columns = Object.entries(dimPatient.columns).map(([name, { type, nullable }]) => {
      if (name === 'patient_no') return 'cast(range as integer) as patient_no';
      if (name === 'patient_sk') return 'unhex(md5(cast(range as varchar))) as patient_sk';
      return nullable ? `null as ${name}` : `${someValue[type.kind]} as ${name}`;
    });
    await engine.run(`insert into dim_patient by name select ${columns.join(', ')} from range(1, 6)`);
    const clock = (milliseconds: number) => {
      let time = 0;
      return () => {
        time += milliseconds;
        return time;
      };
    };
    const only = ['los_stranded_7'];
    const ran = async (milliseconds: number) => {
      for (const { name } of [...cdsTables, valueSet]) await engine.run(`delete from ${name}`);
      const results = await ruleResults(root, { only, interpret: true }, clock(milliseconds));
      return results.fill({
        engine,
        runId: 'run-2',
        dataAsOf: '2023-06-30',
        previous: undefined,
        progress: () => undefined,
      });
    };
    expect(await ran(1)).toMatchObject([{ evaluated: 5, failed: 0, engine: 'interpreter' }]);
    const late = await ran(100_000);
    expect(late).toMatchObject([{ evaluated: 0, failure: 'DEADLINE_EXCEEDED' }]);
    const temporary = await engine.rows(
      "select table_name from duckdb_tables() where database_name = 'temp'",
    );
    expect(temporary).toEqual([]);
  }, 60_000);
});
