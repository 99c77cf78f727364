import { join } from 'node:path';
import { hostOfRows } from '../../../src/cds/arden/host.js';
import { prepare } from '../../../src/cds/arden/run/run.js';
import type { FactReference } from '../../../src/cds/facts/fact.js';
import { isReference, parseReference } from '../../../src/cds/facts/reference/parse.js';
import { fetchRows } from '../../../src/cds/facts/rows/fetch.js';
import { readsOf } from '../../../src/cds/provenance/check-gem.js';
import { type Rules, readRules, ruleOf } from '../../../src/cds/rules/read-rules.js';
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';
import type { ReleaseHandle } from '../../../src/warehouse/warehouse.js';
import { loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { at, openFacts, relationRows } from '../facts/facts-at.js';
import { rulesFolder } from './shipped.js';

/** Patients whom each rule names on a release of the original seed, by the interpreter. */
const data = process.env['MAPLEWOOD_TEST_FULL'] === '1' ? process.env['MAPLEWOOD_TEST_DATA'] : undefined;
if (data === undefined)
  process.stdout.write(
    'rules acceptance: SKIPPED, since it is no full run or MAPLEWOOD_TEST_DATA names no folder of test data\n',
  );
const withData = data === undefined ? describe.skip : describe;
const folder = data === undefined ? '' : temporaryFolder();
const now = at('2023-06-30T23:59:59');
const atOnce = 1_000;

/** Counts that the definitions of the rules give, and that other ways of counting confirm. */
const expected: Readonly<Record<string, number>> = {
  los_stranded_7: 102,
  readmit_30d: 635,
  ed_4h_breach: 22,
  ed_12h_wait: 0,
  ed_triage_target: 53,
  ed_frequent_no_contact: 2_550,
  ed_mh_no_referral: 85,
  safeguarding_repeat: 5,
  copd_repeat_emergency: 204,
  social_care_review_overdue: 60,
  dq_spell_dates: 1_516,
  dq_los_mismatch: 1_516,
};

withData('the rules on nhs_seed_original at the end of 30 June 2023', () => {
  const fired = new Map<string, number>();
  /** Patients with two discharges alive on the latest day: which is the last is up to the key of the row. */
  const ambiguous = new Set<number>();
  let laceOfOthers = 0;
  beforeAll(async () => {
    const { config } = await loadedHome(folder, { sample: join(data ?? '', 'nhs_seed_original') });
    const warehouse = await openFacts(config, folder);
    const handle = warehouse.open();
    const shipped = await readRules(rulesFolder);
    const { registry } = shipped;
    const rules = [...shipped.rules, fromFive(shipped)];
    const references = new Map<string, FactReference>();
    for (const { mlm } of rules)
      for (const { braces } of readsOf(mlm)) {
        const read = parseReference(braces.text, registry);
        if (isReference(read)) references.set(braces.text, read);
      }
    const prepared = rules.map(({ name, mlm }) => [name, prepare(mlm)] as const);
    for (const [name] of prepared) fired.set(name, 0);
    const source = {
      handle,
      gold: goldBuilder(handle.schema),
      dialect: duckdbDialect,
      valueSets: registry.valueSets,
    };
    const everybody = (await relationRows(handle, 'patient: gender', now)).map(({ patient }) => patient);
    for (const patient of await twiceOnTheLastDay(handle)) ambiguous.add(patient);
    for (let from = 0; from < everybody.length; from += atOnce) {
      const patients = everybody.slice(from, from + atOnce);
      const found = await fetchRows({ references, patients, now }, source);
      for (const [patient, rows] of found)
        for (const [name, run] of prepared) {
          if (run(hostOfRows(now, (braces) => rows.get(braces))).concluded !== true) continue;
          fired.set(name, (fired.get(name) ?? 0) + 1);
          if (name === 'lace_high' && !ambiguous.has(patient)) laceOfOthers += 1;
        }
    }
    handle.close();
    await warehouse.close();
  }, 600_000);

  it.each(Object.entries(expected))('%s names %i patients', (name, patients) => {
    expect(fired.get(name)).toBe(patients);
  });

  it('lace_high names 466 patients, and some of the 30 with two last discharges', () => {
    expect(ambiguous.size).toBe(30);
    expect(laceOfOthers).toBe(466);
  });

  it('ed_frequent_attender names 2,839 patients from five visits on', () => {
    expect(fired.get('ed_frequent_attender_5')).toBe(2_839);
  });

  it('reads no medicines and no vital signs here, and names nobody for them', () => {
    for (const name of ['pincer_nsaid_anticoag', 'polypharmacy_10', 'opioid_high_dose', 'news2_high'])
      expect(fired.get(name)).toBe(0);
  });

  it('prints what each rule found', () => {
    process.stdout.write(`${[...fired].map(([name, n]) => `${name} ${n}`).join('\n')}\n`);
    expect(fired.size).toBe(39);
  });
});

/** Patients whose latest discharge alive of the last 30 days shares its day with another. */
async function twiceOnTheLastDay(handle: ReleaseHandle): Promise<readonly number[]> {
  const alive = await relationRows(
    handle,
    "discharge: discharge_date where discharge_destination <> '79'",
    now,
  );
  const last = new Map<number, { day: string; rows: number }>();
  for (const { patient, time } of alive) {
    const before = last.get(patient);
    if (time === null || time < '2023-05-31' || (before && before.day > time)) continue;
    last.set(patient, { day: time, rows: before?.day === time ? before.rows + 1 : 1 });
  }
  return [...last].flatMap(([patient, { rows }]) => (rows > 1 ? [patient] : []));
}

/** The rule of frequent attenders with the lower threshold. */
function fromFive({ rules, registry }: Rules) {
  const rule = rules.find(({ name }) => name === 'ed_frequent_attender');
  const text = rule?.text
    .replace('min_visits := 10', 'min_visits := 5')
    .replaceAll('ed_frequent_attender', 'ed_frequent_attender_5');
  const made = ruleOf('ed_frequent_attender_5', new TextEncoder().encode(text), gemText(rule), registry);
  if ('problems' in made) throw new Error(made.problems.join('\n'));
  return made;
}

const gemText = (rule: Rules['rules'][number] | undefined): string => JSON.stringify(rule?.gem);
