import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../../src/etl/engine.js';
import type { Check } from '../../../src/etl/quality/check.js';
import { goldChecks } from '../../../src/etl/quality/checks.js';
import { compareDistributions } from '../../../src/etl/quality/distribution.js';
import { defaultLimits } from '../../../src/etl/quality/limits.js';
import { runChecks } from '../../../src/etl/quality/run-checks.js';
import { martTable } from '../../../src/measures/mart.js';
import { measureDatasets } from '../../../src/schema/datasets.js';
import { martPlan } from '../../../src/schema/mart-plan.js';
import { goldTables } from '../../../src/warehouse/gold/index.js';
import { configAt, loadAt, synthAt } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { releaseFolder, served } from '../../support/release.js';
import { landed, ndjson } from '../fhir/builders.js';
import { world } from '../fhir/world.js';
import { testEngine } from './engine.js';

const folder = temporaryFolder();
const marts = measureDatasets.map(martPlan);
const checks = goldChecks(marts);
let engine: Engine;

/** Silver as the facts have it: what each dataset's checks read, and nothing else. */
const silver: Readonly<Record<string, string>> = {
  trusts: 'select beds from dim_trust',
  patients: 'select patient_no from dim_patient',
  sus_episodes: 'select admission_date, discharge_date from fact_spell',
  ecds_attendances:
    'select total_minutes as total_time_mins, treatment_minutes as time_to_treatment_mins from fact_ed_attendance',
  mhsds_referrals: 'select total_contacts from fact_referral',
  csds_contacts: 'select duration_minutes as contact_duration_mins from fact_contact',
  prescriptions:
    'select items as prescription_items, net_ingredient_cost, actual_cost from fact_prescription',
  social_care: 'select weekly_cost from fact_care_package',
  patient_journeys: 'select total_events, total_cost from fact_patient_journey',
  conditions: 'select patient_no from fact_condition',
  procedures: 'select patient_no from fact_procedure',
  observations: 'select value from fact_observation',
};

beforeAll(async () => {
  const config = configAt(join(folder, 'home'));
  const landing = await synthAt(folder, { patients: 400, faultRate: 0.05 });
  await landed(landing, 'fhir/world.ndjson', ndjson(world));
  await loadAt(config, landing);
  const { manifest } = await served(config);
  const release = join(releaseFolder(config), manifest!.file);
  const [now, before] = [join(folder, 'now.duckdb'), join(folder, 'before.duckdb')];
  for (const copy of [now, before]) copyFileSync(release, copy);
  engine = await testEngine(folder);
  // A small release stands for a large one: distributions are compared from 500 rows on.
  for (const [file, name] of [
    [before, 'before'],
    [now, 'gold'],
  ] as const) {
    await engine.run(`attach '${file}' as ${name}`);
    await engine.run(`update ${name}.quality_distribution set rows = rows * 1000`);
  }
  await engine.run('detach before');
  await engine.run('use gold');
  for (const [dataset, select] of Object.entries(silver))
    await engine.run(`create table memory.main.silver_${dataset} as ${select}`);
  await compareDistributions(engine, before);
}, 120_000);
afterAll(() => engine?.close());

const statusOf = async (one: Check): Promise<string | undefined> =>
  (await runChecks(engine, [one], defaultLimits))[0]?.status;

/** The dimension row whose loss leaves the column of a fact without one. */
const keyOf: Readonly<Record<string, readonly [dimension: string, key: string]>> = {
  patient_no: ['dim_patient', 'patient_no'],
  trust_code: ['dim_trust', 'trust_code'],
  practice_code: ['dim_practice', 'practice_code'],
  specialty_code: ['dim_specialty', 'specialty_code'],
  admission_date: ['dim_date', 'day'],
  discharge_date: ['dim_date', 'day'],
  arrival_date: ['dim_date', 'day'],
};

const sums: Readonly<Record<string, string>> = {
  'dim_trust.beds_of_silver': 'trusts set beds = beds + 1',
  'fact_spell.bed_days_of_silver': 'sus_episodes set discharge_date = discharge_date + 1',
  'fact_ed_attendance.minutes_of_silver': 'ecds_attendances set total_time_mins = total_time_mins + 1',
  'fact_ed_attendance.treatment_minutes_of_silver':
    'ecds_attendances set time_to_treatment_mins = time_to_treatment_mins - 1',
  'fact_referral.contacts_of_silver': 'mhsds_referrals set total_contacts = total_contacts + 1',
  'fact_contact.minutes_of_silver': 'csds_contacts set contact_duration_mins = contact_duration_mins + 1',
  'fact_prescription.items_of_silver': 'prescriptions set prescription_items = prescription_items + 1',
  'fact_prescription.net_ingredient_cost_of_silver':
    'prescriptions set net_ingredient_cost = net_ingredient_cost + 0.01',
  'fact_prescription.actual_cost_of_silver': 'prescriptions set actual_cost = actual_cost - 0.01',
  'fact_care_package.weekly_cost_of_silver': 'social_care set weekly_cost = weekly_cost + 0.01',
  'fact_patient_journey.events_of_silver': 'patient_journeys set total_events = total_events + 1',
  'fact_patient_journey.cost_of_silver': 'patient_journeys set total_cost = total_cost + 0.01',
  'fact_observation.values_of_silver': 'observations set value = value + 0.01',
};

const textOf = (name: string): string => {
  const declared = [...goldTables, ...marts.map(martTable)].find((one) => one.name === name)!;
  return Object.entries(declared.columns).find(([, column]) => column.type.kind === 'text')![0];
};

/** A fault that the check must find, as one statement. */
function fault({ id, subject, column, touches }: Check): string {
  if (id.endsWith('.rows_of_silver'))
    return `insert into memory.main.silver_${touches[0]} select * from memory.main.silver_${touches[0]} limit 1`;
  if (id in sums) return `update memory.main.silver_${sums[id]} where rowid < 3`;
  if (id.endsWith('_in_dimension')) {
    const [dimension, key] = keyOf[column!]!;
    return `delete from ${dimension} where ${key} = (select max(${column}) from ${subject} where cast(${column} as varchar) <> 'unknown')`;
  }
  if (id.endsWith('.sums_to_events')) return `update ${subject} set events = events + 1 where rowid = 0`;
  if (id.endsWith('.no_formula')) return `update ${subject} set ${textOf(subject)} = '=1+1' where rowid = 0`;
  if (id.endsWith('_distribution'))
    return `update memory.main.distribution_change set stability_index = 0.3 where table_name = '${subject}' and column_name = '${column}'`;
  const single: Readonly<Record<string, string>> = {
    'dim_patient.pseudonyms_are_distinct':
      'update dim_patient set patient_sk = (select min(patient_sk) from dim_patient) where patient_no < 3',
    'mart_bed_occupancy.census_invariant':
      'update fact_spell set bed_until = bed_until + 1 where rowid = (select min(rowid) from fact_spell where in_census)',
    'dim_patient.row_classes':
      "update dim_patient set row_ethnic_group = 'other', row_level = 0 where patient_no = 1",
    'dim_patient.row_levels':
      'update dim_patient set row_level = 4 where rowid = (select min(rowid) from dim_patient where row_level < 4)',
    'quality_item.sums_to_values': 'update quality_item set missing = missing + 1 where rowid = 0',
  };
  return single[id] ?? `select 'no fault is planted for ${id}'`;
}

describe('each check of a release', () => {
  it('has an id of its own, and says what it counts and guards', () => {
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    for (const { id, description, touches } of checks) {
      expect({ id, told: description.length > 10 && touches.length > 0 }).toEqual({ id, told: true });
      expect(id).toMatch(/^[a-z][A-Za-z0-9_.-]{0,63}$/);
    }
  });

  // What tells and cannot fail, and what looks at other numbers of patients, has tests of its own (rows of patients).
  const failing = checks.filter(
    ({ id, severity }) => severity !== 'info' && !id.includes('.rows_suppressed'),
  );
  it.each(failing.map((one) => [one.id, one] as const))('%s', async (_id, one) => {
    expect(await statusOf(one)).toBe('pass');
    await engine.run('begin');
    try {
      await engine.run(fault(one));
      expect(await statusOf(one)).toBe('fail');
    } finally {
      await engine.run('rollback');
    }
  });
});

describe('the distribution of a column', () => {
  it('has moved where its values are spread otherwise than in the release before', async () => {
    const before = join(folder, 'before.duckdb');
    const own = "table_name = 'fact_spell' and column_name = 'admission_method'";
    await engine.run(
      `update quality_distribution set rows = rows * 40 where ${own} and value = (select min(value) from quality_distribution where ${own})`,
    );
    await compareDistributions(engine, before);
    const results = await runChecks(
      engine,
      checks.filter(({ id }) => id.startsWith('fact_spell') && id.endsWith('_distribution')),
      defaultLimits,
    );
    expect(results.filter(({ status }) => status === 'fail')).toMatchObject([
      {
        column_name: 'admission_method',
        severity: 'warn',
        detail: expect.stringMatching(/^index \d+\.\d{3}$/),
      },
    ]);
  });

  it('is not judged without a release before', async () => {
    await compareDistributions(engine, undefined);
    const results = await runChecks(
      engine,
      checks.filter(({ id }) => id.endsWith('_distribution')),
      defaultLimits,
    );
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['not_applicable']));
  });
});

describe('a check that cannot be computed', () => {
  it('has the status error; the others of its pass are counted', async () => {
    const [rows, ...others] = checks.filter(
      ({ id, subject }) => subject === 'fact_contact' && !id.endsWith('_distribution'),
    );
    const broken = { ...rows!, id: 'fact_contact.broken', violations: 'sum(no_such_column)' };
    const results = await runChecks(engine, [broken, rows!, ...others], defaultLimits);
    expect(results[0]).toMatchObject({ status: 'error', detail: 'the check could not be computed' });
    expect(results.slice(1).every(({ status }) => status === 'pass')).toBe(true);
  });
});
