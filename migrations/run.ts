import { MaplewoodError } from '../src/errors.js';
import type { TsqlEngine } from '../src/warehouse/mssql/ddl.js';
import { hashOf, type Step, tableExists } from './step.js';
import { meta } from './steps/0001-meta.js';
import { state } from './steps/0002-state.js';
import { identified } from './steps/0003-identified.js';
import { rights } from './steps/0004-rights.js';

/** A connection of the owner: one statement a batch, without parameters. */
export interface Executor {
  execute(sql: string): Promise<void>;
  query(sql: string): Promise<unknown[][]>;
}

export const steps: readonly Step[] = [meta, state, identified, rights];

/** Every statement in order, as `migrate --print` shows it. */
export const plan = (engine: TsqlEngine, all = steps): string[] =>
  all.flatMap((step) => step.statements(engine).map((statement) => statement.sql));

/**
 * Applies the steps that the database does not know, and returns their names. It may be killed anywhere: the next
 * run finds what is there and goes on. Only one may run at a time; the caller holds the lease.
 * Error: `CONFIGURATION` if the database was made by another version of a step.
 */
export async function migrate(
  database: Executor,
  engine: TsqlEngine,
  { all = steps, now = () => new Date() }: { all?: readonly Step[]; now?: () => Date } = {},
): Promise<string[]> {
  const known = await appliedHashes(database);
  assertKnown(known, engine, all);
  const missing = all.filter((step) => !known.has(step.id));
  for (const step of missing) {
    for (const { sql, exists } of step.statements(engine)) {
      const there = exists !== undefined && (await database.query(exists)).length > 0;
      if (!there) await database.execute(sql);
    }
    await database.execute(record(step, engine, now()));
  }
  return missing.map((step) => step.name);
}

async function appliedHashes(database: Executor): Promise<ReadonlyMap<number, string>> {
  if ((await database.query(tableExists('meta', 'migration'))).length === 0) return new Map();
  const rows = await database.query('SELECT [id], [hash] FROM [meta].[migration]');
  return new Map(rows.map(([id, hash]) => [Number(id), String(hash)]));
}

function assertKnown(known: ReadonlyMap<number, string>, engine: TsqlEngine, all: readonly Step[]): void {
  for (const [id, hash] of known) {
    const step = all.find((candidate) => candidate.id === id);
    if (!step) {
      throw new MaplewoodError(
        'CONFIGURATION',
        `The database has migration ${id}, which this version does not know. Use the version that made it, or a newer one.`,
      );
    }
    if (hashOf(step, engine) !== hash) {
      throw new MaplewoodError(
        'CONFIGURATION',
        `Migration ${id} (${step.name}) was applied with other statements or for the other engine. Check engine= in the address, or restore the step as it was.`,
      );
    }
  }
}

/** All literals are the product's own: digits, a name in lower case, a hash, an instant. */
function record(step: Step, engine: TsqlEngine, at: Date): string {
  const values = `${step.id}, '${step.name}', '${hashOf(step, engine)}', CAST('${at.toISOString().slice(0, -1)}' AS DATETIME2(3))`;
  return `INSERT INTO [meta].[migration] ([id], [name], [hash], [applied_at]) SELECT ${values} WHERE NOT EXISTS (SELECT 1 FROM [meta].[migration] WHERE [id] = ${step.id})`;
}
