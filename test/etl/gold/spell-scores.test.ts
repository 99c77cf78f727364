import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { patientRanges } from '../../../src/etl/gold/patient-ranges.js';
import { spellScoreSql } from '../../../src/etl/gold/spell-scores.js';
import { createTable } from '../../../src/warehouse/duckdb/ddl.js';
import { factSpellScore } from '../../../src/warehouse/gold/derived.js';
import { factEdAttendance, factSpell } from '../../../src/warehouse/gold/facts.js';
import { addDays } from '../../../src/warehouse/grain.js';
import { root, temporaryFolder } from '../../support/landing.js';

const referenceDir = join(root, 'reference');
const folder = temporaryFolder();
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit: '1GB' });
});
afterAll(() => engine.close());

/** A spell of the tests: patient 1, trust RAA, admitted on 1 June 2023 as an emergency for five days, aged 80. */
interface Spell {
  readonly id: number;
  readonly patient?: number;
  readonly trust?: string;
  readonly in?: string;
  readonly out?: string | null;
  readonly emergency?: boolean;
  readonly age?: number | null;
  readonly primary?: string | null;
  /** Whether the primary code is a diagnosis. */
  readonly diagnosis?: boolean;
  readonly secondary?: string | null;
}
interface Attendance {
  readonly patient?: number;
  /** Instants in UTC. */
  readonly arrived: string;
  readonly departed: string;
}
interface Score {
  readonly charlson: number;
  readonly lace_comorbidity: number;
  readonly ed_visits_180d: number;
  readonly lace: number | null;
  readonly hfrs_x10: number | null;
  readonly next_emergency_days: number | null;
  readonly next_emergency_days_same_trust: number | null;
}

const filled = ({ id, ...spell }: Spell): Required<Spell> => ({
  id,
  patient: 1,
  trust: 'RAA',
  in: '2023-06-01',
  out: spell.in === undefined ? '2023-06-06' : spell.in,
  emergency: true,
  age: 80,
  primary: null,
  diagnosis: true,
  secondary: null,
  ...spell,
});

const key = (id: number): string => `unhex('${id.toString(16).padStart(32, '0')}')`;
const sqlText = (value: string | null): string => (value === null ? 'null' : `'${value}'`);
const sqlDay = (value: string | null): string => (value === null ? 'null' : `DATE '${value}'`);

/** The scores of the spells by id. */
async function scoresOf(
  spells: readonly Spell[],
  attendances: readonly Attendance[] = [],
  spellsAtOnce?: number,
): Promise<Map<number, Score>> {
  for (const table of [factSpell, factEdAttendance, factSpellScore]) {
    await engine.run(`drop table if exists ${table.name}`);
    await engine.run(createTable(undefined, table));
  }
  const rows = spells.map((given) => {
    const spell = filled(given);
    const days = spell.out === null ? 'null' : `${sqlDay(spell.out)} - ${sqlDay(spell.in)}`;
    return `(${key(spell.id)}, ${spell.patient}, '${spell.trust}', '100', 'unknown', '${spell.emergency ? '21' : '11'}', '19', ${sqlDay(spell.in)}, ${sqlDay(spell.out)}, coalesce(${sqlDay(spell.out)}, DATE '2024-01-01'), ${days}, true, ${spell.emergency}, ${sqlText(spell.primary)}, ${spell.diagnosis}, ${sqlText(spell.secondary)}, 'DZ19', false, ${spell.age}, 1)`;
  });
  await engine.run(
    `insert into fact_spell (spell_sk, patient_no, trust_code, specialty_code, ward_code, admission_method, discharge_destination, admission_date, discharge_date, bed_until, los_days, in_census, is_emergency, primary_diagnosis, is_diagnosis, secondary_diagnoses, hrg_code, is_sensitive, age_at_event, batch_id) values ${rows.join(', ')}`,
  );
  for (const [index, { patient = 1, arrived, departed }] of attendances.entries())
    await engine.run(
      `insert into fact_ed_attendance (attendance_sk, patient_no, trust_code, arrived_at, departed_at, arrival_date, arrival_hour, weekday, triage_category, presenting_complaint, discharge_destination, reattended_7d, reattended_7d_same_trust, attendances_365d, batch_id) values (${key(index)}, ${patient}, 'RAA', TIMESTAMP '${arrived}', TIMESTAMP '${departed}', cast(timezone('Europe/London', timezone('UTC', TIMESTAMP '${arrived}')) as date), 0, 1, '3', 'unknown', '01', false, false, 1, 1)`,
    );
  for (const facts of await patientRanges(engine, spellsAtOnce))
    await engine.run(`insert into fact_spell_score ${spellScoreSql(facts, referenceDir)}`);
  const scores = await engine.rows<Score & { id: string }>(
    'select hex(spell_sk) as id, * exclude (spell_sk, patient_no) from fact_spell_score',
  );
  expect(scores).toHaveLength(spells.length);
  return new Map(scores.map(({ id, ...score }) => [Number.parseInt(id, 16), score]));
}

const visit = (day: string): Attendance => ({ arrived: `${day} 10:00:00`, departed: `${day} 12:00:00` });
const score = async (spells: readonly Spell[], attendances: readonly Attendance[] = []): Promise<Score> => {
  const found = (await scoresOf(spells, attendances)).get(spells[0]!.id);
  if (!found) throw new Error('no score');
  return found;
};

describe('Charlson', () => {
  it('counts I21, J44 and N18, but neither E11 nor I25, whose groups have longer prefixes', async () => {
    expect(await score([{ id: 1, primary: 'N18' }])).toMatchObject({ charlson: 1, lace_comorbidity: 2 });
    expect(await score([{ id: 1, primary: 'J44' }])).toMatchObject({ charlson: 1, lace_comorbidity: 2 });
    // Of no weight in Quan 2011, of one in LACE.
    expect(await score([{ id: 1, primary: 'I21' }])).toMatchObject({ charlson: 0, lace_comorbidity: 1 });
    expect(await score([{ id: 1, primary: 'E11', secondary: 'I25,E119' }])).toMatchObject({
      charlson: 0,
      lace_comorbidity: 1,
    });
    expect(await score([{ id: 1, primary: 'E11', secondary: 'I25' }])).toMatchObject({ lace_comorbidity: 0 });
  });

  it('counts a group once, in any position', async () => {
    expect(await score([{ id: 1, primary: 'J440', secondary: 'J441,J449,N18,B20' }])).toMatchObject({
      charlson: 1 + 1 + 4,
    });
  });

  it('leaves out a group that a graver form supersedes', async () => {
    const of = async (secondary: string) => (await score([{ id: 1, secondary }])).charlson;
    expect(await of('K700')).toBe(2);
    expect(await of('K700,I850')).toBe(4);
    expect(await of('E119,E112')).toBe(1);
    expect(await of('C50,C78')).toBe(6);
  });

  it('does not read a procedure in the place of a diagnosis', async () => {
    expect(await score([{ id: 1, primary: 'N18', diagnosis: false, secondary: 'J44' }])).toMatchObject({
      charlson: 1,
    });
  });

  it('looks back over the spells that ended in the 12 months before admission or on its day', async () => {
    const earlier = async (out: string) =>
      (await score([{ id: 1 }, { id: 2, in: '2022-01-01', out, primary: 'N18' }])).charlson;
    expect(await earlier('2022-05-31')).toBe(0);
    expect(await earlier('2022-06-01')).toBe(1);
    expect(await earlier('2023-06-01')).toBe(1);
    expect(await earlier('2023-06-02')).toBe(0);
    expect((await score([{ id: 1 }, { id: 2, patient: 2, primary: 'N18' }])).charlson).toBe(0);
    expect((await score([{ id: 1 }, { id: 2, in: '2023-01-01', out: null, primary: 'N18' }])).charlson).toBe(
      0,
    );
  });
});

describe('LACE', () => {
  it('is 14 for five days, an emergency, a comorbidity sum of 4 and two visits to the ED', async () => {
    expect(
      await score([{ id: 1, primary: 'J44', secondary: 'N18' }], [visit('2023-03-01'), visit('2023-04-01')]),
    ).toMatchObject({ lace_comorbidity: 4, ed_visits_180d: 2, lace: 14 });
  });

  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
    [6, 4],
    [7, 5],
    [13, 5],
    [14, 7],
    [90, 7],
  ])('gives a stay of %i days %i points', async (days, points) => {
    expect(await score([{ id: 1, emergency: false, out: addDays('2023-06-01', days) }])).toMatchObject({
      lace: points,
    });
  });

  it.each([
    [null, 0, 0],
    ['I21', 1, 1],
    ['N18', 2, 2],
    ['N18,I21', 3, 3],
    ['N18,J44', 4, 5],
    ['N18,J44,B20', 8, 5],
  ])('gives the comorbidities %s, of the sum %i, %i points', async (secondary, sum, points) => {
    expect(await score([{ id: 1, emergency: false, out: '2023-06-01', secondary }])).toMatchObject({
      lace_comorbidity: sum,
      lace: points,
    });
  });

  it('gives a point for each visit up to four', async () => {
    const visits = ['2023-01-10', '2023-02-10', '2023-03-10', '2023-04-10', '2023-05-10'].map(visit);
    for (const n of [0, 1, 3, 4, 5])
      expect(await score([{ id: 1, emergency: false, out: '2023-06-01' }], visits.slice(0, n))).toMatchObject(
        {
          ed_visits_180d: n,
          lace: Math.min(n, 4),
        },
      );
  });

  it('counts visits of the 180 days before admission that ended before its day, in local time', async () => {
    const of = async (attendance: Attendance) => (await score([{ id: 1 }], [attendance])).ed_visits_180d;
    expect(await of(visit('2022-12-02'))).toBe(0);
    expect(await of(visit('2022-12-03'))).toBe(1);
    expect(await of(visit('2023-05-31'))).toBe(1);
    expect(await of(visit('2023-06-01'))).toBe(0);
    // An hour before midnight in UTC is the next day in summer.
    expect(await of({ arrived: '2023-05-31 20:00:00', departed: '2023-05-31 22:59:00' })).toBe(1);
    expect(await of({ arrived: '2023-05-31 20:00:00', departed: '2023-05-31 23:01:00' })).toBe(0);
    expect(await of({ ...visit('2023-05-31'), patient: 2 })).toBe(0);
  });

  it('is of adults who have left', async () => {
    expect(await score([{ id: 1, age: 17 }])).toMatchObject({ lace: null });
    expect(await score([{ id: 1, age: 18 }])).toMatchObject({ lace: 7 });
    expect(await score([{ id: 1, age: null }])).toMatchObject({ lace: null });
    expect(await score([{ id: 1, out: null }])).toMatchObject({ lace: null });
  });
});

describe('the Hospital Frailty Risk Score', () => {
  it('is 10.3 for F00 in one spell and W19 in another', async () => {
    expect(
      await score([
        { id: 1, primary: 'F00' },
        { id: 2, in: '2022-01-01', secondary: 'W19' },
      ]),
    ).toMatchObject({ hfrs_x10: 103 });
  });

  it('counts the first three characters of a code once', async () => {
    expect(
      await score([
        { id: 1, primary: 'F001', secondary: 'F002,F00' },
        { id: 2, in: '2023-01-01', primary: 'F009' },
      ]),
    ).toMatchObject({ hfrs_x10: 71 });
  });

  it('looks back over two years and is of those aged 75 or more', async () => {
    const earlier = async (out: string) =>
      (await score([{ id: 1 }, { id: 2, in: '2020-01-01', out, primary: 'F00' }])).hfrs_x10;
    expect(await earlier('2021-05-31')).toBe(0);
    expect(await earlier('2021-06-01')).toBe(71);
    expect((await score([{ id: 1, age: 75, primary: 'F00' }])).hfrs_x10).toBe(71);
    expect((await score([{ id: 1, age: 74, primary: 'F00' }])).hfrs_x10).toBeNull();
    expect((await score([{ id: 1, age: null, primary: 'F00' }])).hfrs_x10).toBeNull();
  });
});

describe('the next emergency admission', () => {
  const days = async (...others: readonly Omit<Spell, 'id'>[]) =>
    score([{ id: 1 }, ...others.map((spell, index) => ({ id: index + 2, ...spell }))]);

  it('is the nearest on or after the discharge', async () => {
    expect(await days()).toMatchObject({ next_emergency_days: null });
    expect(await days({ in: '2023-06-06' })).toMatchObject({ next_emergency_days: 0 });
    expect(await days({ in: '2023-07-06' }, { in: '2023-07-05' })).toMatchObject({ next_emergency_days: 29 });
    expect(await days({ in: '2023-06-05', out: '2023-06-20' })).toMatchObject({ next_emergency_days: null });
  });

  it('passes over planned admissions, other patients and the spell itself', async () => {
    expect(await days({ in: '2023-06-10', emergency: false }, { in: '2023-06-20' })).toMatchObject({
      next_emergency_days: 14,
    });
    expect(await days({ in: '2023-06-10', patient: 2 })).toMatchObject({ next_emergency_days: null });
    expect(await score([{ id: 1, out: '2023-06-01' }])).toMatchObject({ next_emergency_days: null });
    // Two stays of one day follow each other both ways.
    const both = await scoresOf([
      { id: 1, out: '2023-06-01' },
      { id: 2, out: '2023-06-01' },
    ]);
    expect([...both.values()].map((one) => one.next_emergency_days)).toEqual([0, 0]);
  });

  it('tells the same trust apart, and does not follow a stay that lasts', async () => {
    expect(await days({ in: '2023-06-10', trust: 'RAB' }, { in: '2023-06-20' })).toMatchObject({
      next_emergency_days: 4,
      next_emergency_days_same_trust: 14,
    });
    expect(
      await score([
        { id: 1, out: null },
        { id: 2, in: '2023-06-20' },
      ]),
    ).toMatchObject({
      next_emergency_days: null,
    });
  });
});

describe('all scores', () => {
  const list = (name: string): Record<string, string>[] =>
    parse(readFileSync(join(referenceDir, `${name}.csv`), 'utf8'), { columns: true });
  const prefixes = list('charlson_icd10');
  const conditions = list('charlson_condition');
  const frailty = new Map(
    list('hfrs_icd10').map((row) => [row['code'], Math.round(10 * Number(row['points']))]),
  );

  it('have the published lists', () => {
    expect(prefixes).toHaveLength(289);
    expect(conditions).toHaveLength(17);
    expect(frailty.size).toBe(109);
    expect([...frailty.values()].reduce((sum, points) => sum + points, 0)).toBe(1_732);
    expect(conditions.find(({ code }) => code === 'aids')).toMatchObject({ quan_2011: '4' });
  });

  /** The same day of an earlier year; 28 February where that has no 29th. */
  const yearsBefore = (day: string, years: number): string =>
    `${Number(day.slice(0, 4)) - years}${day.slice(4).replace('-02-29', '-02-28')}`;
  const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

  function expected(
    spells: readonly Required<Spell>[],
    visits: readonly Attendance[],
    of: Required<Spell>,
  ): Score {
    const codesOf = (years: number) =>
      spells
        .filter(
          (one) =>
            one.patient === of.patient &&
            (one.id === of.id ||
              (one.out !== null && one.out >= yearsBefore(of.in, years) && one.out <= of.in)),
        )
        .flatMap((one) => [
          ...(one.diagnosis && one.primary ? [one.primary] : []),
          ...(one.secondary?.split(',') ?? []),
        ]);
    const groups = new Set(
      codesOf(1).flatMap((code) =>
        prefixes.filter((row) => code.startsWith(row['code']!)).map((row) => row['condition']),
      ),
    );
    const sum = (weight: string) =>
      conditions
        .filter((row) => groups.has(row['code']) && !groups.has(row['superseded_by']))
        .reduce((total, row) => total + Number(row[weight]), 0);
    const seen = visits.filter(
      (one) =>
        (one.patient ?? 1) === of.patient &&
        one.departed.slice(0, 10) < of.in &&
        dayNumber(of.in) - dayNumber(one.arrived.slice(0, 10)) <= 180,
    ).length;
    const stay = of.out === null ? null : dayNumber(of.out) - dayNumber(of.in);
    const points = (n: number) => (n < 4 ? n : n < 7 ? 4 : n < 14 ? 5 : 7);
    const next = (same: boolean) => {
      const found = spells
        .filter(
          (one) =>
            one.patient === of.patient &&
            one.id !== of.id &&
            one.emergency &&
            of.out !== null &&
            one.in >= of.out &&
            (!same || one.trust === of.trust),
        )
        .map((one) => dayNumber(one.in) - dayNumber(of.out!));
      return found.length === 0 ? null : Math.min(...found);
    };
    const burden = sum('schneeweiss');
    return {
      charlson: sum('quan_2011'),
      lace_comorbidity: burden,
      ed_visits_180d: seen,
      lace:
        stay === null || of.age === null || of.age < 18
          ? null
          : points(stay) + (of.emergency ? 3 : 0) + (burden >= 4 ? 5 : burden) + Math.min(seen, 4),
      hfrs_x10:
        of.age === null || of.age < 75
          ? null
          : [...new Set(codesOf(2).map((code) => code.slice(0, 3)))].reduce(
              (total, code) => total + (frailty.get(code) ?? 0),
              0,
            ),
      next_emergency_days: next(false),
      next_emergency_days_same_trust: next(true),
    };
  }

  const code = fc.constantFrom(
    'N18',
    'J44',
    'I21',
    'E11',
    'E119',
    'E112',
    'C50',
    'C78',
    'K700',
    'F00',
    'W19',
    'Z99',
  );
  const day = fc.integer({ min: 0, max: 1_500 }).map((n) => addDays('2020-01-01', n));
  const spell = fc.record({
    patient: fc.constantFrom(1, 2),
    trust: fc.constantFrom('RAA', 'RAB'),
    in: day,
    stay: fc.option(fc.integer({ min: 0, max: 20 })),
    emergency: fc.boolean(),
    age: fc.option(fc.constantFrom(17, 18, 74, 75)),
    primary: fc.option(code),
    diagnosis: fc.boolean(),
    secondary: fc.option(
      fc.array(code, { minLength: 1, maxLength: 3 }).map((codes) => [...new Set(codes)].join(',')),
    ),
  });
  const attendance = fc.record({ patient: fc.constantFrom(1, 2), day });

  it('agree with their evaluation in plain code', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(spell, { minLength: 1, maxLength: 12 }),
        fc.array(attendance, { maxLength: 8 }),
        // Filled at once, and some patients at a time.
        fc.constantFrom(undefined, 1, 3),
        async (drawn, attended, spellsAtOnce) => {
          const spells = drawn.map(({ stay, ...one }, index) => ({
            id: index + 1,
            ...one,
            out: stay === null ? null : addDays(one.in, stay),
          }));
          const visits = attended.map(({ patient, day: on }) => ({ patient, ...visit(on) }));
          const found = await scoresOf(spells, visits, spellsAtOnce);
          for (const one of spells) expect(found.get(one.id)).toEqual(expected(spells, visits, one));
        },
      ),
      { numRuns: process.env['MAPLEWOOD_TEST_FULL'] === '1' ? 300 : 40 },
    );
  }, 300_000);
});
