import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import {
  columnsRead,
  movedRows,
  noteComing,
  noteGoing,
  patientsMoved,
} from '../../../src/etl/gold/moved-rows.js';
import { measuredEvents } from '../../../src/measures/correction.js';
import { measureDatasets } from '../../../src/schema/datasets.js';
import { martPlan } from '../../../src/schema/mart-plan.js';
import type { DynamicQuery } from '../../../src/warehouse/dialect.js';
import { createTable } from '../../../src/warehouse/duckdb/ddl.js';
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.js';
import { factPrescription } from '../../../src/warehouse/gold/facts.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';

const gold = goldBuilder();
const prescriptions = gold.selectFrom('fact_prescription as p');

describe('the columns that a query reads', () => {
  test('are those that it names, wherever it does', () => {
    const query = prescriptions
      .select(['p.items'])
      .whereRef('p.quantity', '>', 'p.items')
      .orderBy('p.practice_code') as unknown as DynamicQuery;
    expect(columnsRead(factPrescription, query).sort()).toEqual(['items', 'practice_code', 'quantity']);
  });

  test('are all of them where it does not name them', () => {
    const every = Object.keys(factPrescription.columns).filter((column) => column !== 'batch_id');
    for (const query of [
      prescriptions.selectAll(),
      prescriptions.selectAll('p'),
      prescriptions.selectAll().distinct(),
    ])
      expect(columnsRead(factPrescription, query as unknown as DynamicQuery)).toEqual(every);
  });

  test('are those of the inner query where only an outer one takes all', () => {
    const query = gold.selectFrom(prescriptions.select('p.items').as('n')).selectAll('n');
    expect(columnsRead(factPrescription, query as unknown as DynamicQuery)).toEqual(['items']);
  });

  test.each(measureDatasets.map((dataset) => martPlan(dataset)).map((mart) => [mart.name, mart] as const))(
    '%s reads some columns of facts, not all',
    (_name, mart) => {
      const events = measuredEvents(gold, duckdbDialect, mart);
      expect(columnsRead(factPrescription, events).length).toBeLessThan(
        Object.keys(factPrescription.columns).length - 1,
      );
    },
  );
});

describe('patients of whom what a query reads has changed', () => {
  let engine: Engine;
  const folder = mkdtempSync(join(tmpdir(), 'maplewood-test-'));
  beforeAll(async () => {
    engine = await openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit: '256MB' });
    await engine.run(createTable(undefined, factPrescription));
  });
  afterAll(() => {
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  type Row = Readonly<Record<'patient_no' | 'items' | 'quantity', number>>;
  const patients = async (before: readonly Row[], after: readonly Row[]): Promise<number[]> => {
    const load = async (rows: readonly Row[], batch: number): Promise<void> => {
      await engine.run('delete from fact_prescription');
      for (const [at, { patient_no, items, quantity }] of rows.entries())
        await engine.run(
          `insert into fact_prescription by name select unhex(lpad('${batch}${at}', 32, '0')) as prescription_sk, ${patient_no} as patient_no, DATE '2024-01-01' as prescription_date, 'unknown' as bnf_code, 'P' as practice_code, ${quantity} as quantity, ${items} as items, ${batch} as batch_id`,
        );
    };
    await load(before, 1);
    await noteGoing(engine, factPrescription, 'fact_prescription f');
    await load(after, 2);
    await noteComing(engine, factPrescription, 'fact_prescription f');
    const query = prescriptions.select('p.items') as unknown as DynamicQuery;
    const found = await engine.rows<{ patient_no: number }>(
      `${patientsMoved(factPrescription, query)} order by 1`,
    );
    await engine.run(`drop table ${movedRows(factPrescription.name)}`);
    return found.map((row) => row.patient_no);
  };

  test('are not those whose rows differ elsewhere, in the key or the batch', async () =>
    expect(
      await patients(
        [
          { patient_no: 1, items: 2, quantity: 10 },
          { patient_no: 2, items: 2, quantity: 10 },
        ],
        [
          { patient_no: 2, items: 3, quantity: 10 },
          { patient_no: 1, items: 2, quantity: 11 },
        ],
      ),
    ).toEqual([2]));

  test('are those with one more or one less of equal rows, with new rows, and with none any more', async () =>
    expect(
      await patients(
        [
          { patient_no: 1, items: 2, quantity: 1 },
          { patient_no: 1, items: 2, quantity: 1 },
          { patient_no: 3, items: 1, quantity: 1 },
          { patient_no: 4, items: 1, quantity: 1 },
        ],
        [
          { patient_no: 1, items: 2, quantity: 1 },
          { patient_no: 2, items: 1, quantity: 1 },
          { patient_no: 4, items: 1, quantity: 1 },
        ],
      ),
    ).toEqual([1, 2, 3]));

  test('are both, where a row goes from one to another', async () =>
    expect(
      await patients([{ patient_no: 1, items: 2, quantity: 1 }], [{ patient_no: 2, items: 2, quantity: 1 }]),
    ).toEqual([1, 2]));
});
