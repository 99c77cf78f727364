import { createHash } from 'node:crypto';
import { openWarehouse } from '../../../src/commands/parts.js';
import { MaplewoodError } from '../../../src/errors.js';
import { makeLog } from '../../../src/server/observe/log.js';
import { type Metrics, makeMetrics } from '../../../src/server/observe/metrics.js';
import { observedReads } from '../../../src/server/observe/observed-reads.js';
import { slowStatements } from '../../../src/server/observe/slow-statements.js';
import { noTracing } from '../../../src/server/observe/tracing.js';
import { TypedValue } from '../../../src/warehouse/value.js';
import type { OutputColumn, Warehouse } from '../../../src/warehouse/warehouse.js';
import { loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { secrets, secretsIn } from './hostile.js';

const requestId = '5f0c2d6e-8a4b-4d7e-9c1f-0123456789ab';
const folder = temporaryFolder();
let warehouse: Warehouse;
let metrics: Metrics;

beforeAll(async () => {
  const { config } = await loadedHome(folder, { patients: 1_000 });
  warehouse = await openWarehouse(config);
}, 120_000);
afterAll(() => warehouse?.close());
beforeEach(() => {
  metrics = makeMetrics({}, { strict: true });
});
afterEach(() => metrics.close());

const sql = 'select cast(count(*) as double) as n from dim_patient where patient_sk is not null and $1 <> $2';
const output: readonly OutputColumn[] = [{ name: 'n', type: { kind: 'double' } }];

/** Runs a statement through an observed handle, and gives what was logged of it. */
async function read(
  thresholdMs: number,
  statement: { sql: string; values: readonly string[]; signal?: AbortSignal },
): Promise<{ logged: string[]; rows: number; statements: number; error: unknown }> {
  const lines: string[] = [];
  const handle = warehouse.open();
  const observed = observedReads(handle, {
    engine: warehouse.dialect.engine,
    metrics,
    slow: slowStatements(thresholdMs, makeLog({ write: (line) => void lines.push(line) }, { strict: true })),
    requestId,
    span: noTracing.request(undefined),
  });
  try {
    const result = await observed.handle.read(
      {
        sql: statement.sql,
        parameters: statement.values.map((value) => new TypedValue({ kind: 'text', length: 200 }, value)),
      },
      output,
      { requestId, ...(statement.signal ? { signal: statement.signal } : {}) },
    );
    return { logged: lines, rows: result.rowCount, statements: observed.statements(), error: undefined };
  } catch (error) {
    return { logged: lines, rows: -1, statements: observed.statements(), error };
  } finally {
    observed.handle.close();
  }
}

describe('a statement of the warehouse', () => {
  it('is logged from the threshold on: lane, time, rows, digest and SQL with placeholders', async () => {
    const { logged, rows, statements } = await read(0, { sql, values: ['a', 'b'] });
    expect([rows, statements]).toEqual([1, 1]);
    expect(logged.map((line) => JSON.parse(line))).toEqual([
      {
        level: 'warn',
        time: expect.any(String),
        event: 'slow',
        requestId,
        lane: 'query',
        ms: expect.any(Number),
        sha256: createHash('sha256').update(sql).digest('hex'),
        sql,
        rows: 1,
      },
    ]);
  });

  it('is not logged below it', async () => {
    expect(await read(60_000, { sql, values: ['a', 'b'] })).toMatchObject({ logged: [], rows: 1 });
  });

  it('has none of its values in the log', async () => {
    for (const secret of secrets) {
      const { logged, rows } = await read(0, { sql, values: [secret, 'b'] });
      expect([rows, logged.length]).toEqual([1, 1]);
      expect(secretsIn(logged.join(''))).toEqual([]);
    }
  });

  it('is logged without its SQL where a value stands in it all the same', async () => {
    const inlined = `select cast(count(*) as double) as n from dim_patient where 'PAT_000123' <> 'x'`;
    const { logged } = await read(0, { sql: inlined, values: [] });
    expect(JSON.parse(logged[0]!)).toMatchObject({ event: 'slow', sql: 'withheld', rows: 1 });
  });

  it('is cut at 4,000 characters, its digest is not', async () => {
    const long = `${sql} ${'and 1 = 1 '.repeat(600)}`;
    const line = JSON.parse((await read(0, { sql: long, values: ['a', 'b'] })).logged[0]!);
    expect(line.sql).toBe(`${long.slice(0, 3_999)}…`);
    expect(line.sha256).toBe(createHash('sha256').update(long).digest('hex'));
  });

  it('is counted by how it ended', async () => {
    await read(60_000, { sql, values: ['a', 'b'] });
    const failed = await read(0, { sql: 'select nonsense', values: [] });
    expect(failed.error).toBeInstanceOf(Error);
    expect(JSON.parse(failed.logged[0]!)).not.toHaveProperty('rows');
    for (const code of ['DEADLINE_EXCEEDED', 'REQUEST_CANCELLED'] as const) {
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(new MaplewoodError(code)), 20);
      const heavy = `select cast(count(*) as double) as n from range(100000) a, range(1000000) b where a.range + b.range <> 7`;
      const { error } = await read(60_000, { sql: heavy, values: [], signal: stop.signal });
      clearTimeout(timer);
      expect(error).toMatchObject({ code });
    }
    const text = await metrics.text();
    const totals = [...text.matchAll(/^maplewood_statements_total\{(.*)\} (\d+)$/gm)].map((found) =>
      found.slice(1),
    );
    expect(totals).toEqual([
      ['lane="query",outcome="done"', '1'],
      ['lane="query",outcome="failed"', '1'],
      ['lane="query",outcome="deadline"', '1'],
      ['lane="query",outcome="cancelled"', '1'],
    ]);
    expect(text).toContain('maplewood_statement_seconds_count{lane="query"} 4');
  });
});
