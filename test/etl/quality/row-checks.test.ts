import type { Engine } from '../../../src/etl/engine.js';
import type { QualityResult } from '../../../src/etl/quality/check.js';
import { checkLimits, defaultLimits } from '../../../src/etl/quality/limits.js';
import { rowChecks } from '../../../src/etl/quality/row-checks.js';
import { runChecks } from '../../../src/etl/quality/run-checks.js';
import { createTable } from '../../../src/warehouse/duckdb/ddl.js';
import { dimPatient } from '../../../src/warehouse/gold/dimensions.js';
import { insertSql } from '../../loaders/insert.js';
import { temporaryFolder } from '../../support/landing.js';
import { testEngine } from './engine.js';

const folder = temporaryFolder();
let engine: Engine;

beforeAll(async () => {
  engine = await testEngine(folder);
});
afterAll(() => engine?.close());

type Patients = readonly (readonly [
  count: number,
  columns: Readonly<Record<string, string | number | boolean>>,
])[];

/** Results by rule for so many patients of each kind. */
async function checked(
  patients: Patients,
  limits = defaultLimits,
): Promise<
  Record<string, Pick<QualityResult, 'status' | 'violated' | 'denominator' | 'detail' | 'severity'>>
> {
  await engine.run(`drop table if exists ${dimPatient.name}`);
  await engine.run(createTable(undefined, dimPatient));
  const rows = patients.flatMap(([count, columns]) => Array.from({ length: count }, () => columns));
  const numbered = rows.map((row, at) => ({ patient_sk: at, ...row, patient_no: at }));
  for (const statement of insertSql(dimPatient, numbered)) await engine.run(statement);
  const results = await runChecks(engine, rowChecks(limits), limits);
  return Object.fromEntries(
    results.map(({ rule, status, violated, denominator, detail, severity }) => [
      rule,
      { status, violated, denominator, detail, severity },
    ]),
  );
}

const open = { is_restricted: false };
const placed = { ...open, row_level: 3, row_gender: 'F', row_age_band: '40-49', row_age_band_10: '40-49' };
const hidden = { ...open, row_level: 4 };

describe('patients whose rows show nothing', () => {
  it('stop the publish when they are more than 5 percent of 1,000 or more', async () => {
    const most = await checked([
      [950, placed],
      [50, hidden],
    ]);
    expect(most['rows_suppressed']).toMatchObject({ status: 'pass', violated: 50, denominator: 1_000 });
    expect(most['rows_suppressed_of_few']).toMatchObject({ status: 'not_applicable' });
    const more = await checked([
      [949, placed],
      [51, hidden],
    ]);
    expect(more['rows_suppressed']).toEqual({
      ...{ status: 'fail', severity: 'error', violated: 51, denominator: 1_000 },
      detail: '51 of 1000 patients',
    });
  });

  it('are warned of in smaller populations', async () => {
    const results = await checked([
      [899, placed],
      [100, hidden],
      [50, { is_restricted: true }],
    ]);
    expect(results['rows_suppressed']).toMatchObject({ status: 'not_applicable' });
    expect(results['rows_suppressed_of_few']).toMatchObject({
      ...{ status: 'fail', severity: 'warn', violated: 100, denominator: 999 },
    });
  });

  it('may be more where the configuration says so', async () => {
    const names = new Set(['dim_patient.rows_suppressed']);
    const limits = checkLimits(
      new Map([
        ['suppression.patients', 20],
        ['dim_patient.rows_suppressed', 50],
      ]),
      names,
    );
    const results = await checked(
      [
        [10, placed],
        [10, hidden],
      ],
      limits,
    );
    expect(results['rows_suppressed']).toMatchObject({ status: 'pass', violated: 10, denominator: 20 });
  });
});

describe('patients who show the same', () => {
  it('are k or more', async () => {
    const results = await checked([
      [8, placed],
      [7, { ...placed, row_gender: 'M' }],
      [8, hidden],
    ]);
    expect(results['row_classes']).toMatchObject({ status: 'fail', violated: 7, denominator: 23 });
  });
  it('are as many as the configuration says', async () => {
    const limits = checkLimits(new Map(), new Set(), { k: 9 });
    expect((await checked([[8, placed]], limits))['row_classes']).toMatchObject({ violated: 8 });
  });
  it('are fewer only where nobody shows anything', async () => {
    expect((await checked([[3, hidden]]))['row_classes']).toMatchObject({ status: 'pass' });
    expect(
      (
        await checked([
          [3, hidden],
          [8, placed],
        ])
      )['row_classes'],
    ).toMatchObject({ violated: 3 });
    expect((await checked([]))['row_classes']).toMatchObject({ status: 'not_applicable' });
  });
});

describe('a level', () => {
  it.each<[string, Patients[number][1]]>([
    ['none for a patient with rows', open],
    ['one for a patient without', { ...hidden, is_restricted: true }],
    ['4 with a gender', { ...hidden, row_gender: 'F' }],
    ['4 with an age', { ...hidden, row_age_band: '90+' }],
    ['3 with a quintile', { ...placed, row_deprivation_quintile: 1 }],
    ['2 with an ethnic group', { ...placed, row_level: 2, row_ethnic_group: 'white' }],
    ['1 with a postcode area', { ...placed, row_level: 1, row_postcode_area: 'LE' }],
  ])('%s is found', async (_what, columns) => {
    expect((await checked([[8, columns]]))['row_levels']).toMatchObject({ status: 'fail', violated: 8 });
  });

  it('is told with its patients', async () => {
    const results = await checked([
      [8, placed],
      [9, hidden],
      [1, { is_restricted: true }],
    ]);
    expect(
      [0, 1, 2, 3, 4].map((level) => {
        const { status, violated, severity } = results[`rows_at_level_${level}`]!;
        return [status, violated, severity];
      }),
    ).toEqual([0, 0, 0, 8, 9].map((count) => ['pass', count, 'info']));
  });
});
