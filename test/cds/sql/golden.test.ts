import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFile } from '../../../src/cds/arden/parse.js';
import { timeAt } from '../../../src/cds/arden/run/time.js';
import type { Mlm } from '../../../src/cds/arden/syntax.js';
import { type Registry, registryOf } from '../../../src/cds/facts/registry.js';
import { readValueSets } from '../../../src/cds/facts/value-set.js';
import { type Compiled, compileRule, isCompiled } from '../../../src/cds/sql/compile.js';
import { countsQuery } from '../../../src/cds/sql/counts.js';
import { evidenceQuery } from '../../../src/cds/sql/evidence.js';
import { firedQuery } from '../../../src/cds/sql/fired.js';
import type { Dialect, Statement } from '../../../src/warehouse/dialect.js';
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';
import { tsqlDialect } from '../../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../../src/warehouse/mssql/lint.js';
import type { TypedValue } from '../../../src/warehouse/value.js';
import { expectGolden } from '../../support/golden.js';
import { root } from '../../support/landing.js';

const folder = join(root, 'rules');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.mlm'))
  .map((file) => file.slice(0, -'.mlm'.length))
  .sort();

let registry: Registry;

beforeAll(async () => {
  registry = registryOf(await readValueSets(join(folder, 'valuesets')));
});

function rule(name: string): Mlm {
  const [mlm] = parseFile(readFileSync(join(folder, `${name}.mlm`)), { mode: 'strict' }).mlms;
  if (!mlm) throw new Error(`${name} holds no rule`);
  return mlm;
}

function compiled(name: string): Compiled {
  const result = compileRule(rule(name), registry);
  if (!isCompiled(result)) throw new Error(`${name}: ${JSON.stringify(result.reasons)}`);
  return result;
}

const now = timeAt(Date.UTC(2023, 5, 30, 23, 59, 59)) ?? { wall: 0, instant: 0 };

const optionsOf = (dialect: Dialect) => ({
  gold: goldBuilder(dialect.engine === 'duckdb' ? undefined : 'gold_r7'),
  dialect,
  now,
  valueSets: registry.valueSets,
});

const made = new Map<string, Statement[]>();

/** All statements of a rule, made once. */
function statements(name: string, dialect: Dialect): Statement[] {
  const key = `${name} ${dialect.engine}`;
  const known = made.get(key) ?? compiledStatements(name, dialect);
  made.set(key, known);
  return known;
}

function compiledStatements(name: string, dialect: Dialect): Statement[] {
  const options = optionsOf(dialect);
  const whole = compiled(name);
  const evidence = evidenceQuery(whole, options);
  return [
    firedQuery(whole, options).statement,
    countsQuery(whole, options).statement,
    ...(evidence ? [evidence.statement] : []),
  ];
}

const lines = (text: string): string => text.replaceAll(/, (?=["[][psfk]\d+[\]"] as \()/g, ',\n');

const written = (engine: string, { sql, parameters }: Statement): string =>
  `-- ${engine}\n${lines(sql)}\n-- ${parameters.map(({ value }) => String(value)).join(', ')}\n`;

describe.each(names)('the statements of %s', (name) => {
  it('compiles as a whole', () => {
    expect(compileRule(rule(name), registry)).not.toHaveProperty('reasons');
  });

  it('keeps its SQL of both engines and its parameters', () => {
    const [duckdb, tsql] = [duckdbDialect, tsqlDialect('synapse')].map(
      (dialect) => statements(name, dialect)[0],
    );
    if (!duckdb || !tsql) throw new Error('no statement');
    expectGolden(`rules/${name}.txt`, `${written('DuckDB', duckdb)}\n${written('T-SQL', tsql)}`);
  });

  it('keeps to the T-SQL that a dedicated pool takes, one text for both engines', () => {
    const pool = statements(name, tsqlDialect('synapse')).map(({ sql }) => sql);
    expect(statements(name, tsqlDialect('sqlserver')).map(({ sql }) => sql)).toEqual(pool);
    expect(pool.flatMap(lintTsql)).toEqual([]);
  });

  it('takes the time of the run and the constants of the rule as parameters, the same in both engines', () => {
    const of = (dialect: Dialect) => statements(name, dialect).map(({ parameters }) => parameters);
    // What is sought in a list of codes stands in the text of the embedded engine's own expression.
    const inList = ({ value }: TypedValue): boolean => String(value).startsWith(',');
    const [embedded, pool] = [of(duckdbDialect), of(tsqlDialect('synapse'))];
    expect(embedded.flat().some(inList)).toBe(false);
    expect(pool.map((all) => all.filter((one) => !inList(one)))).toEqual(embedded);
    for (const { sql } of statements(name, duckdbDialect)) expect(sql).not.toContain('2023');
  });
});

it('has no golden file without a rule', () => {
  expect(readdirSync(join(root, 'test', 'golden', 'rules')).sort()).toEqual(
    names.map((name) => `${name}.txt`),
  );
});
