import { join } from 'node:path';
import fc from 'fast-check';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { correctRowColumns } from '../../../src/etl/gold/generalise.js';
import { root, temporaryFolder } from '../../support/landing.js';

const folder = temporaryFolder();
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit: '1GB' });
});
afterAll(() => engine.close());

/** A patient as gold has everybody, with the primary diagnoses of the spells. */
interface Patient {
  readonly age_band_5: string | null;
  readonly age_band_10: string | null;
  readonly gender: string;
  readonly ethnic_group: string;
  readonly postcode_area: string | null;
  readonly deprivation_quintile: number | null;
  readonly is_restricted: boolean;
  readonly diagnoses: readonly string[];
}
/** What rows show of a patient. */
type Shown = Readonly<Record<(typeof shown)[number], string | number | null>> & {
  readonly level: number | null;
};

const shown = [
  'age_band',
  'age_band_10',
  'gender',
  'ethnic_group',
  'postcode_area',
  'deprivation_quintile',
] as const;
const attributes = ['age_band_5', 'age_band_10', 'gender', 'ethnic_group', 'postcode_area'] as const;

const text = (value: string | null): string => (value === null ? 'cast(null as varchar)' : `'${value}'`);
const numbered = (table: string, columns: string, rows: readonly string[], nobody: string): string =>
  `create or replace table ${table} as select * from (values ${[nobody, ...rows].join(', ')}) t(${columns}) where patient_no > 0`;

async function given(patients: readonly Patient[]): Promise<void> {
  const row = (no: number, one: Patient): string =>
    `(${[no, ...attributes.map((column) => text(one[column])), `cast(${one.deprivation_quintile ?? 'null'} as integer)`, one.is_restricted].join(', ')})`;
  const of = `patient_no, ${attributes.join(', ')}, deprivation_quintile, is_restricted`;
  await engine.run(
    numbered(
      'dim_patient',
      of,
      patients.map((one, at) => row(at + 1, one)),
      row(0, patient()),
    ),
  );
  await engine.run('alter table dim_patient add column row_level integer');
  for (const column of shown)
    await engine.run(
      `alter table dim_patient add column row_${column} ${column === 'deprivation_quintile' ? 'integer' : 'varchar'}`,
    );
  const spells = patients.flatMap(({ diagnoses }, at) =>
    diagnoses.map((code) => `(${at + 1}, '${code.replace('!', '')}', ${!code.endsWith('!')})`),
  );
  await engine.run(
    numbered('fact_spell', 'patient_no, primary_diagnosis, is_diagnosis', spells, "(0, 'A00', true)"),
  );
}

const found = (): Promise<Shown[]> =>
  engine.rows<Shown>(
    `select row_level as level, ${shown.map((column) => `row_${column} as ${column}`).join(', ')} from dim_patient order by patient_no`,
  );

async function generalised(patients: readonly Patient[], k = 8, dominantPct: number | null = 95) {
  await given(patients);
  // Some patients at a time, as a release of many is corrected.
  await correctRowColumns(engine, { k, dominantPct }, join(root, 'reference'), 7);
  return found();
}

/** Infections, neoplasms, and the heart. */
const chapters = ['A09', 'C50', 'I21'] as const;

function patient(of: Partial<Patient> = {}): Patient {
  return {
    age_band_5: '40-44',
    age_band_10: '40-49',
    gender: 'F',
    ethnic_group: 'white',
    postcode_area: 'LE',
    deprivation_quintile: 3,
    is_restricted: false,
    diagnoses: [],
    ...of,
  };
}
/** So many patients who are alike but for what they were in hospital with: no chapter has half of them. */
const alike = (count: number, of: Partial<Patient> = {}): Patient[] =>
  Array.from({ length: count }, (_none, at) => patient({ diagnoses: [chapters[at % 3] ?? 'A09'], ...of }));
const levelsOf = (rows: readonly Shown[]): (number | null)[] => rows.map(({ level }) => level);
const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);

describe('a group of patients who are alike', () => {
  it('of k is placed at the finest level and shows all of it', async () => {
    expect(await generalised(alike(8))).toEqual(
      times(8, {
        level: 0,
        ...{ age_band: '40-44', age_band_10: '40-49', gender: 'F', ethnic_group: 'white' },
        ...{ postcode_area: 'LE', deprivation_quintile: 3 },
      }),
    );
  });

  it('of one less shows nothing', async () => {
    expect(await generalised(alike(7))).toEqual(
      times(7, { level: 4, ...Object.fromEntries(shown.map((column) => [column, null])) }),
    );
  });

  it('is placed with others once they are alike: without postcode area and in a ten-year band', async () => {
    const rows = await generalised([
      ...alike(4),
      ...alike(2, { postcode_area: 'B' }),
      ...alike(2, { age_band_5: '45-49', postcode_area: null }),
    ]);
    expect(rows).toEqual(
      times(8, {
        level: 1,
        ...{ age_band: '40-49', age_band_10: '40-49', gender: 'F', ethnic_group: 'white' },
        ...{ postcode_area: null, deprivation_quintile: 3 },
      }),
    );
  });

  it('is placed without ethnic group, then without quintile', async () => {
    const groups = await generalised([...alike(4), ...alike(4, { ethnic_group: 'asian' })]);
    expect(groups).toEqual(
      times(
        8,
        expect.objectContaining({
          level: 2,
          gender: 'F',
          age_band: '40-49',
          ethnic_group: null,
          deprivation_quintile: 3,
        }),
      ),
    );
    const quintiles = await generalised([...alike(4), ...alike(4, { deprivation_quintile: null })]);
    expect(quintiles).toEqual(
      times(
        8,
        expect.objectContaining({
          level: 3,
          gender: 'F',
          age_band: '40-49',
          ethnic_group: null,
          deprivation_quintile: null,
        }),
      ),
    );
  });

  it('has no room for who was placed before', async () => {
    // Seven more of the same ten years cannot hide among the eight who are placed at the finest level; the other eight
    // are at the last level anyway, so that nobody has to join them.
    const young = { age_band_5: '0-4', age_band_10: '0-17' };
    const old = { age_band_5: '90+', age_band_10: '90+' };
    const seven = alike(7, { age_band_5: '45-49' });
    expect(
      levelsOf(await generalised([...alike(8), ...seven, ...alike(4, young), ...alike(4, old)])),
    ).toEqual([...times(8, 0), ...times(15, 4)]);
  });

  it('may be alike in what is not known', async () => {
    expect(
      levelsOf(await generalised(alike(8, { age_band_5: null, age_band_10: null, postcode_area: null }))),
    ).toEqual(times(8, 0));
  });
});

describe('diversity', () => {
  const ofChapter = (same: number, other: number): Patient[] => [
    ...alike(same, { diagnoses: ['I21'] }),
    ...alike(other, { diagnoses: ['C50'] }),
  ];

  it('keeps a group in which a chapter dominates 95 percent from every level', async () => {
    expect(levelsOf(await generalised(ofChapter(19, 1)))).toEqual(times(20, 4));
    expect(levelsOf(await generalised(ofChapter(18, 2)))).toEqual(times(20, 0));
  });

  it('is looked at where it is configured', async () => {
    expect(levelsOf(await generalised(ofChapter(18, 2), 8, 90))).toEqual(times(20, 4));
    expect(levelsOf(await generalised(ofChapter(20, 0), 8, null))).toEqual(times(20, 0));
  });

  it('counts the chapter of most spells, of several the first by name', async () => {
    // Two of the heart and one neoplasm: the heart dominates. One of each: "Diseases of the…" is before "Neoplasms".
    const heart = (diagnoses: string[]): Patient[] => alike(8, { diagnoses });
    expect(levelsOf(await generalised(heart(['I21', 'C50', 'I50'])))).toEqual(times(8, 4));
    const tied = [...alike(4, { diagnoses: ['C50', 'I21'] }), ...alike(4, { diagnoses: ['I21'] })];
    expect(levelsOf(await generalised(tied))).toEqual(times(8, 4));
  });

  it('does not take a procedure code for a diagnosis', async () => {
    const mixed = [...alike(4, { diagnoses: ['C50!', 'C50!', 'I21'] }), ...alike(4, { diagnoses: ['I21'] })];
    expect(levelsOf(await generalised(mixed))).toEqual(times(8, 4));
  });

  it('takes patients without a diagnosis as of one chapter', async () => {
    const others = alike(8, { gender: 'M' });
    expect(levelsOf(await generalised([...alike(8, { diagnoses: [] }), ...others]))).toEqual([
      ...times(8, 4),
      ...times(8, 0),
    ]);
    expect(
      levelsOf(await generalised([...alike(7, { diagnoses: [] }), ...alike(1, { diagnoses: ['I21'] })])),
    ).toEqual(times(8, 0));
  });
});

describe('a release without any diagnosis', () => {
  it('is generalised by the number of patients alone', async () => {
    expect(levelsOf(await generalised(alike(8, { diagnoses: [] })))).toEqual(times(8, 0));
    expect(levelsOf(await generalised(alike(8, { diagnoses: ['W37!'] })))).toEqual(times(8, 0));
  });
});

describe('the last level', () => {
  it.each([1, 7])('of %i patients is filled up by the smallest group of the level before', async (few) => {
    const ofLevel3 = (count: number, gender: string): Patient[] =>
      alike(count, { gender }).map((one, at) => ({ ...one, deprivation_quintile: 1 + (at % 5) }));
    const rows = await generalised([
      ...alike(few, { age_band_5: '90+', age_band_10: '90+' }),
      ...ofLevel3(10, 'M'),
      ...ofLevel3(9, 'U'),
      ...alike(8, { gender: 'F' }),
    ]);
    expect(levelsOf(rows)).toEqual([...times(few, 4), ...times(10, 3), ...times(9, 4), ...times(8, 0)]);
    expect(rows[few + 10]).toEqual({
      level: 4,
      ...Object.fromEntries(shown.map((column) => [column, null])),
    });
  });

  it('of eight stays as it is', async () => {
    const rows = await generalised([
      ...alike(4, { age_band_5: '90+', age_band_10: '90+' }),
      ...alike(4, { age_band_5: '0-4', age_band_10: '0-17' }),
      ...alike(8),
    ]);
    expect(levelsOf(rows)).toEqual([...times(8, 4), ...times(8, 0)]);
  });

  it('is filled up from a finer level where the one before is empty', async () => {
    const rows = await generalised([...alike(1, { age_band_5: '90+', age_band_10: '90+' }), ...alike(8)]);
    expect(levelsOf(rows)).toEqual(times(9, 4));
  });
});

describe('who is not shown', () => {
  it('hides nobody: restricted patients are in no group', async () => {
    const restricted = { is_restricted: true };
    expect(levelsOf(await generalised([...alike(7), ...alike(1, restricted)]))).toEqual([
      ...times(7, 4),
      null,
    ]);
    expect(levelsOf(await generalised([...alike(8), ...alike(7, restricted)]))).toEqual([
      ...times(8, 0),
      ...times(7, null),
    ]);
  });

  it('may be everybody, or nobody', async () => {
    expect(levelsOf(await generalised(alike(1)))).toEqual([4]);
    expect(await generalised([])).toEqual([]);
  });
});

describe('a level that was', () => {
  it('is corrected where the others have changed', async () => {
    await generalised([...alike(8), ...alike(9, { gender: 'M' })]);
    await engine.run('delete from dim_patient where patient_no = 1');
    await correctRowColumns(engine, { k: 8, dominantPct: 95 }, join(root, 'reference'));
    // The seven who are left show nothing any more, and need somebody to hide among.
    expect(levelsOf(await found())).toEqual(times(16, 4));
  });
});

/** The same in plain code, a level after the other. */
function expected(patients: readonly Patient[], k: number, dominantPct: number | null): Shown[] {
  const lattice: readonly (readonly (keyof Patient)[])[] = [
    ['age_band_5', 'gender', 'ethnic_group', 'postcode_area', 'deprivation_quintile'],
    ['age_band_10', 'gender', 'ethnic_group', 'deprivation_quintile'],
    ['age_band_10', 'gender', 'deprivation_quintile'],
    ['age_band_10', 'gender'],
  ];
  const names: Readonly<Record<string, string>> = {
    A09: 'Certain infectious',
    C50: 'Neoplasms',
    I21: 'Diseases of the circulatory system',
  };
  const dominant = ({ diagnoses }: Patient): string => {
    const counts = new Map<string, number>();
    for (const code of diagnoses) counts.set(names[code]!, (counts.get(names[code]!) ?? 0) + 1);
    return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0] ?? 'none';
  };
  const groupsBy = (people: readonly Patient[], key: (one: Patient) => string): Patient[][] => {
    const groups = new Map<string, Patient[]>();
    for (const one of people) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
    return [...groups.values()];
  };
  const at = (one: Patient, level: number): Shown => {
    const has = (column: keyof Patient): boolean => lattice[level]?.includes(column) ?? false;
    const band = has('age_band_10') ? one.age_band_10 : null;
    return {
      level,
      age_band: has('age_band_5') ? one.age_band_5 : band,
      age_band_10: has('age_band_5') ? one.age_band_10 : band,
      gender: has('gender') ? one.gender : null,
      ethnic_group: has('ethnic_group') ? one.ethnic_group : null,
      postcode_area: has('postcode_area') ? one.postcode_area : null,
      deprivation_quintile: has('deprivation_quintile') ? one.deprivation_quintile : null,
    };
  };
  const diagnosed = patients.some((one) => !one.is_restricted && dominant(one) !== 'none');
  const limit = diagnosed ? dominantPct : null;
  let rest: Patient[] = patients.filter((one) => !one.is_restricted);
  const placed: { readonly level: number; readonly people: Patient[] }[] = [];
  for (const [level, columns] of lattice.entries()) {
    for (const people of groupsBy(rest, (one) => JSON.stringify(columns.map((column) => one[column])))) {
      const most = Math.max(...groupsBy(people, dominant).map((same) => same.length));
      if (people.length < k || (limit !== null && most / people.length >= limit / 100)) continue;
      placed.push({ level, people });
      rest = rest.filter((one) => !people.includes(one));
    }
  }
  const order = (a: unknown, b: unknown): number =>
    a === b ? 0 : a === null ? 1 : b === null ? -1 : String(a) < String(b) ? -1 : 1;
  placed.sort((a, b) => {
    if (a.level !== b.level) return b.level - a.level;
    if (a.people.length !== b.people.length) return a.people.length - b.people.length;
    const [x, y] = [at(a.people[0]!, a.level), at(b.people[0]!, b.level)];
    return shown.map((column) => order(x[column], y[column])).find((one) => one !== 0) ?? 0;
  });
  while (rest.length > 0 && rest.length < k && placed.length > 0) rest.push(...placed.shift()!.people);
  const level = new Map(placed.flatMap((group) => group.people.map((one) => [one, group.level] as const)));
  return patients.map((one) =>
    one.is_restricted ? { ...at(one, 4), level: null } : at(one, level.get(one) ?? 4),
  );
}

describe('any population', () => {
  const bands = fc.constantFrom<[string | null, string | null]>(
    ['0-4', '0-17'],
    ['15-17', '0-17'],
    ['40-44', '40-49'],
    ['45-49', '40-49'],
    ['90+', '90+'],
    [null, null],
  );
  const someone = fc
    .record({
      bands,
      gender: fc.constantFrom('M', 'F'),
      ethnic_group: fc.constantFrom('white', 'asian'),
      postcode_area: fc.constantFrom('LE', 'B', null),
      deprivation_quintile: fc.constantFrom(1, 2, null),
      is_restricted: fc.nat(9).map((n) => n === 0),
      diagnoses: fc.array(fc.constantFrom(...chapters), { maxLength: 3 }),
    })
    .map(({ bands: [age_band_5, age_band_10], ...of }): Patient => ({ ...of, age_band_5, age_band_10 }));

  it('shows what the lattice gives evaluated in plain code, each visible class of at least k patients', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someone, { maxLength: 60 }),
        fc.integer({ min: 2, max: 6 }),
        fc.constantFrom(null, 60, 95),
        async (patients, k, dominantPct) => {
          const rows = await generalised(patients, k, dominantPct);
          expect(rows).toEqual(expected(patients, k, dominantPct));
          const visible = rows.filter(({ level }) => level !== null);
          const classes = new Map<string, number>();
          for (const { level: _level, ...seen } of visible)
            classes.set(JSON.stringify(seen), (classes.get(JSON.stringify(seen)) ?? 0) + 1);
          expect(
            [...classes.values()].every((size) => size >= k) || visible.every(({ level }) => level === 4),
          ).toBe(true);
        },
      ),
      { numRuns: 60, interruptAfterTimeLimit: 40_000 },
    );
  }, 60_000);
});
