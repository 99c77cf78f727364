import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { goldSchema } from '../../migrations/gold.js';
import { makeGrant, type TrustCode } from '../../src/access/grant.js';
import { type Role, roleDeclarations } from '../../src/access/role.js';
import { disclosureModes } from '../../src/config/settings.js';
import type { Filter, FilterValue, Operator } from '../../src/loaders/filter.js';
import { planFor } from '../../src/loaders/load.js';
import { type Plan, totalColumn } from '../../src/loaders/plan/plan.js';
import type { MeasureQuestion, Question, RowQuestion } from '../../src/loaders/question.js';
import { stagedQuery } from '../../src/measures/buckets.js';
import { fillMart } from '../../src/measures/fill.js';
import { martTable } from '../../src/measures/mart.js';
import { datasets, measureDatasets } from '../../src/schema/datasets.js';
import { martPlan } from '../../src/schema/mart-plan.js';
import type { Dialect, Statement } from '../../src/warehouse/dialect.js';
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.js';
import { optimizer } from '../../src/warehouse/duckdb/optimizer.js';
import { PreparedStatements } from '../../src/warehouse/duckdb/prepared-statements.js';
import { read } from '../../src/warehouse/duckdb/read.js';
import { goldTables } from '../../src/warehouse/gold/index.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import { tsqlDialect } from '../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../src/warehouse/mssql/lint.js';
import type { ReleaseInfo } from '../../src/warehouse/warehouse.js';
import { expectGolden } from '../support/golden.js';
import { testIdentifiers } from '../support/identifiers.js';
import { root } from '../support/landing.js';

const gold = goldBuilder();
const totalOutput = [{ name: totalColumn, type: { kind: 'int64' } }] as const;
const sqlServer = tsqlDialect('sqlserver');
const synapse = tsqlDialect('synapse');

/** A release that holds every table and mart, as one that was just built does. */
const release: ReleaseInfo = {
  id: 1,
  publishedAt: '2024-02-01T00:00:00Z',
  dataAsOf: '2024-01-30',
  firstDays: { first_admission: '2022-01-01', first_arrival: '2022-01-01' },
  firstLoad: '2024-01-31',
  disclosure: { threshold: 8, base: 5 },
  tables: new Map(
    [...goldTables, ...measureDatasets.map(martPlan).map(martTable)].map(({ name, columns }) => [
      name,
      new Set(Object.keys(columns)),
    ]),
  ),
};

interface Case {
  readonly role: Role;
  readonly trusts?: readonly string[];
  readonly question: Question;
  /** What people have done, as JSON. */
  readonly acts?: string;
}

const test = (column: string, op: Operator, value: FilterValue | readonly FilterValue[]): Filter => ({
  kind: 'test',
  column,
  op,
  value,
});
const all = (...parts: Filter[]): Filter => ({ kind: 'and', parts });
const page = { orderBy: [], first: 100, total: false };

function measures(dataset: string, select: string, more: Partial<MeasureQuestion> = {}): MeasureQuestion {
  const args: MeasureQuestion['args'] =
    dataset === 'edWaits' ? { sameTrust: false } : dataset === 'bedOccupancy' ? { snapshot: 'MIDNIGHT' } : {};
  return {
    kind: 'measure',
    dataset,
    by: [],
    grain: 'ALL',
    args,
    ...page,
    select: select.split(' ').sort(),
    ...more,
  };
}

const rows = (dataset: string, select: string, more: Partial<RowQuestion> = {}): RowQuestion => ({
  kind: 'row',
  dataset,
  ...page,
  select: select.split(' ').sort(),
  ...more,
});

const two = ['RAJ', 'RBK'];
const ward = 'trustCode wardCode occupiedBeds longStay21';

const highCost = {
  topPercent: 5,
  window: 'LAST_CALENDAR_YEAR',
  includePrescribing: true,
  includeSocialCare: false,
};

/** What people ask, one question for each road through the planner. */
const cases: Readonly<Record<string, Case>> = {
  'cds-counts-published': {
    role: 'bi-reader',
    question: measures('cdsCounts', 'ruleName ruleTitle trustCode about fired patients repeats', {
      by: ['RULE', 'TRUST'],
      grain: 'MONTH',
    }),
  },
  'cds-counts-own-trusts-by-status': {
    role: 'operations',
    trusts: two,
    acts: '[]',
    question: measures('cdsCounts', 'objective status fired resolved repeats', {
      by: ['OBJECTIVE', 'STATUS'],
      grain: 'WEEK',
      where: test('status', 'ne', 'EXPIRED'),
    }),
  },
  'high-cost-patients-exact': {
    role: 'finance',
    question: rows('highCostPatients', 'rank patientId totalCost acuteCost shareOfTotal population', {
      args: highCost,
    }),
  },
  'high-cost-patients-rounded-own-trusts': {
    role: 'analyst',
    trusts: two,
    question: rows(
      'highCostPatients',
      'rank patientId ageBand totalCost socialCareCost prescriptions laceScore risingRisk threshold groupShare',
      {
        args: { ...highCost, topPercent: 20, window: 'ALL' },
        where: test('admissions', 'gte', 2),
        total: true,
      },
    ),
  },
  'bed-occupancy-mart-exact': {
    role: 'operations',
    trusts: two,
    question: measures('bedOccupancy', 'period trustCode occupiedBeds availableBeds occupancyPct isPartial', {
      by: ['TRUST'],
      grain: 'DAY',
    }),
  },
  'bed-occupancy-mart-controlled': {
    role: 'bi-reader',
    question: measures('bedOccupancy', 'period specialtyCode occupiedBedDays occupiedBeds suppressed', {
      by: ['SPECIALTY'],
      grain: 'MONTH',
    }),
  },
  'bed-occupancy-events-exact': {
    role: 'operations',
    trusts: two,
    question: measures('bedOccupancy', ward, { by: ['TRUST', 'WARD'], grain: 'DAY' }),
  },
  'bed-occupancy-events-period-of-all': {
    role: 'operations',
    trusts: two,
    question: measures('bedOccupancy', 'occupiedBeds occupancyPct', {
      where: all(
        test('period', 'gte', '2023-01-01'),
        test('period', 'lt', '2023-02-01'),
        test('trustCode', 'ne', 'RBK'),
      ),
    }),
  },
  'bed-occupancy-unavailable': {
    role: 'analyst',
    question: measures('bedOccupancy', 'trustCode occupiedBeds availableBeds', {
      by: ['TRUST'],
      args: { snapshot: 'MORNING' },
    }),
  },
  'length-of-stay-mart-labels': {
    role: 'analyst',
    question: measures('lengthOfStay', 'trustName admissionMethodName discharges meanDays p95Days', {
      by: ['TRUST', 'ADMISSION_METHOD'],
      grain: 'MONTH',
    }),
  },
  'length-of-stay-events-exact': {
    role: 'clinician',
    trusts: two,
    question: measures('lengthOfStay', 'hrgCode hrgName discharges medianDays p90Days zeroDay', {
      by: ['HRG'],
      grain: 'QUARTER',
      where: test('specialtyCode', 'in', ['100', '300']),
    }),
  },
  'length-of-stay-events-controlled': {
    role: 'finance',
    question: measures('lengthOfStay', 'specialtyCode hrgCode discharges meanDays p90Days', {
      by: ['SPECIALTY', 'HRG'],
      grain: 'YEAR',
    }),
  },
  'readmissions-mart-exact': {
    role: 'operations',
    trusts: two,
    question: measures('readmissions', 'discharges readmitted ratePct lower95 upper95', {
      by: ['TRUST', 'SPECIALTY'],
      grain: 'MONTH',
    }),
  },
  'readmissions-events-controlled': {
    role: 'analyst',
    question: measures('readmissions', 'trustCode readmitted ratePct upper95 suppressed', {
      by: ['TRUST'],
      grain: 'QUARTER',
      args: { days: 90, sameTrust: true },
    }),
  },
  'care-transitions-mart-controlled': {
    role: 'bi-reader',
    question: measures('careTransitions', 'fromSetting toSetting transitions patients medianGapDays', {
      by: ['FROM', 'TO'],
      grain: 'YEAR',
    }),
  },
  'care-transitions-events-controlled': {
    role: 'analyst',
    question: measures('careTransitions', 'fromSetting transitions patients medianGapDays overlapping', {
      by: ['FROM'],
      grain: 'QUARTER',
      args: { gapDays: 7 },
    }),
  },
  'population-health-mart-controlled': {
    role: 'bi-reader',
    question: measures('populationHealth', 'events population crudeRate standardisedRate lower95 upper95', {
      by: ['QUINTILE'],
      args: { indicator: 'ED_ATTENDANCES', year: null },
    }),
  },
  'population-health-slope': {
    role: 'analyst',
    question: measures('populationHealth', 'ageBand slopeIndex suppressed', {
      by: ['AGE_BAND'],
      grain: 'YEAR',
      args: { indicator: 'EMERGENCY_ADMISSIONS', year: 2022 },
    }),
  },
  'ed-waits-mart-exact-total': {
    role: 'operations',
    trusts: two,
    question: measures('edWaits', 'period trustCode attendances within4HoursPct medianMinutes', {
      by: ['TRUST'],
      grain: 'WEEK',
      total: true,
    }),
  },
  'ed-waits-mart-controlled-filtered': {
    role: 'analyst',
    question: measures('edWaits', 'period trustCode attendances within4HoursPct', {
      by: ['TRUST'],
      grain: 'MONTH',
      where: all(test('triageCategory', 'eq', '1'), { kind: 'not', part: test('attendances', 'lt', 20) }),
      orderBy: [{ column: 'within4HoursPct', descending: true }],
    }),
  },
  'ed-waits-events-controlled': {
    role: 'analyst',
    trusts: two,
    question: measures(
      'edWaits',
      'triageCategory weekday attendances medianMinutesToTreatment p95Minutes reattended7DaysPct',
      {
        by: ['TRIAGE', 'WEEKDAY'],
        grain: 'YEAR',
        args: { sameTrust: true },
      },
    ),
  },
  'ed-waits-cursor': {
    role: 'operations',
    trusts: two,
    question: measures('edWaits', 'trustCode medianMinutes', {
      by: ['TRUST', 'DESTINATION'],
      grain: 'MONTH',
      orderBy: [{ column: 'medianMinutes', descending: true }],
      after: [212.5, '2023-03-01', 'RAJ', '02'],
      total: true,
    }),
  },
  'ed-waits-cursor-behind-null': {
    role: 'analyst',
    question: measures('edWaits', 'attendances', {
      by: ['TRUST', 'TRIAGE'],
      grain: 'WEEK',
      orderBy: [{ column: 'attendances', descending: false }],
      after: [null, '2023-03-06', 'RAJ', '5'],
    }),
  },
  'ed-waits-text-tests': {
    role: 'operations',
    trusts: two,
    question: measures('edWaits', 'trustName attendances', {
      by: ['TRUST', 'COMPLAINT'],
      where: {
        kind: 'or',
        parts: [
          test('trustName', 'startsWith', "St Mary's"),
          test('presentingComplaint', 'contains', '50%'),
          test('trustName', 'isNull', true),
        ],
      },
    }),
  },
  'ed-crowding-mart-controlled': {
    role: 'bi-reader',
    question: measures('edCrowding', 'weekday hour meanPresent', { grain: 'QUARTER' }),
  },
  'ed-crowding-events-exact': {
    role: 'operations',
    trusts: two,
    question: measures('edCrowding', 'weekday hour meanPresent maxPresent', {
      by: ['TRUST'],
      grain: 'DAY',
      where: all(test('hour', 'eq', 18), test('period', 'gte', '2023-01-15')),
    }),
  },
  'costs-mart-published': {
    role: 'bi-reader',
    question: measures('costs', 'period ageBand deprivationQuintile patients totalCost meanCost', {
      by: ['AGE_BAND', 'QUINTILE'],
      grain: 'MONTH',
      args: { includePrescribing: true, includeSocialCare: false },
    }),
  },
  'costs-events-with-social-care': {
    role: 'finance',
    question: measures('costs', 'setting patients totalCost', {
      by: ['SETTING'],
      args: { includePrescribing: false, includeSocialCare: true },
      where: test('totalCost', 'gte', '1000.50'),
      orderBy: [{ column: 'totalCost', descending: true }],
    }),
  },
  'prescribing-mart-published': {
    role: 'bi-reader',
    question: measures('prescribing', 'bnfChapterName practiceName items actualCost costPerItem', {
      by: ['BNF_CHAPTER', 'PRACTICE'],
      grain: 'QUARTER',
    }),
  },
  'prescribing-of-no-trust': {
    role: 'finance',
    trusts: two,
    question: measures('prescribing', 'bnfChapterCode netIngredientCost patients', { by: ['BNF_CHAPTER'] }),
  },
  'referral-waits-events': {
    role: 'analyst',
    question: measures(
      'referralWaits',
      'urgency careCluster referrals medianWaitDays waiting meanHonosChange',
      {
        by: ['URGENCY', 'CLUSTER'],
        grain: 'YEAR',
      },
    ),
  },
  'social-care-mart-published': {
    role: 'bi-reader',
    question: measures('socialCare', 'packageType packages activePackages weeklyCost reviewsOverdue', {
      by: ['PACKAGE_TYPE'],
    }),
  },
  'data-quality-rows': {
    role: 'data-steward',
    question: rows('dataQuality', 'id violated violatedKept status', {
      where: test('violatedKept', 'ne', 0),
      orderBy: [{ column: 'violatedKept', descending: true }],
      after: [12, 'sus_episodes/spell_order'],
      total: true,
    }),
  },
  'quarantine-rows': {
    role: 'data-steward',
    question: rows('quarantine', 'number dataset rule row valueShape'),
  },
  'episodes-rows-analyst': {
    role: 'analyst',
    question: rows('episodes', 'seq admissionDate losDays primaryDiagnosis hrgName trustName', {
      where: test('losDays', 'gte', 7),
      orderBy: [{ column: 'losDays', descending: true }],
      total: true,
    }),
  },
  'episodes-rows-clinician-token': {
    role: 'clinician',
    trusts: ['RAA', 'RAB'],
    question: rows('episodes', 'admissionDate wardCode', {
      where: test('patientId', 'in', ['m1.a1.-NETyI2zg40aPDvFEBMeWw', 'not a token']),
      asOf: '2024-02-01',
    }),
  },
  'patients-rows-clinician': {
    role: 'clinician',
    trusts: ['RAA'],
    question: rows('patients', 'ageBand ethnicGroup', { asOf: '2024-02-01' }),
  },
  'patients-rows-analyst': {
    role: 'analyst',
    question: rows('patients', 'ageBand gender ethnicGroup deprivationQuintile postcodeArea', {
      where: test('ageBand', 'eq', '40-44'),
      orderBy: [{ column: 'postcodeArea', descending: true }],
      asOf: '2024-02-01',
    }),
  },
  'prescriptions-rows-finance': {
    role: 'finance',
    question: rows('prescriptions', 'prescriptionDate actualCost', {
      after: ['2024-01-01', 'm1.a1.-NETyI2zg40aPDvFEBMeWw'],
    }),
  },
  'prescriptions-rows-analyst': {
    role: 'analyst',
    question: rows('prescriptions', 'actualCost practiceRegion'),
  },
  'referrals-rows-clinician': {
    role: 'clinician',
    trusts: ['RAA'],
    question: rows('referrals', 'referralDate waitDays'),
  },
};

function plan({ role, trusts, question, acts }: Case, dialect: Dialect): Plan {
  const dataset = datasets.find(({ key }) => key === question.dataset)!;
  const grant = makeGrant({
    role,
    trusts: (trusts as readonly TrustCode[] | undefined) ?? null,
    purpose: roleDeclarations[role].defaultPurpose,
    recipient: 'golden',
  });
  return planFor(dataset, question, {
    dialect,
    gold,
    grant,
    release,
    rule: disclosureModes.default,
    yesterday: '2024-03-01',
    identifiers: testIdentifiers(),
    ...(acts === undefined ? {} : { acts: { version: 1, json: acts } }),
    careDays: 30,
  });
}

/** The text with a line for each clause, so that a change of it can be read. */
const lines = (sql: string): string =>
  sql.replace(/ (from|where|group by|having|order by|limit|left join|inner join) /g, '\n$1 ');

function written(dialectName: string, { statement, countStatement }: Plan): string {
  const parameters = ({ parameters: given }: Statement): string =>
    given.map(({ type, value }) => `${JSON.stringify(type)} ${JSON.stringify(value)}`).join('\n');
  const one = (name: string, made: Statement): string =>
    `-- ${name}\n${lines(made.sql)}\n-- parameters\n${parameters(made)}\n`;
  return (
    one(dialectName, statement) +
    (countStatement ? one(`${dialectName}: total behind an empty page`, countStatement) : '')
  );
}

describe.each(Object.entries(cases))('%s', (name, it_) => {
  it('keeps its SQL of both engines and the types of its parameters', () => {
    const { question, role, trusts } = it_;
    const text = [
      `${JSON.stringify({ role, trusts, ...question }, null, 1).replace(/\n\s*/g, ' ')}\n`,
      written('DuckDB', plan(it_, duckdbDialect)),
      written('T-SQL', plan(it_, sqlServer)),
    ].join('\n');
    expectGolden(`sql/${name}.txt`, text);
  });
  it('keeps to the T-SQL that a dedicated pool takes, one text for both engines', () => {
    const made = plan(it_, sqlServer);
    const pool = plan(it_, synapse);
    expect([made.statement.sql, made.countStatement?.sql]).toEqual([
      pool.statement.sql,
      pool.countStatement?.sql,
    ]);
    expect(lintTsql(pool.statement.sql)).toEqual([]);
    if (pool.countStatement) expect(lintTsql(pool.countStatement.sql)).toEqual([]);
  });
  it('has the same parameters in both engines, in the same order', () => {
    expect(plan(it_, sqlServer).statement.parameters).toEqual(plan(it_, duckdbDialect).statement.parameters);
  });
});

describe('a statement that stays prepared', () => {
  let instance: DuckDBInstance;
  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:', { threads: '1', ...optimizer });
    const connection = await instance.connect();
    const tables = [...goldTables, ...measureDatasets.map(martPlan).map(martTable)];
    for (const statement of goldSchema(tables, undefined, 'duckdb')) await connection.run(statement);
  });
  afterAll(() => instance.closeSync());

  it.each(Object.entries(cases))('%s runs again', async (_name, it_) => {
    const { statement, countStatement, output } = plan(it_, duckdbDialect);
    const connection = await instance.connect();
    const prepared = new PreparedStatements(connection, 2);
    for (let time = 0; time < 3; time += 1) {
      await read(connection, prepared, statement, output);
      if (countStatement) await read(connection, prepared, countStatement, totalOutput);
    }
    connection.closeSync();
  });
});

it('has no golden file without a question', () => {
  const files = readdirSync(join(root, 'test', 'golden', 'sql')).filter((file) => !file.startsWith('fill-'));
  expect(files.sort()).toEqual(
    Object.keys(cases)
      .map((name) => `${name}.txt`)
      .sort(),
  );
});

describe.each(measureDatasets.map((dataset) => [dataset.key, martPlan(dataset)] as const))(
  'the mart of %s',
  (key, mart) => {
    const fills = (dialect: Dialect): string[] =>
      fillMart(gold, dialect, mart).map((statement) => dialect.compile(statement).sql);

    it('is filled by statements that a dedicated pool takes', () => {
      const made = fills(synapse);
      expect(made).toEqual(fills(sqlServer));
      expect([...new Set(made.flatMap(lintTsql))]).toEqual([]);
      expect(fills(duckdbDialect)).toHaveLength(made.length);
    });
    it('keeps the SQL of its first and last statement', () => {
      const ends = (dialect: Dialect): string => {
        const made = fills(dialect);
        return [made[0]!, made.at(-1)!].map(lines).join('\n\n');
      };
      expectGolden(
        `sql/fill-${key}.txt`,
        `-- DuckDB\n${ends(duckdbDialect)}\n\n-- T-SQL\n${ends(synapse)}\n`,
      );
    });
    it('reads events by a statement that a dedicated pool takes', () => {
      const events = (dialect: Dialect) => dialect.compile(stagedQuery(gold, dialect, mart)).sql;
      expect(lintTsql(events(synapse))).toEqual([]);
      expect(events(duckdbDialect)).not.toBe('');
    });
  },
);
