import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { sql } from 'kysely';
import { timeAt } from '../../../src/cds/arden/run/time.js';
import { carrySteps } from '../../../src/cds/results/carry.js';
import { noResults, rankedInsert } from '../../../src/cds/results/found.js';
import {
  evidenceInsert,
  factsRead,
  firedColumns,
  firedOrUndecided,
  keysQuery,
  readRows,
  resultsInsert,
  variablesInsert,
} from '../../../src/cds/results/rule-steps.js';
import { latestTrusts } from '../../../src/cds/results/trusts.js';
import { type Rules, readRules } from '../../../src/cds/rules/read-rules.js';
import { compileRule, isCompiled } from '../../../src/cds/sql/compile.js';
import { queryOf } from '../../../src/measures/source.js';
import { actColumns } from '../../../src/schema/people/relation.js';
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.js';
import { PreparedStatements } from '../../../src/warehouse/duckdb/prepared-statements.js';
import { read } from '../../../src/warehouse/duckdb/read.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';
import { tsqlDialect } from '../../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../../src/warehouse/mssql/lint.js';
import { bind } from '../../../src/warehouse/value.js';
import { root } from '../../support/landing.js';

const now = timeAt(Date.UTC(2023, 5, 30, 23, 59, 59)) ?? { wall: 0, instant: 0 };
const [gold, before] = [goldBuilder('gold_r8'), { gold: goldBuilder('gold_r7') }];
let rules: Rules;

beforeAll(async () => {
  rules = await readRules(join(root, 'rules'));
});

describe('the statements that keep results', () => {
  it('of every rule keep to the T-SQL that a dedicated pool takes', () => {
    const dialect = tsqlDialect('synapse');
    const options = { gold, dialect, now, valueSets: rules.registry.valueSets };
    for (const rule of rules.rules) {
      const { subject } = rule.gem.delivery;
      const compiled = compileRule(rule.mlm, rules.registry, subject === undefined ? {} : { subject });
      if (!isCompiled(compiled)) throw new Error(rule.name);
      const plan = compiled.planAt(now);
      const rows = readRows(compiled, options);
      // Of nobody else are rows read: patients are named at the beginning, and in every fact.
      const named = rows ? dialect.compile(rows).sql.split('cds_fired').length - 1 : 1;
      expect(named).toBeGreaterThan(plan.reads.length);
      const variables = variablesInsert(plan, options);
      const statements = [
        firedOrUndecided(plan, options),
        keysQuery(rule, rules.registry, firedColumns(plan), options),
        resultsInsert(rule, before, options),
        ...(variables ? [variables] : []),
        ...(rows ? [rows, evidenceInsert(factsRead(plan), options)] : []),
      ].map((one) => dialect.compile(one).sql);
      expect([rule.name, ...statements.flatMap(lintTsql)]).toEqual([rule.name]);
      // A common table expression may not stand before or in an INSERT.
      for (const statement of statements.filter((one) => /^insert/i.test(one)))
        expect(statement).not.toMatch(/\bwith "?\[?\w+"?\]? as/i);
    }
  });

  it('of taking over do so too, and read the release before by its own name', () => {
    const dialect = tsqlDialect('synapse');
    const steps = carrySteps(gold, dialect, before, { asOf: '2023-06-30T22:59:59Z', rules: ['a', 'b'] });
    const statements = [
      ...steps.map((step) => dialect.compile(step.kind === 'make' ? step.query : step.statement)),
      dialect.compile(latestTrusts(gold, '2023-06-30')),
      dialect.compile(noResults(gold)),
      dialect.compile(rankedInsert(gold, dialect)),
    ].map((statement) => statement.sql);
    expect(statements.flatMap(lintTsql)).toEqual([]);
    expect(statements.filter((statement) => statement.includes('gold_r7')).length).toBe(steps.length - 1);
  });
});

describe('rows of JSON', () => {
  const acts = [
    { key: '0a'.repeat(16), outcome: 'overridden', urgency: '60', at: '2026-01-02T03:04:05', until: null },
    { key: 'ff'.repeat(16), outcome: null, urgency: null, at: null, until: '2026-02-01T00:00:00' },
  ];
  const text = { kind: 'text', length: 1_000_000 } as const;

  it('have the types of their columns in the embedded engine', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const output = Object.entries(actColumns).map(([name, type]) => ({ name, type }));
    const rows = async (json: string) => {
      const relation = duckdbDialect.jsonRows(bind(text, json), actColumns).as('j');
      const query = queryOf(goldBuilder(), relation).select(
        output.map(({ name, type }) => duckdbDialect.output(sql.ref(`j.${name}`), type).as(name)),
      );
      return read(connection, new PreparedStatements(connection, 1), duckdbDialect.compile(query), output);
    };
    const { columns } = await rows(JSON.stringify(acts));
    expect(
      columns.map((column) =>
        column.map((one) => (one instanceof Uint8Array ? Buffer.from(one).toString('hex') : one)),
      ),
    ).toEqual([
      acts.map(({ key }) => key),
      ['overridden', null],
      [60, null],
      ['2026-01-02T03:04:05Z', null],
      [null, '2026-02-01T00:00:00Z'],
    ]);
    expect((await rows('[]')).rowCount).toBe(0);
    connection.closeSync();
    instance.closeSync();
  });

  it('are OPENJSON in T-SQL', () => {
    const dialect = tsqlDialect('synapse');
    const relation = dialect.jsonRows(bind(text, '[]'), actColumns).as('j');
    const statement = dialect.compile(
      queryOf(goldBuilder(), relation).select(sql.ref('j.outcome').as('outcome')),
    );
    expect(lintTsql(statement.sql)).toEqual([]);
    expect(statement.sql).toContain('openjson(@1) with');
  });
});
