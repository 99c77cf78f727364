import { join } from 'node:path';
import { synthesise } from '../../../src/synth/synthesise.js';
import { addDays } from '../../../src/warehouse/grain.js';
import type { ReleaseHandle, Warehouse } from '../../../src/warehouse/warehouse.js';
import { configAt, loadAt, measuresAlone } from '../../support/home.js';
import { root, temporaryFolder } from '../../support/landing.js';
import { fromRelease } from '../../support/release.js';
import { at, beginning, openFacts, type RelationRow, relationRows } from './facts-at.js';

/** What rules of prescribing and of vital signs find in synthetic sources, in which somebody must be found. */
const folder = temporaryFolder();
const patients = 3_000;
const today = '2024-12-31';
const sets = new Map(
  Object.entries({
    nsaid: ['100101'],
    gastroprotection: ['010305', '010301'],
    anticoagulant: ['020802'],
    renin: ['020505'],
    diuretic: ['0202'],
    beta: ['0204'],
    hypnotic: ['0401'],
    morphine: ['0407020Q0'],
  }).map(([name, codes]) => [name, beginning(name, 'bnf', codes)]),
);
let warehouse: Warehouse;
let handle: ReleaseHandle;

const config = measuresAlone(configAt(join(folder, 'home')));
beforeAll(async () => {
  const landing = join(folder, 'landing');
  await synthesise({
    out: landing,
    patients,
    seed: 5,
    years: 1,
    faultRate: 0.05,
    referenceDir: join(root, 'reference'),
    observations: true,
  });
  await loadAt(config, landing);
  warehouse = await openFacts(config, folder);
  handle = warehouse.open();
}, 300_000);
afterAll(async () => {
  handle.close();
  await warehouse.close();
});

const rowsOf = (text: string): Promise<RelationRow[]> =>
  relationRows(handle, text, at(`${today}T23:59:59`), sets);
/** Patients with a prescription of the last 90 days. */
const takers = async (condition: string): Promise<Set<number>> =>
  new Set(
    (await rowsOf(`prescription where ${condition}`))
      .filter(({ time }) => String(time) >= addDays(today, -90))
      .map(({ patient }) => patient),
  );
const both = (...groups: readonly Set<number>[]): number =>
  [...(groups[0] ?? [])].filter((one) => groups.every((group) => group.has(one))).length;

describe('synthetic prescriptions', () => {
  it('have a dose a day and the days that they last, but for what no milligram measures', async () => {
    const rows = await rowsOf('prescription: daily_dose_mg, days_supply, bnf_code');
    const dosed = rows.filter(({ values }) => values['daily_dose_mg'] !== null);
    expect(dosed.length / rows.length).toBeGreaterThan(0.75);
    expect(dosed.length).toBeLessThan(rows.length);
    for (const { values } of rows) expect(values['days_supply']).toBeGreaterThan(0);
    for (const { values } of rows.filter((row) => row.values['bnf_code'] === '0206020A0AAAAAA'))
      expect(values['daily_dose_mg']).toBe(5);
  });

  it('hold the pairs that rules look for, in few people', async () => {
    const nsaid = await takers("bnf_code in valueset 'nsaid'");
    const old = await takers('age >= 65');
    const protectedOnes = await takers("bnf_code in valueset 'gastroprotection'");
    const unprotected = new Set([...nsaid].filter((one) => !protectedOnes.has(one)));
    for (const found of [
      both(unprotected, old),
      both(nsaid, await takers("bnf_code in valueset 'anticoagulant'")),
      both(
        nsaid,
        await takers("bnf_code in valueset 'renin'"),
        await takers("bnf_code in valueset 'diuretic'"),
      ),
      both(old, await takers("bnf_code in valueset 'hypnotic' and days_supply >= 28")),
      both(await takers("bnf_code in valueset 'beta'")),
      (await takers("bnf_code in valueset 'morphine' and daily_dose_mg >= 120")).size,
    ]) {
      expect(found).toBeGreaterThan(0);
      expect(found).toBeLessThan(0.2 * patients);
    }
  });

  it('count the substances of a period by those that were not prescribed in it before', async () => {
    const from = addDays(today, -90);
    const rows = (await rowsOf('prescription: bnf_substance, previous_same_substance')).filter(
      ({ time, values }) => String(time) >= from && values['bnf_substance'] !== null,
    );
    const substances = new Map<number, Set<unknown>>();
    const firsts = new Map<number, number>();
    for (const { patient, values } of rows) {
      substances.set(patient, (substances.get(patient) ?? new Set()).add(values['bnf_substance']));
      const previous = values['previous_same_substance'];
      if (previous === null || String(previous) < from) firsts.set(patient, (firsts.get(patient) ?? 0) + 1);
    }
    expect(firsts).toEqual(new Map([...substances].map(([patient, some]) => [patient, some.size])));
    expect([...firsts.values()].filter((n) => n >= 10).length).toBeGreaterThan(0);
  });
});

describe('synthetic observations', () => {
  it('belong to patients of the other deliveries', async () => {
    const [counts] = await fromRelease<Record<string, bigint>>(
      config,
      'select count(*) as n, count(distinct patient_no) as patients, count(distinct code) as codes from fact_observation semi join dim_patient using (patient_no) semi join fact_spell using (patient_no)',
    );
    expect(Number(counts?.['codes'])).toBe(7);
    expect(Number(counts?.['n'])).toBeGreaterThan(1_000);
    expect(await fromRelease(config, "select 1 from quarantined_row where dataset = 'observations'")).toEqual(
      [],
    );
  });

  it('are those of the well more often than those of the ill', async () => {
    const share = async (condition: string): Promise<number> => {
      const ill = (await rowsOf(`observation where ${condition}`)).length;
      return ill / (await rowsOf(`observation where ${condition.replace(/ and .*/, '')}`)).length;
    };
    for (const [condition, least, most] of [
      ["code = '9279-1' and value >= 25", 0.002, 0.1],
      ["code = '59408-5' and value <= 91", 0.005, 0.15],
      ["code = '3151-8' and value > 0", 0.01, 0.3],
      ["code = '8480-6' and value <= 90", 0.002, 0.1],
      ["code = '8867-4' and value >= 131", 0.0005, 0.08],
      ["code = '9269-2' and value < 15", 0.002, 0.15],
      ["code = '8310-5' and value >= 39.1", 0.0002, 0.08],
    ] as const) {
      expect(await share(condition)).toBeGreaterThan(least);
      expect(await share(condition)).toBeLessThan(most);
    }
  });
});
