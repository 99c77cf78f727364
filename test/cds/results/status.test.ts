import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { sql } from 'kysely';
import { type Act, type ActOutcome, eventOf, latestActs, outcomes } from '../../../src/cds/results/acts.js';
import { actsJson } from '../../../src/cds/results/known-acts.js';
import { type ResultFacts, statusOf } from '../../../src/cds/results/status.js';
import { subquery } from '../../../src/measures/source.js';
import { datasetOf } from '../../../src/schema/declare/dataset.js';
import { CdsResult } from '../../../src/schema/people/cds-results.js';
import { relationOfPeople } from '../../../src/schema/people/relation.js';
import { createTable } from '../../../src/warehouse/duckdb/ddl.js';
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.js';
import { PreparedStatements } from '../../../src/warehouse/duckdb/prepared-statements.js';
import { read } from '../../../src/warehouse/duckdb/read.js';
import { cdsResult, cdsRule } from '../../../src/warehouse/gold/cds.js';
import { dimPatient } from '../../../src/warehouse/gold/dimensions.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';

const day = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const open: ResultFacts = {
  urgency: 60,
  lastFiredAt: start,
  isResolved: false,
  isExpired: false,
  isOutranked: false,
  suppressDays: 10,
};
const act = (outcome: ActOutcome, at: number, more: { urgency?: number; until?: number } = {}) => ({
  outcome,
  at,
  urgency: more.urgency ?? 60,
  until: more.until ?? null,
});

describe('cds.md 14, status', () => {
  it('OPEN: fires and no valid acknowledgement', () => {
    expect(statusOf(open, undefined)).toBe('OPEN');
  });

  it('ACKNOWLEDGED, ACTIONED, OVERRIDDEN: by somebody', () => {
    expect(statusOf(open, act('acknowledged', start + 1))).toBe('ACKNOWLEDGED');
    expect(statusOf(open, act('actioned', start + 1))).toBe('ACTIONED');
    expect(statusOf(open, act('overridden', start + 1))).toBe('OVERRIDDEN');
  });

  it('SUPPRESSED: within suppress_days of an acknowledgement or override', () => {
    const done = act('overridden', start - 10 * day + 1);
    expect(statusOf(open, done)).toBe('SUPPRESSED');
    expect(statusOf({ ...open, lastFiredAt: start + 1 }, done)).toBe('OPEN');
  });

  it('SUPPRESSED: a lower member of its group', () => {
    expect(statusOf({ ...open, isOutranked: true }, undefined)).toBe('SUPPRESSED');
  });

  it('SUPPRESSED: by hand until a date', () => {
    expect(statusOf(open, act('suppressed', start - day, { until: start + 1 }))).toBe('SUPPRESSED');
    expect(statusOf(open, act('suppressed', start - day, { until: start }))).toBe('OPEN');
  });

  it('re-opened if urgency rises', () => {
    expect(statusOf({ ...open, urgency: 61 }, act('acknowledged', start + 1))).toBe('OPEN');
  });

  it('RESOLVED: the condition no longer holds, whatever was done', () => {
    expect(statusOf({ ...open, isResolved: true, isExpired: true }, act('actioned', start))).toBe('RESOLVED');
  });

  it('EXPIRED: the rule has expired', () => {
    expect(statusOf({ ...open, isExpired: true }, act('actioned', start))).toBe('EXPIRED');
  });
});

describe('acts', () => {
  const given: Act = {
    resultKey: 'ab'.repeat(16),
    rule: 'r',
    outcome: 'acknowledged',
    urgency: 60,
    reasonCode: null,
    comment: null,
    by: 'u',
    client: 'c',
    until: null,
    recordedAt: '2026-01-01T00:00:00.000Z',
  };

  it('the last one counts, and a card that was shown is none', () => {
    const later: Act = { ...given, outcome: 'overridden', reasonCode: 'will-monitor' };
    const events = [given, later].map((one, at) => ({ id: at + 1, ...eventOf(one) }));
    const shown = { id: 3, ...eventOf(given), body: { ...eventOf(given).body, outcome: 'shown' } };
    expect([...latestActs([...events, shown]).values()]).toEqual([later]);
  });
});

const facts = fc.record<ResultFacts>({
  urgency: fc.integer({ min: 1, max: 99 }),
  lastFiredAt: fc.integer({ min: 0, max: 40 }).map((days) => start + days * day),
  isResolved: fc.boolean(),
  isExpired: fc.boolean(),
  isOutranked: fc.boolean(),
  suppressDays: fc.integer({ min: 0, max: 20 }),
});
const done = fc.option(
  fc.record({
    outcome: fc.constantFrom(...outcomes),
    urgency: fc.option(fc.integer({ min: 1, max: 99 })),
    at: fc.integer({ min: 0, max: 40 }).map((days) => start + days * day),
    until: fc.option(fc.integer({ min: 0, max: 40 }).map((days) => start + days * day)),
  }),
);

describe('the status in a statement', () => {
  it('is that of the definition, for any results and acts', async () => {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    for (const table of [cdsResult, cdsRule, dimPatient]) await connection.run(createTable(undefined, table));
    await connection.run(patientSql);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(facts, done), { minLength: 1, maxLength: 30 }), async (cases) => {
        await connection.run('delete from cds_result; delete from cds_rule');
        const acts: Act[] = [];
        for (const [at, [result, what]] of cases.entries()) {
          const key = at.toString(16).padStart(32, '0');
          await connection.run(rowsSql(key, result));
          if (what)
            acts.push({
              resultKey: key,
              rule: 'r',
              outcome: what.outcome,
              urgency: what.urgency,
              reasonCode: null,
              comment: null,
              by: 'u',
              client: 'c',
              until: what.until === null ? null : new Date(what.until).toISOString(),
              recordedAt: new Date(what.at).toISOString(),
            });
        }
        const found = await statuses(connection, actsJson(acts));
        expect(found).toEqual(cases.map(([result, what]) => statusOf(result, what ?? undefined)));
      }),
      { numRuns: 40 },
    );
    connection.closeSync();
    instance.closeSync();
  }, 60_000);
});

const patientSql = `insert into dim_patient by name select 1 as patient_no, unhex(repeat('01', 16)) as patient_sk, 'F' as gender,
  'white' as ethnic_group, 'unknown' as practice_code, false as is_restricted, 1 as batch_id`;

const timestamp = (at: number): string => `timestamp '${new Date(at).toISOString().slice(0, 19)}'`;

const rowsSql = (key: string, result: ResultFacts): string => `
insert into cds_rule by name select '' as guideline_title, '' as guideline_identifier, '' as guideline_publisher,
  '' as guideline_version, '' as guideline_url, '' as recommendation_id, '' as recommendation, '' as strength, '' as evidence_system,
  '' as evidence_quality, 'r' as rule, '${key}' as text_sha256, '1' as version, 't' as title, '' as purpose, 50 as priority, 'production' as validation,
  true as is_current, true as is_set_based, 'B' as objectives, ${result.suppressDays} as suppress_days, date '2030-01-01' as review_next,
  ${result.isExpired} as is_expired, 'clinician' as seen_by, false as needs_care;
insert into cds_result by name select unhex('${key}') as result_key, 'r' as rule, '${key}' as text_sha256, '1' as version, 1 as patient_no,
  unhex(repeat('01', 16)) as patient_sk, ${result.urgency} as urgency, ${timestamp(start)} as first_fired_at,
  ${timestamp(result.lastFiredAt)} as last_fired_at, 1 as occurrences,
  ${result.isResolved ? timestamp(result.lastFiredAt + day) : 'null'} as resolved_at, ${result.isOutranked} as is_outranked`;

async function statuses(connection: Parameters<typeof read>[0], acts: string): Promise<readonly unknown[]> {
  const gold = goldBuilder();
  const dataset = datasetOf(CdsResult);
  if (dataset.kind !== 'row') throw new Error('results are rows');
  const relation = relationOfPeople(dataset, {
    gold,
    dialect: duckdbDialect,
    role: 'clinician',
    names: ['id', 'status'],
    asOf: undefined,
    acts,
  });
  const output = [
    { name: 'status', type: { kind: 'text', length: 16 } },
    { name: 'id', type: { kind: 'key128' } },
  ] as const;
  const query = subquery(gold, relation, 'r')
    .select(output.map(({ name, type }) => duckdbDialect.output(sql.ref(`r.${name}`), type).as(name)))
    .top(1000)
    .orderBy('r.id');
  const { columns } = await read(
    connection,
    new PreparedStatements(connection, 1),
    duckdbDialect.compile(query),
    output,
  );
  return columns[0] ?? [];
}
