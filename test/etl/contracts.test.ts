import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Contract, SourceType } from '../../src/etl/contracts/contract.js';
import { contracts } from '../../src/etl/contracts/index.js';

const silver = (type: SourceType): string =>
  ({
    text: 'varchar',
    codes: 'varchar',
    integer: 'bigint',
    decimal: 'decimal(18,4)',
    boolean: 'boolean',
    date: 'date',
    localTime: 'timestamp',
  })[type.kind];

/** Rules that a row of the given columns (SQL literals; the rest null) violates. */
async function violated(
  connection: DuckDBConnection,
  contract: Contract,
  row: Record<string, string>,
): Promise<string[]> {
  const columns = Object.entries(contract.columns).map(
    ([column, { type }]) => `cast(${row[column] ?? 'null'} as ${silver(type)}) as ${column}`,
  );
  const rules = contract.rules.map(({ violated: test }) => `coalesce(${test}, false)`);
  const result = await connection.runAndReadAll(
    `select ${rules.join(', ')} from (select ${columns.join(', ')})`,
  );
  const [flags = []] = result.getRowsJS();
  return contract.rules.filter((_, index) => flags[index]).map(({ id }) => id);
}

describe('source contracts', () => {
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;
  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:');
    connection = await instance.connect();
  });
  afterAll(() => {
    connection.closeSync();
    instance.closeSync();
  });
  const check = (dataset: string, row: Record<string, string>) =>
    violated(connection, contracts.get(dataset)!, row);

  it('stand in load order', () => {
    expect([...contracts.keys()]).toEqual([
      'trusts',
      'practices',
      'patients',
      'sus_episodes',
      'ecds_attendances',
      'mhsds_referrals',
      'csds_contacts',
      'prescriptions',
      'social_care',
      'patient_journeys',
      'conditions',
      'procedures',
      'observations',
    ]);
    const seen = new Set<string>();
    for (const { dataset, references } of contracts.values()) {
      for (const reference of references) expect(seen).toContain(reference.dataset);
      seen.add(dataset);
    }
  });

  it('require their keys, and patients and trusts for a release', () => {
    for (const { key, columns } of contracts.values()) {
      for (const column of key) expect(columns[column]).toMatchObject({ required: true, mustExist: true });
    }
    expect([...contracts.values()].filter((c) => c.requiredForRelease).map((c) => c.dataset)).toEqual([
      'trusts',
      'patients',
    ]);
  });

  it('have rules that DuckDB can evaluate, none of which an empty row violates except those about missing values', async () => {
    for (const contract of contracts.values()) {
      const about = (await violated(connection, contract, {})).filter((id) => !id.endsWith('_MISSING'));
      expect(about).toEqual([]);
    }
  });

  it('have valid patterns and no alias that is a column', () => {
    for (const { columns } of contracts.values()) {
      const aliases = Object.values(columns).flatMap((column) => column.aliases ?? []);
      expect(new Set(aliases).size).toBe(aliases.length);
      for (const alias of aliases) expect(Object.keys(columns)).not.toContain(alias);
      for (const { pattern } of Object.values(columns))
        if (pattern) expect(() => new RegExp(pattern)).not.toThrow();
    }
  });

  it('have one NEGATIVE_VALUE rule a number', () => {
    for (const { columns, rules } of contracts.values()) {
      // A measured value may lie below zero, and says so.
      const numbers = Object.keys(columns).filter((column) => {
        const { type } = columns[column]!;
        return type.kind === 'integer' || (type.kind === 'decimal' && type.min >= 0);
      });
      expect(rules.filter(({ id }) => id === 'NEGATIVE_VALUE').map(({ column }) => column)).toEqual(numbers);
    }
  });

  const cases: readonly [string, string, Record<string, string>, boolean][] = [
    [
      'SUS_DISCHARGE_BEFORE_ADMISSION',
      'sus_episodes',
      { admission_date: "'2023-01-02'", discharge_date: "'2023-01-01'" },
      true,
    ],
    [
      'SUS_DISCHARGE_BEFORE_ADMISSION',
      'sus_episodes',
      { admission_date: "'2023-01-02'", discharge_date: "'2023-01-02'" },
      false,
    ],
    ['SUS_DISCHARGE_BEFORE_ADMISSION', 'sus_episodes', { admission_date: "'2023-01-02'" }, false],
    ['NEGATIVE_VALUE', 'sus_episodes', { length_of_stay: '-1' }, true],
    ['NEGATIVE_VALUE', 'prescriptions', { actual_cost: '-0.01' }, true],
    ['NEGATIVE_VALUE', 'sus_episodes', { length_of_stay: '0' }, false],
    [
      'ICD10_LOOKS_LIKE_OPCS4',
      'sus_episodes',
      { admission_method: "'11'", primary_diagnosis: "'W37'" },
      true,
    ],
    [
      'ICD10_LOOKS_LIKE_OPCS4',
      'sus_episodes',
      { admission_method: "'21'", primary_diagnosis: "'W37'" },
      false,
    ],
    ['ICD10_TRUNCATED', 'sus_episodes', { primary_diagnosis: "'J18'" }, true],
    ['ICD10_TRUNCATED', 'sus_episodes', { primary_diagnosis: "'J189'" }, false],
    ['ICD10_TRUNCATED', 'sus_episodes', { primary_diagnosis: "'INVALID'" }, false],
    ['ICD10_TRUNCATED', 'sus_episodes', { primary_diagnosis: "'T87'" }, false],
    ['HRG_ROOT', 'sus_episodes', { hrg_code: "'AA22'" }, true],
    ['HRG_ROOT', 'sus_episodes', { hrg_code: "'AA22C'" }, false],
    ['ADMISSION_SOURCE_UNKNOWN', 'sus_episodes', { admission_source: "'01'" }, true],
    ['SECONDARY_REPEATED', 'sus_episodes', { secondary_diagnoses: "'E11,I10,E11'" }, true],
    ['SECONDARY_REPEATED', 'sus_episodes', { secondary_diagnoses: "'E11,I10'" }, false],
    [
      'PROCEDURE_REPEATED',
      'sus_episodes',
      { primary_procedure: "'Z92'", secondary_procedures: "'H02,Z92'" },
      true,
    ],
    [
      'PROCEDURE_REPEATED',
      'sus_episodes',
      { primary_procedure: "'Z9'", secondary_procedures: "'H02,Z92'" },
      false,
    ],
    [
      'ED_DEPARTURE_NOT_AFTER_ARRIVAL',
      'ecds_attendances',
      { arrival_datetime: "'2023-01-01 10:00'", departure_datetime: "'2023-01-01 10:00'" },
      true,
    ],
    ['ED_DEPARTURE_NOT_AFTER_ARRIVAL', 'ecds_attendances', { arrival_datetime: "'2023-01-01 10:00'" }, false],
    [
      'ED_TREATED_AFTER_LEAVING',
      'ecds_attendances',
      { time_to_treatment_mins: '61', total_time_mins: '60' },
      true,
    ],
    [
      'ED_TREATED_AFTER_LEAVING',
      'ecds_attendances',
      { time_to_treatment_mins: '60', total_time_mins: '60' },
      false,
    ],
    [
      'REFERRAL_DATE_ORDER',
      'mhsds_referrals',
      { referral_date: "'2023-01-02'", discharge_date: "'2023-01-01'" },
      true,
    ],
    [
      'REFERRAL_DATE_ORDER',
      'mhsds_referrals',
      { referral_date: "'2023-01-02'", first_contact_date: "'2023-01-02'" },
      false,
    ],
    [
      'PACKAGE_END_BEFORE_START',
      'social_care',
      { start_date: "'2023-01-02'", end_date: "'2023-01-01'" },
      true,
    ],
    ['PRACTICE_MISSING', 'patients', {}, true],
    ['NHS_NUMBER_MISSING', 'patients', { nhs_number: "'INVALID'" }, false],
    ['NHS_NUMBER_SHARED', 'patients', { nhs_number: "'PSEUDO_00562E00FF16CA09'" }, true],
  ];
  it.each(cases)('%s in %s of %j: %s', async (rule, dataset, row, expected) => {
    expect((await check(dataset, row)).includes(rule)).toBe(expected);
  });
});

const data = process.env['MAPLEWOOD_TEST_DATA'];
const describeData = data && existsSync(data) ? describe : describe.skip;

describeData(
  'source contracts on the sample data (skipped: MAPLEWOOD_TEST_DATA is not the folder of it)',
  () => {
    const expected: Record<string, Record<string, [number, number]>> = {
      patients: {
        NHS_NUMBER_MISSING: [277, 254],
        NHS_NUMBER_SHARED: [11, 17],
        PRACTICE_MISSING: [212, 242],
        NHS_NUMBER_INVALID: [255, 261],
      },
      sus_episodes: {
        SUS_DISCHARGE_BEFORE_ADMISSION: [1788, 1815],
        NHS_NUMBER_INVALID: [2923, 2676],
        NHS_NUMBER_MISSING: [2941, 2619],
        DIAGNOSIS_INVALID: [4115, 4026],
        ICD10_LOOKS_LIKE_OPCS4: [47_699, 47_765],
        ICD10_TRUNCATED: [57_854, 57_877],
        HRG_ROOT: [109_668, 109_668],
        ADMISSION_SOURCE_UNKNOWN: [29_773, 29_793],
        SECONDARY_REPEATED: [4288, 4188],
        PROCEDURE_REPEATED: [5537, 5534],
        SECONDARY_MISSING: [46_538, 46_917],
        WARD_MISSING: [17_573, 17_630],
        PROCEDURE_MISSING: [22_393, 22_298],
        NEGATIVE_VALUE: [0, 0],
      },
      ecds_attendances: {
        NHS_NUMBER_INVALID: [1846, 1718],
        NHS_NUMBER_MISSING: [1835, 1602],
        ED_DEPARTURE_NOT_AFTER_ARRIVAL: [0, 0],
        ED_TREATED_AFTER_LEAVING: [11_555, 11_568],
      },
      mhsds_referrals: {
        NHS_NUMBER_INVALID: [46, 37],
        NHS_NUMBER_MISSING: [32, 38],
        REFERRAL_DATE_ORDER: [0, 0],
      },
      csds_contacts: { NHS_NUMBER_INVALID: [178, 268], NHS_NUMBER_MISSING: [230, 272] },
      social_care: {
        NHS_NUMBER_INVALID: [7, 2],
        NHS_NUMBER_MISSING: [1, 1],
        PACKAGE_END_BEFORE_START: [0, 0],
      },
      prescriptions: { NHS_NUMBER_INVALID: [Number.NaN, 5948], NHS_NUMBER_MISSING: [Number.NaN, 5955] },
      trusts: {},
      practices: {},
      patient_journeys: {},
    };
    it.each(Object.keys(expected))('%s: columns, forms and counts', async (dataset) => {
      const contract = contracts.get(dataset)!;
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      for (const [index, folder] of ['nhs_seed_original', 'nhs_synth_10k/parquet'].entries()) {
        const path = join(data!, folder, `${dataset}.parquet`);
        if (!existsSync(path)) continue;
        const described = await connection.runAndReadAll(`describe select * from '${path}'`);
        const delivered = described.getRowsJS().map(([column]) => column);
        // An optional column may be absent, as the dose of a prescription is from both sets.
        const ofTables = Object.entries(contract.columns).filter(
          ([column, { origin, optional }]) => origin !== 'fhir' && (!optional || delivered.includes(column)),
        );
        expect(delivered).toEqual(ofTables.map(([column]) => column));
        const typed = ofTables.map(
          ([column, { type }]) =>
            `cast(nullif(trim(cast(${column} as varchar)), '') as ${silver(type)}) as ${column}`,
        );
        const tests = new Map(Object.keys(expected[dataset]!).map((id) => [id, [] as string[]]));
        for (const { id, violated: test } of contract.rules) tests.get(id)?.push(`(${test})`);
        const unusual: string[] = [];
        for (const [column, { sentinels, pattern }] of ofTables) {
          const not = sentinels
            ? ` and ${column} not in (${sentinels.values.map((value) => `'${value}'`).join(', ')})`
            : '';
          if (sentinels)
            tests
              .get(sentinels.rule)
              ?.push(`${column} in (${sentinels.values.map((value) => `'${value}'`).join(', ')})`);
          if (pattern) unusual.push(`(not regexp_full_match(${column}, '${pattern}')${not})`);
        }
        const counts = [...tests.values()].map((any) => `count(*) filter (${any.join(' or ')})::integer`);
        const form = `count(*) filter (${unusual.join(' or ') || 'false'})::integer`;
        const rows = await connection.runAndReadAll(
          `select ${[...counts, form].join(', ')} from (select ${typed.join(', ')} from '${path}')`,
        );
        const [values = []] = rows.getRowsJS();
        const found = Object.fromEntries([...tests.keys(), 'unusual'].map((id, at) => [id, values[at]]));
        const wanted = Object.fromEntries(
          Object.entries(expected[dataset]!).map(([id, both]) => [id, both[index]]),
        );
        const unusualCommissioners = dataset === 'trusts' ? found['unusual'] : 0;
        expect(found).toEqual({ ...wanted, unusual: unusualCommissioners });
      }
      connection.closeSync();
      instance.closeSync();
    });
  },
);
