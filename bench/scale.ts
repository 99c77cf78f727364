import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { RunReport } from '../src/etl/report.js';
import { etlRun, figure, print, type Timed } from './timed.js';

const trusts = 20;
/** Episodes of each patient. */
const episodesEach = 5;

/** A day of about three years, spread evenly, from the number of a row. */
const day = "cast(date '2022-01-01' + cast(i * 7919 % 1000 as integer) as date)";
const pickOne = (values: readonly string[], by: string): string =>
  `[${values.map((value) => `'${value}'`).join(', ')}][cast(${by} % ${values.length} as integer) + 1]`;

/** Columns of each table over the number `i` of a row. */
const tablesOf = (patients: number) => ({
  trusts: {
    trust_code: "'R' || chr(cast(65 + i % 26 as integer)) || cast(i % 10 as varchar)",
    trust_name: "'Trust ' || i",
    beds: '600 + i * 10',
  },
  patients: {
    patient_id: "'P' || i",
    date_of_birth: "cast(date '1930-01-01' + cast(i * 104729 % 33000 as integer) as date)",
    gender: pickOne(['M', 'F'], 'i'),
    ethnicity: pickOne(['A', 'B', 'H', 'N'], 'i'),
    deprivation_decile: '1 + i % 10',
  },
  sus_episodes: {
    episode_id: "'E' || i",
    patient_id: `'P' || (i * 31 % ${patients})`,
    trust_code: `'R' || chr(cast(65 + i % ${trusts} % 26 as integer)) || cast(i % ${trusts} % 10 as varchar)`,
    admission_date: day,
    discharge_date: `cast(${day} + cast(i * 13 % 12 as integer) as date)`,
    admission_method: pickOne(['11', '12', '21', '22'], 'i'),
    discharge_destination: pickOne(['19', '29'], 'i'),
    // Of several chapters: rows of patients of whom one thing is known are shown to nobody.
    primary_diagnosis: pickOne(['A099', 'C349', 'I219', 'J189', 'K352', 'N390', 'S720'], 'i'),
    specialty: pickOne(['100', '300'], 'i'),
    length_of_stay: 'i * 13 % 12',
  },
  prescriptions: {
    prescription_id: "'M' || i",
    patient_id: `'P' || (i * 37 % ${patients})`,
    practice_code: "'A' || (81000 + i % 50)",
    prescription_date: day,
    bnf_code: pickOne(['0103050L0AAAAAA', '0103050P0AAAAAA'], 'i'),
    quantity: '1 + i % 56',
    net_ingredient_cost: 'cast((100 + i % 900) / 100 as decimal(15, 2))',
    actual_cost: 'cast((90 + i % 900) / 100 as decimal(15, 2))',
    prescription_items: '1',
  },
});

/** Parquet straight from SQL: so many episodes, twice as many prescriptions. */
async function makeLanding(landing: string, episodes: number): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '1GB',
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  const patients = Math.ceil(episodes / episodesEach);
  const rows = { trusts, patients, sus_episodes: episodes, prescriptions: episodes * 2 };
  for (const [dataset, columns] of Object.entries(tablesOf(patients))) {
    mkdirSync(join(landing, dataset), { recursive: true });
    const select = Object.entries(columns).map(([column, value]) => `${value} as ${column}`);
    await connection.run(
      `copy (select ${select.join(', ')} from range(${rows[dataset as keyof typeof rows]}) r(i)) to '${join(landing, dataset, `${dataset}.parquet`)}' (format parquet)`,
    );
  }
  connection.closeSync();
  instance.closeSync();
  return Object.values(rows).reduce((sum, n) => sum + n, 0);
}

/** A full load of so many episodes and twice as many prescriptions; what it made is removed again. */
async function load(root: string, folder: string, episodes: number): Promise<Timed> {
  const landing = join(folder, 'landing');
  const home = join(folder, 'home');
  const rows = await makeLanding(landing, episodes);
  const run = etlRun(root, folder, home, landing);
  const { sources } = JSON.parse(run.output) as RunReport;
  const silver = sources.reduce((sum, source) => sum + source.silver, 0);
  print(
    `  ${rows.toLocaleString('en-GB')} rows, ${silver.toLocaleString('en-GB')} accepted: ${run.wall.toFixed(1)} s, CPU ${run.cpu.toFixed(1)} s, peak memory ${run.megabytes.toFixed(0)} MB\n`,
  );
  for (const made of [landing, home]) rmSync(made, { recursive: true, force: true });
  return run;
}

/** Memory and growth: ten million episodes with twenty million prescriptions, against a tenth of them. */
export async function benchScale(root: string, folder: string, episodes: number): Promise<void> {
  print('Scale: full loads\n');
  const tenth = await load(root, folder, Math.ceil(episodes / 10));
  const whole = await load(root, folder, episodes);
  figure('peak memory, MB', whole.megabytes, 2048, `${whole.megabytes.toFixed(0)} MB`);
  figure(
    'time a row, against a tenth of the rows',
    whole.wall / tenth.wall / 10,
    1.2,
    `${whole.wall.toFixed(1)} s / 10 × ${tenth.wall.toFixed(1)} s`,
  );
}
