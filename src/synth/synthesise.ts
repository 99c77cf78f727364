import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import { MaplewoodError, systemCode } from '../errors.js';
import { insertAttendances } from './attendances.js';
import { bedBaseTables, chunkVisits } from './bed-base.js';
import { caseMixTables } from './case-mix.js';
import { insertContacts } from './community.js';
import { conditionTables } from './conditions.js';
import { datasets, workingTables } from './datasets.js';
import { deliver } from './delivery.js';
import { codeMacros, districtTable, practiceTable } from './geography.js';
import { insertJourneys } from './journeys.js';
import { findFaults, writeManifest } from './manifest.js';
import { insertReferrals } from './mental-health.js';
import { nhsNumberMacros } from './nhs-number.js';
import { deliverObservations, insertObservations, observationTable } from './observations.js';
import { planSynthesis, type SynthOptions, type SynthPlan } from './options.js';
import {
  conditionTable,
  faultyPatients,
  insertPatients,
  personNumberTable,
  personTable,
} from './patients.js';
import { insertPrescriptions, medicineTable } from './prescribing.js';
import { randomMacros } from './random.js';
import { medicinePriceTable } from './reference.js';
import { dataEndTable } from './rules.js';
import { insertPackages } from './social-care.js';
import { insertSpells, stayTable } from './spells.js';
import { trustTable } from './trusts.js';
import {
  clockChangeTable,
  firstVisits,
  insertSettledVisits,
  returns,
  settledVisitTable,
  visits,
} from './visits.js';

export type { SynthOptions } from './options.js';

export interface SynthSummary {
  tables: { dataset: string; rows: number; file: string }[];
  /** Violations of all rules together. */
  faults: number;
  seconds: number;
}

/** What a run takes from its surroundings. */
export interface SynthEffects {
  readonly now: () => number;
  /** Settings of the embedded DuckDB; memory is bounded, the rest spills into the scratch folder. */
  readonly engine: Readonly<Record<string, string>>;
}

const defaultEffects: SynthEffects = { now: () => performance.now(), engine: { memory_limit: '2GB' } };

/** Patients made at a time. All events of a patient follow from the patient, so chunks are independent. */
const chunkPatients = 25_000;

function chunksOf(plan: SynthPlan): [from: number, to: number][] {
  const chunks: [number, number][] = [];
  for (let from = 0; from < plan.patients; from += chunkPatients) {
    chunks.push([from, Math.min(plan.patients, from + chunkPatients)]);
  }
  return chunks;
}

async function runAll(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await connection.run(statement);
}

async function prepare(connection: DuckDBConnection, plan: SynthPlan): Promise<void> {
  await runAll(connection, [
    ...randomMacros(plan.seed),
    ...nhsNumberMacros(plan.seed),
    ...codeMacros,
    districtTable(),
    clockChangeTable(plan),
    ...caseMixTables(),
    ...conditionTables(),
    await medicinePriceTable(plan.referenceDir),
    ...workingTables(),
    practiceTable(plan),
    settledVisitTable,
    ...(plan.observations ? [observationTable] : []),
  ]);
}

/** Inserts the rows of one chunk and moves the dataset's row counter on. */
type Insert = (dataset: string, statement: (rowsBefore: number) => string) => Promise<void>;

/** First pass: when and where the patients of a chunk are seen, before beds run short. */
async function simulateChunk(
  connection: DuckDBConnection,
  plan: SynthPlan,
  from: number,
  to: number,
): Promise<void> {
  await runAll(connection, [
    personTable(plan, from, to),
    ...firstVisits(plan),
    visits(plan, 0),
    returns(plan, 1),
    visits(plan, 1),
    returns(plan, 2),
    visits(plan, 2),
    insertSettledVisits(plan),
  ]);
}

/** Second pass: the delivered rows of a chunk, with discharges as the bed base allowed. */
async function recordChunk(
  connection: DuckDBConnection,
  plan: SynthPlan,
  from: number,
  to: number,
  insert: Insert,
): Promise<void> {
  await runAll(connection, [
    personTable(plan, from, to),
    conditionTable,
    insertPatients(plan),
    personNumberTable,
    ...chunkVisits(from, to),
    stayTable(plan),
    medicineTable,
  ]);
  await insert('sus_episodes', (rows) => insertSpells(plan, rows));
  await insert('ecds_attendances', (rows) => insertAttendances(plan, rows));
  await insert('mhsds_referrals', (rows) => insertReferrals(plan, rows));
  await insert('csds_contacts', (rows) => insertContacts(plan, rows));
  await insert('prescriptions', (rows) => insertPrescriptions(plan, rows));
  if (plan.observations) await connection.run(insertObservations(plan));
  await insert('social_care', (rows) => insertPackages(plan, rows));
  await insert('patient_journeys', (rows) => insertJourneys(from, to, rows));
}

/** Row numbers of the small tables, once all their rows are there. */
const numberRows = (table: string, order: string): string[] => [
  `ALTER TABLE ${table} RENAME TO ${table}_unnumbered`,
  `CREATE TABLE ${table} AS SELECT row_number() OVER (ORDER BY ${order}) AS row_no, * FROM ${table}_unnumbered ORDER BY ${order}`,
  `DROP TABLE ${table}_unnumbered`,
];

async function makeTables(
  connection: DuckDBConnection,
  plan: SynthPlan,
  tick: (step: string) => void,
): Promise<void> {
  tick('reference');
  await prepare(connection, plan);
  const rows = new Map<string, number>();
  const insert: Insert = async (dataset, statement) => {
    const before = rows.get(dataset) ?? 0;
    const { rowsChanged } = await connection.run(statement(before));
    rows.set(dataset, before + rowsChanged);
  };
  const chunks = chunksOf(plan);
  for (const [from, to] of chunks) {
    tick('visits');
    await simulateChunk(connection, plan, from, to);
  }
  tick('beds');
  await runAll(connection, bedBaseTables(plan));
  for (const [from, to] of chunks) {
    tick('records');
    await recordChunk(connection, plan, from, to, insert);
  }
  await runAll(connection, [
    ...faultyPatients(plan),
    ...numberRows('patients', 'section, n'),
    ...numberRows('practices', 'section, i'),
    trustTable(plan),
    dataEndTable,
  ]);
}

async function inScratch<T>(
  plan: SynthPlan,
  effects: SynthEffects,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const scratch = join(plan.out, '.scratch');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  try {
    const instance = await DuckDBInstance.create(join(scratch, 'work.duckdb'), {
      temp_directory: join(scratch, 'spill'),
      ...effects.engine,
    });
    try {
      const connection = await instance.connect();
      try {
        return await work(connection);
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function asMaplewoodError(error: unknown): unknown {
  if (error instanceof MaplewoodError) return error;
  const text = error instanceof Error ? error.message : '';
  if (systemCode(error) === 'ENOSPC' || /no space left/i.test(text)) {
    return new MaplewoodError('DISK_FULL', 'The disk is full; no half file was left behind.', {
      cause: error,
    });
  }
  const denied = systemCode(error);
  if (denied !== undefined && ['EACCES', 'EROFS', 'ENOTDIR', 'EPERM', 'EEXIST'].includes(denied)) {
    return new MaplewoodError('USAGE', 'The output folder cannot be written.', { cause: error });
  }
  return error;
}

/**
 * Makes the ten source tables, if asked for FHIR Observations, and `faults.json` in `options.out`, as described in this folder's README.
 *
 * Equal seed, patients, years, fault rate and start give equal tables, on any number of threads.
 * @throws MaplewoodError `USAGE` for numbers out of range or an unwritable folder, `CONFIGURATION` without the
 * code lists, `DISK_FULL`.
 */
export async function synthesise(
  options: SynthOptions,
  progress: (step: string, done: number, total: number) => void = () => undefined,
  effects: SynthEffects = defaultEffects,
): Promise<SynthSummary> {
  const plan = planSynthesis(options);
  const began = effects.now();
  const total = 3 + 2 * chunksOf(plan).length + datasets.length;
  let done = 0;
  const tick = (step: string): void => progress(step, done++, total);
  try {
    return await inScratch(plan, effects, async (connection) => {
      await makeTables(connection, plan, tick);
      const tables: SynthSummary['tables'] = [];
      for (const dataset of datasets) {
        tick(dataset.name);
        tables.push({ dataset: dataset.name, ...(await deliver(connection, plan, dataset)) });
      }
      if (plan.observations)
        tables.push({ dataset: 'fhir', ...(await deliverObservations(connection, plan)) });
      tick('faults');
      const manifest = await findFaults(connection, plan);
      await writeManifest(plan, manifest);
      progress('done', total, total);
      const faults = Object.values(manifest.counts).reduce((sum, count) => sum + count, 0);
      return { tables, faults, seconds: (effects.now() - began) / 1000 };
    });
  } catch (error) {
    throw asMaplewoodError(error);
  }
}
