import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { dimPriceSql, factCostSql } from '../../../src/etl/gold/costs.js';
import { createTable } from '../../../src/warehouse/duckdb/ddl.js';
import { dimPrice, factCost } from '../../../src/warehouse/gold/costs.js';
import { goldTables } from '../../../src/warehouse/gold/index.js';
import type { ColumnDeclaration } from '../../../src/warehouse/table.js';
import { root } from '../../support/landing.js';

let instance: DuckDBInstance;
let connection: DuckDBConnection;

type Row = Readonly<Record<string, string | number | null>>;
/** The rows of all settings. */
const costsSql = (dataAsOf: string): string =>
  factCostSql((fact) => fact, dataAsOf)
    .map((select) => `select * from (${select})`)
    .join(' union all ');

const read = async (sql: string): Promise<Record<string, unknown>[]> =>
  (await connection.runAndReadAll(sql)).getRowObjectsJS();

const literal = (
  { type, nullable }: ColumnDeclaration,
  value: string | number | null | undefined,
): string => {
  if (value === null || (value === undefined && nullable)) return 'null';
  if (type.kind === 'key128') return "'\\x00'::blob";
  if (type.kind === 'text') return `'${value ?? '-'}'`;
  if (type.kind === 'date' || type.kind === 'instant') return `'${value ?? '2000-01-01'}'`;
  return type.kind === 'boolean' ? 'false' : String(value ?? 0);
};

/** Replaces the rows of a table; columns that a row does not name are null or neutral. */
async function given(name: string, rows: readonly Row[]): Promise<void> {
  const declared = goldTables.find((table) => table.name === name)!;
  await connection.run(`delete from ${name}`);
  for (const row of rows) {
    const values = Object.entries(declared.columns).map(([column, one]) => literal(one, row[column]));
    await connection.run(`insert into ${name} values (${values.join(', ')})`);
  }
}

const costs = (dataAsOf = '2023-12-31'): Promise<Record<string, unknown>[]> =>
  read(
    `select patient_no, setting, cast(day as varchar) as day, trust_code, age_band, deprivation_quintile, cast(amount as varchar) as amount from (${costsSql(dataAsOf)}) order by all`,
  );

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  for (const table of goldTables) await connection.run(createTable(undefined, table));
  await connection.run(`insert into dim_price ${dimPriceSql(join(root, 'reference'))}`);
  await given('dim_patient', [
    { patient_no: 1, gender: 'F', ethnic_group: 'white', practice_code: 'unknown', deprivation_quintile: 1 },
    {
      patient_no: 2,
      gender: 'M',
      ethnic_group: 'white',
      practice_code: 'unknown',
      deprivation_quintile: null,
    },
  ]);
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

describe('prices', () => {
  it('are those of the list, valid for ever where it says nothing else', async () => {
    expect(
      await read(
        "select setting, code, unit, cast(price as varchar) as price, cast(valid_from as varchar) as f, cast(valid_to as varchar) as t from dim_price where setting <> 'ACUTE' order by all",
      ),
    ).toEqual([
      { setting: 'COMMUNITY', code: '*', unit: 'minute', price: '2.50', f: '1900-01-01', t: '9999-12-31' },
      {
        setting: 'EMERGENCY',
        code: '*',
        unit: 'attendance',
        price: '280.00',
        f: '1900-01-01',
        t: '9999-12-31',
      },
      {
        setting: 'MENTAL_HEALTH',
        code: '*',
        unit: 'contact',
        price: '180.00',
        f: '1900-01-01',
        t: '9999-12-31',
      },
    ]);
    expect(Object.keys(dimPrice.columns)).toHaveLength(9);
  });
});

describe('costs of events', () => {
  const spell = { patient_no: 1, trust_code: 'RAA', age_at_event: 90 };
  it('price a spell by the root of its HRG on the day of discharge, and none that has not ended', async () => {
    await given('fact_spell', [
      { ...spell, discharge_date: '2024-02-01', hrg_code: 'DZ19' },
      { ...spell, discharge_date: '2023-01-01', hrg_code: 'DZ19A', patient_no: 2, age_at_event: null },
      { ...spell, discharge_date: '2023-01-02', hrg_code: 'unknown' },
      { ...spell, discharge_date: null, hrg_code: 'DZ19' },
    ]);
    const acute = {
      patient_no: 1,
      setting: 'ACUTE',
      trust_code: 'RAA',
      age_band: '90+',
      deprivation_quintile: '1',
    };
    expect(await costs()).toEqual([
      { ...acute, day: '2023-01-02', amount: '2000.000000' },
      { ...acute, day: '2024-02-01', amount: '8900.000000' },
      {
        ...acute,
        patient_no: 2,
        day: '2023-01-01',
        age_band: 'unknown',
        deprivation_quintile: 'unknown',
        amount: '8900.000000',
      },
    ]);
    await given('fact_spell', []);
  });

  it('multiply contacts and minutes, take prescriptions as paid, and know no trust outside hospitals', async () => {
    const one = { patient_no: 1, age_at_event: 17 };
    await given('fact_ed_attendance', [{ ...one, arrival_date: '2023-01-01', trust_code: 'RAB' }]);
    await given('fact_referral', [
      { ...one, referral_date: '2023-01-02', total_contacts: 3 },
      { ...one, referral_date: '2023-01-03', total_contacts: null },
    ]);
    await given('fact_contact', [{ ...one, contact_date: '2023-01-04', duration_minutes: 15 }]);
    await given('fact_prescription', [
      {
        ...one,
        prescription_date: '2023-01-05',
        actual_cost: '12.34',
        net_ingredient_cost: '13.00',
        items: 1,
      },
    ]);
    const found = await costs();
    expect(found.map(({ setting, day, trust_code, amount }) => [setting, day, trust_code, amount])).toEqual([
      ['COMMUNITY', '2023-01-04', 'not attributable', '37.500000'],
      ['EMERGENCY', '2023-01-01', 'RAB', '280.000000'],
      ['MENTAL_HEALTH', '2023-01-02', 'not attributable', '540.000000'],
      ['MENTAL_HEALTH', '2023-01-03', 'not attributable', null],
      ['PRESCRIBING', '2023-01-05', 'not attributable', '12.340000'],
    ]);
    for (const fact of ['fact_ed_attendance', 'fact_referral', 'fact_contact', 'fact_prescription'])
      await given(fact, []);
  });
});

describe('costs of care packages', () => {
  const pack = { patient_no: 1, package_type: 'HOMECARE', status: 'Active', age_at_event: 80 };
  const dayOf = (offset: number): string =>
    new Date(Date.UTC(2023, 0, 1) + offset * 86_400_000).toISOString().slice(0, 10);

  it('are spread over their days, with a row for each week in each month', async () => {
    await given('fact_care_package', [
      { ...pack, start_date: '2023-01-26', end_date: '2023-02-07', weekly_cost: '100.00' },
    ]);
    expect((await costs()).map(({ day, amount }) => [day, amount])).toEqual([
      ['2023-01-26', '57.142857'],
      ['2023-01-30', '28.571429'],
      ['2023-02-01', '71.428571'],
      ['2023-02-06', '14.285714'],
    ]);
  });

  it('run to the last day with data where a package is open, and are none for a package of no day', async () => {
    await given('fact_care_package', [
      { ...pack, start_date: '2023-12-25', end_date: null, weekly_cost: '70.00' },
      { ...pack, start_date: '2024-01-05', end_date: null, weekly_cost: '70.00' },
      { ...pack, start_date: '2023-12-25', end_date: '2023-12-25', weekly_cost: '70.00' },
    ]);
    expect((await costs()).map(({ day, amount }) => [day, amount])).toEqual([['2023-12-25', '70.000000']]);
  });

  it('are weekly cost × days / 7 in every run of weeks or months, to a millionth of a pound', async () => {
    const size = fc.record({
      start: fc.nat({ max: 100 }),
      length: fc.nat({ max: 120 }),
      weekly: fc.integer({ min: 0, max: 99_999_999 }),
    });
    await fc.assert(
      fc.asyncProperty(size, async ({ start, length, weekly }) => {
        const [first, end] = [dayOf(start), dayOf(start + length)];
        await given('fact_care_package', [
          { ...pack, start_date: first, end_date: end, weekly_cost: (weekly / 100).toFixed(2) },
        ]);
        for (const bucket of ['week', 'month', 'quarter', 'year']) {
          const wrong =
            await read(`with d as (select cast(d as date) as day from generate_series(timestamp '${first}', timestamp '${end}' - interval 1 day, interval 1 day) t(d)),
  days as (select date_trunc('${bucket}', day) as b, count(*) as n from d group by all),
  costs as (select date_trunc('${bucket}', day) as b, sum(amount) as amount from (${costsSql('2023-12-31')}) group by all)
select * from days full join costs using (b) where amount is null or n is null or abs(amount * 700 - ${weekly} * n) > 0.0008`);
          expect(wrong).toEqual([]);
        }
      }),
      { numRuns: 30, seed: 11 },
    );
  });
});

it('gives a cost every column of its table', async () => {
  const [row] = await read(`select count(*)::int as n from (describe ${costsSql('2023-12-31')})`);
  expect(row).toEqual({ n: Object.keys(factCost.columns).length });
});
