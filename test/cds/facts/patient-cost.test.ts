import 'reflect-metadata';
import { join } from 'node:path';
import { highCostCohort } from '../../../src/schema/people/high-cost-cohort.js';
import { synthesise } from '../../../src/synth/synthesise.js';
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';
import type { ReleaseHandle, Warehouse } from '../../../src/warehouse/warehouse.js';
import { configAt, loadAt, measuresAlone } from '../../support/home.js';
import { root, temporaryFolder } from '../../support/landing.js';
import { at, openFacts, relationRows } from './facts-at.js';

const folder = temporaryFolder();
let warehouse: Warehouse;
let handle: ReleaseHandle;

beforeAll(async () => {
  const landing = join(folder, 'landing');
  const config = measuresAlone(configAt(join(folder, 'home')));
  // Half of it lies before the last whole calendar year's end, half after.
  await synthesise({
    out: landing,
    patients: 1_000,
    seed: 7,
    years: 1,
    faultRate: 0.05,
    start: '2023-07-01',
    referenceDir: join(root, 'reference'),
  });
  await loadAt(config, landing);
  warehouse = await openFacts(config, folder);
  handle = warehouse.open();
}, 120_000);
afterAll(async () => {
  handle.close();
  await warehouse.close();
});

/** What the dataset of high-cost patients shows to finance by default: pounds by patient. */
async function highCost(topPercent: number): Promise<Map<number, number>> {
  const cohort = highCostCohort({
    gold: goldBuilder(handle.schema),
    dialect: duckdbDialect,
    role: 'finance',
    args: { topPercent, window: 'LAST_CALENDAR_YEAR', includePrescribing: true, includeSocialCare: false },
    dataAsOf: handle.info.dataAsOf,
    names: new Set(['totalCost']),
    inScope: () => undefined,
  });
  const { columns } = await handle.read(
    duckdbDialect.compile(cohort.clearSelect().select(['y.patient_no', 'y.total_cost'])),
    [
      { name: 'patient_no', type: { kind: 'int32' } },
      { name: 'total_cost', type: { kind: 'double' } },
    ],
  );
  return new Map((columns[0] ?? []).map((patient, row) => [Number(patient), Number(columns[1]?.[row])]));
}

describe('the cost of a patient', () => {
  it('is that of the dataset of high-cost patients with its defaults', async () => {
    const rows = await relationRows(handle, 'patient_cost: total_cost, in_top5', at('2025-01-01T00:00:00'));
    expect(rows.length).toBeGreaterThan(300);
    const pounds = (of: readonly (typeof rows)[number][]): Map<number, number> =>
      new Map(of.map(({ patient, values }) => [patient, Number(values['total_cost'])]));
    expect(pounds(rows)).toEqual(await highCost(100));
    expect(pounds(rows.filter(({ values }) => values['in_top5'] === true))).toEqual(await highCost(5));
  });
});
