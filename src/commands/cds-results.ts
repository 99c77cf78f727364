import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { endOfDay } from '../cds/arden/run/literal.js';
import type { Time } from '../cds/arden/value.js';
import type { ResultsEngine } from '../cds/results/engine.js';
import { evaluate } from '../cds/results/evaluate.js';
import { readRules } from '../cds/rules/read-rules.js';
import { MaplewoodError } from '../errors.js';
import { appendRows } from '../etl/append.js';
import type { Engine } from '../etl/engine.js';
import { emptyAgain } from '../etl/gold/correct.js';
import type { ReleaseInTheMaking, ReleaseResults } from '../etl/results.js';
import type { Statement } from '../warehouse/dialect.js';
import { duckdbDialect } from '../warehouse/duckdb/dialect.js';
import { PreparedStatements } from '../warehouse/duckdb/prepared-statements.js';
import { read } from '../warehouse/duckdb/read.js';
import { toDuckdb } from '../warehouse/duckdb/types.js';
import { cdsRun, cdsTables } from '../warehouse/gold/cds.js';
import { goldBuilder } from '../warehouse/gold-builder.js';

export interface ResultsOptions {
  /** Names of the rules that are run; all that are not expired by default. */
  readonly only?: readonly string[];
  /** The end of the last day with data by default. */
  readonly asOf?: Time;
  /** Every rule is run by the interpreter. */
  readonly interpret?: boolean;
}

/** Catalogue name of the release whose results go on. */
const before = 'cds_before';

/**
 * The rules of the folder `rules/`, as the ETL runs them over a release. `elapsed`: milliseconds of a clock that nobody sets. Error:
 * `CONFIGURATION` where they are wrong.
 */
export async function ruleResults(
  root: string,
  options: ResultsOptions = {},
  elapsed: () => number = () => performance.now(),
): Promise<ReleaseResults> {
  const rules = await readRules(join(root, 'rules'));
  const known = new Set(rules.rules.map(({ name }) => name));
  const missing = (options.only ?? []).filter((name) => !known.has(name));
  if (missing.length > 0) throw new MaplewoodError('USAGE', `There is no rule ${missing.join(', ')}.`);
  const hash = createHash('sha256');
  for (const { name, sha256, gem } of rules.rules) hash.update(JSON.stringify([name, sha256, gem]));
  hash.update(JSON.stringify([...rules.registry.valueSets]));
  return {
    digest: hash.digest('hex'),
    async fill(release) {
      const now = options.asOf ?? endOfDay(release.dataAsOf);
      const goesOn = await attachBefore(release, now);
      try {
        return await evaluate(resultsEngine(release.engine), {
          rules,
          ...(options.only ? { only: options.only } : {}),
          interpret: options.interpret ?? false,
          now,
          runId: release.runId,
          gold: goldBuilder(),
          dialect: duckdbDialect,
          before: goesOn ? { gold: goldBuilder(before) } : undefined,
          ...(release.narrow ? { narrow: release.narrow } : {}),
          elapsed,
          progress: release.progress,
        });
      } finally {
        await release.engine.run(`detach database if exists ${before}`);
      }
    },
  };
}

/** Attaches the release before; false where it has no such tables, or was last run as of a later time. */
async function attachBefore({ engine, previous }: ReleaseInTheMaking, now: Time): Promise<boolean> {
  if (previous === undefined) return false;
  await engine.run(`attach '${previous.replaceAll("'", "''")}' as ${before} (read_only)`);
  const columns = (database: string): string =>
    `select table_name, column_name, data_type from duckdb_columns() where database_name = '${database}' and table_name in (${cdsTables.map(({ name }) => `'${name}'`).join(', ')})`;
  const other = await engine.rows(`${columns('gold')} except ${columns(before)}`);
  if (other.length > 0) return false;
  const [last] = await engine.rows<{ later: boolean | null }>(
    `select max(as_of) > $now as later from ${before}.${cdsRun.name}`,
    { now: toDuckdb({ type: { kind: 'instant' }, value: new Date(now.instant).toISOString() }).value },
  );
  return last?.later !== true;
}

/** The embedded engine of a run, as the evaluation sees it. */
function resultsEngine(engine: Engine): ResultsEngine {
  const { connection } = engine;
  const prepared = new PreparedStatements(connection, 1);
  const execute = async (sql: string, { parameters }: Statement): Promise<void> => {
    const statement = await connection.prepare(sql);
    try {
      const values = parameters.map(toDuckdb);
      if (values.length > 0)
        statement.bind(
          values.map(({ value }) => value),
          values.map(({ type }) => type),
        );
      await statement.run();
    } finally {
      statement.destroySync();
    }
  };
  return {
    make: (table, query) => execute(`create or replace temp table ${table} as ${query.sql}`, query),
    async drop(...tables) {
      for (const table of tables) await engine.run(`drop table if exists temp.${table}`);
    },
    run: (statement) => execute(statement.sql, statement),
    read: (statement, output) => read(connection, prepared, statement, output),
    async empty(...tables) {
      for (const table of tables) await emptyAgain(engine, table);
    },
    append: (table, rows) => appendRows(engine, table, rows),
    appendMade: (table, rows) => appendRows(engine, table, rows, 'temp'),
    async atOnce(work, milliseconds) {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        connection.interrupt();
      }, milliseconds);
      await engine.run('begin');
      try {
        await work();
        await engine.run('commit');
      } catch (error) {
        await engine.run('rollback').catch(() => undefined);
        throw late ? new MaplewoodError('DEADLINE_EXCEEDED') : error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
