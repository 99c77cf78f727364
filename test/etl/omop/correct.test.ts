import { join } from 'node:path';
import fc from 'fast-check';
import type { Config } from '../../../src/config/environment.js';
import { inRelease } from '../../../src/etl/gold/load.js';
import { buildOmop } from '../../../src/etl/omop/build.js';
import { checkOmop } from '../../../src/etl/omop/check.js';
import { correctOmop } from '../../../src/etl/omop/correct.js';
import { omopTables } from '../../../src/warehouse/omop/index.js';
import { loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { copiedRelease, copyStar, difference, inputsOf, touchedPersons } from './copied-release.js';

const folder = temporaryFolder();
let config: Config;

beforeAll(async () => {
  ({ config } = await loadedHome(folder, { patients: 400 }));
});

/** What can happen to the facts of a patient between two releases, as SQL on the star schema. `N` is the patient. */
const changes: Readonly<Record<string, readonly string[]>> = {
  'a spell goes': [
    'delete from fact_spell where patient_no = N and spell_sk = (select min(spell_sk) from fact_spell where patient_no = N)',
  ],
  'a spell is coded anew': [
    "update fact_spell set secondary_diagnoses = 'I10,E119', primary_procedure = 'W371', consultant_sk = unhex(md5('C' || N)) where patient_no = N",
  ],
  'a spell comes, at a new ward': [
    "insert into fact_spell select * replace (unhex(md5('s' || N)) as spell_sk, 'W00' as ward_code, N as patient_no) from fact_spell limit 1",
  ],
  'a patient comes into hospital and stays': [
    "insert into fact_spell select * replace (unhex(md5('o' || N)) as spell_sk, N as patient_no, null as discharge_date, null as los_days) from fact_spell order by admission_date desc limit 1",
  ],
  'a patient dies': ["update fact_spell set discharge_destination = '79' where patient_no = N"],
  'an attendance comes': [
    "insert into fact_ed_attendance select * replace (unhex(md5('a' || N)) as attendance_sk, N as patient_no, '04' as discharge_destination) from fact_ed_attendance limit 1",
  ],
  'contacts go': ['delete from fact_contact where patient_no = N'],
  'a contact comes, after the end of the data': [
    "insert into fact_contact select * replace (unhex(md5('c' || N)) as contact_sk, N as patient_no, DATE '2024-12-30' as contact_date) from fact_contact limit 1",
  ],
  'equal prescriptions come': [
    "insert into fact_prescription select * exclude (i) replace (unhex(md5('p' || N || i)) as prescription_sk, N as patient_no) from (select * from fact_prescription limit 1), range(3) t(i)",
  ],
  'a prescription costs more': [
    'update fact_prescription set actual_cost = actual_cost + 1 where patient_no = N',
  ],
  'a referral is rated': ['update fact_referral set latest_honos = 7 where patient_no = N'],
  'a package comes': [
    "insert into fact_care_package select * replace (unhex(md5('k' || N)) as package_sk, N as patient_no) from fact_care_package limit 1",
  ],
  'the patient moves': [
    "update dim_patient set postcode_area = 'ZE', deprivation_quintile = 1 where patient_no = N",
  ],
  'the birth date is withdrawn': [
    'update memory.main.patient_key set date_of_birth = null where patient_no = N',
  ],
  'the patient goes': [
    ...['spell', 'ed_attendance', 'referral', 'contact', 'prescription', 'care_package'].map(
      (fact) => `delete from fact_${fact} where patient_no = N`,
    ),
    'delete from dim_patient where patient_no = N',
    'delete from memory.main.patient_key where patient_no = N',
  ],
};

describe('a correction', () => {
  let run = 0;
  const happenings = fc.uniqueArray(
    fc.record({
      patient: fc.integer({ min: 1, max: 400 }),
      change: fc.constantFrom(...Object.keys(changes)),
    }),
    { minLength: 1, maxLength: 25, selector: ({ patient }) => patient },
  );

  it('gives what a full build gives, whatever happens to whom', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, fc.integer({ min: -20, max: 200 }), async (happened, days) => {
        run += 1;
        const at = join(folder, `run-${run}`);
        const { engine, dataAsOf: before } = await copiedRelease(config, at);
        try {
          const after = new Date(Date.parse(before) + days * 86_400_000).toISOString().slice(0, 10);
          await inRelease(engine, async () => {
            for (const { patient, change } of happened)
              for (const sql of changes[change] ?? []) await engine.run(sql.replaceAll('N', String(patient)));
            await engine.run(
              `create or replace table memory.main.touched_patient as select unnest([${happened.map(({ patient }) => patient).join(', ')}])::integer as patient_no`,
            );
          });
          await inRelease(engine, () => correctOmop(engine, inputsOf(after), touchedPersons));
          const failed = await inRelease(engine, () => checkOmop(engine, inputsOf(after)));
          expect(failed.filter(({ severity, status }) => severity === 'error' && status === 'fail')).toEqual(
            [],
          );
          await copyStar(engine, at);
          await engine.run('use full_build');
          await buildOmop(engine, inputsOf(after));
          await engine.run('use memory');
          expect(await difference(engine)).toEqual({});
        } finally {
          engine.close();
        }
      }),
      {
        numRuns: 3,
        endOnFailure: true,
        examples: [
          [Object.keys(changes).map((change, index) => ({ patient: index + 1, change })), 0],
          [Object.keys(changes).map((change, index) => ({ patient: index + 101, change })), 90],
        ],
      },
    );
  }, 240_000);
});

describe('ids', () => {
  it('are dense in a full build', async () => {
    const { engine } = await copiedRelease(config, join(folder, 'dense'));
    for (const { name } of omopTables) {
      if (['cdm_source', 'death', 'visit_detail'].includes(name)) continue;
      const [row] = await engine.rows<{ n: bigint; high: number | null; distinct: bigint }>(
        `select count(*) as n, max(${name}_id) as high, count(distinct ${name}_id) as distinct from gold.${name}`,
      );
      expect({ name, ids: [Number(row?.distinct), row?.high ?? 0] }).toEqual({
        name,
        ids: [Number(row?.n), Number(row?.n)],
      });
    }
    engine.close();
  });

  it('are the same where the scores of spells are put in order in ranges of a few', async () => {
    const at = join(folder, 'ranges');
    const { engine, dataAsOf } = await copiedRelease(config, at);
    await copyStar(engine, at);
    await engine.run('use full_build');
    await buildOmop(engine, { ...inputsOf(dataAsOf), inOrder: 7 });
    await engine.run('use memory');
    const count = async (sql: string): Promise<number> =>
      Number((await engine.rows<{ n: bigint }>(`select count(*) as n from (${sql})`))[0]?.n);
    const lace = "select * from gold.measurement where measurement_source_value = 'lace'";
    expect(await count(lace)).toBeGreaterThan(7 * 3);
    for (const [one, other] of [
      ['gold', 'full_build'],
      ['full_build', 'gold'],
    ])
      expect(await count(`from ${one}.measurement except all from ${other}.measurement`)).toBe(0);
    engine.close();
  });

  it('stay those of the rows that a correction leaves as they were, and are not given to others', async () => {
    const { engine, dataAsOf } = await copiedRelease(config, join(folder, 'stable'));
    await inRelease(engine, async () => {
      for (const { name } of omopTables) await engine.run(`create temp table before_${name} as from ${name}`);
      await engine.run(
        "insert into fact_spell select * replace (unhex(md5('new' || hex(spell_sk))) as spell_sk, DATE '2023-01-01' as admission_date) from fact_spell where patient_no <= 50",
      );
      await engine.run(
        'insert into fact_prescription select * replace (unhex(md5(hex(prescription_sk))) as prescription_sk, prescription_date - 400 as prescription_date) from fact_prescription where patient_no <= 50',
      );
      await engine.run(
        'create table memory.main.touched_patient as select i::integer as patient_no from range(1, 51) t(i)',
      );
      await engine.run('begin');
      await correctOmop(engine, inputsOf(dataAsOf), touchedPersons);
      await engine.run('commit');
      for (const table of omopTables) {
        if (table.name === 'cdm_source' || table.name === 'death') continue;
        const own = `${table.name}_id`;
        const [row] = await engine.rows<{ changed: bigint; more: boolean }>(
          `select (select count(*) from (from before_${table.name} except all from ${table.name})) as changed, (select count(*) from ${table.name}) >= (select count(*) from before_${table.name}) and (select count(distinct ${own}) = count(*) from ${table.name}) as more`,
        );
        // A new, earlier prescription moves the first day of a person's observation, and what is dated on it.
        if (['observation_period', 'observation'].includes(table.name)) continue;
        expect({ table: table.name, ...row }).toEqual({ table: table.name, changed: 0n, more: true });
      }
    });
    engine.close();
  });
});
