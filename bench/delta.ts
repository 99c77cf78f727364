import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { RunReport } from '../src/etl/report.js';
import { etlRun, figure, makeLanding, print } from './timed.js';

interface Delivered {
  readonly dataset: string;
  readonly key: string;
  /** Column with the day of the event. */
  readonly day: string;
  /** What a correction changes, as a replacement in a select. */
  readonly correction: { readonly column: string; readonly value: string };
}

const delivered: readonly Delivered[] = [
  {
    dataset: 'sus_episodes',
    key: 'episode_id',
    day: 'admission_date',
    correction: { column: 'ward_code', value: "'W' || right(episode_id, 2)" },
  },
  {
    dataset: 'ecds_attendances',
    key: 'attendance_id',
    day: 'arrival_datetime',
    correction: {
      column: 'triage_category',
      value: 'case when triage_category = 3 then 4 else 3 end',
    },
  },
  {
    dataset: 'mhsds_referrals',
    key: 'referral_id',
    day: 'referral_date',
    correction: { column: 'total_contacts', value: 'total_contacts + 1' },
  },
  {
    dataset: 'csds_contacts',
    key: 'contact_id',
    day: 'contact_date',
    correction: { column: 'contact_duration_mins', value: 'contact_duration_mins + 5' },
  },
  {
    dataset: 'prescriptions',
    key: 'prescription_id',
    day: 'prescription_date',
    correction: { column: 'quantity', value: 'quantity + 1' },
  },
  {
    dataset: 'social_care',
    key: 'package_id',
    day: 'start_date',
    correction: { column: 'hours_per_week', value: 'hours_per_week + 1' },
  },
];

/** Share of the rows that are delivered again or anew, and of those the share of the last 60 days. */
const share = 0.01;
const recentShare = 0.95;

/**
 * A delta of 1 % of the events of a landing folder of Parquet: 95 % of its rows lie in the last 60 days, the rest in
 * three older months; of ten rows five are corrections, three have new keys and two are as they were. Gives its rows.
 */
export async function makeDelta(landing: string, out: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '1GB' });
  const connection = await instance.connect();
  let rows = 0;
  for (const { dataset, key, day, correction } of delivered) {
    mkdirSync(join(out, dataset), { recursive: true });
    const from = `read_parquet('${join(landing, dataset, '*.parquet')}')`;
    const pick = (where: string, part: number): string =>
      `(select * from dated where ${where} order by hash(${key}) limit (select cast(n * ${share * part} as bigint) from ends))`;
    const back = (months: number): string =>
      `date_trunc('month', _day) = date_trunc('month', (select day from ends) - interval ${months} month)`;
    // Days in the future are among the faults, so the last day is one that a few rows lie beyond.
    const { rowsChanged } = await connection.run(`copy (
with dated as (select *, try_cast(cast(${day} as varchar) as date) as _day from ${from}
    where ${key} is not null qualify count(*) over (partition by ${key}) = 1),
  ends as (select quantile_disc(_day, 0.995) as day, count(*) as n from dated where _day is not null),
  picked as (select *, row_number() over (order by hash(${key})) % 10 as _turn from (
    ${pick('_day between (select day from ends) - 60 and (select day from ends)', recentShare)}
    union all ${pick(`(${back(5)} or ${back(8)} or ${back(11)})`, 1 - recentShare)}))
select * exclude (_day, _turn) replace (
  case when _turn in (5, 6, 7) then ${key} || '_N' else ${key} end as ${key},
  case when _turn < 5 then ${correction.value} else ${correction.column} end as ${correction.column})
from picked
) to '${join(out, dataset, 'delta.parquet')}' (format parquet)`);
    rows += rowsChanged;
  }
  connection.closeSync();
  instance.closeSync();
  return rows;
}

/**
 * A delta of 1 % against the full load before it; 250,000 patients are five million rows. Gives the home.
 */
export async function benchDelta(root: string, folder: string, patients: number): Promise<string> {
  const landing = join(folder, 'landing');
  makeLanding(root, landing, patients, '--tables-only');
  const home = join(folder, 'home');
  const full = etlRun(root, folder, home, landing);
  const loaded = (JSON.parse(full.output) as RunReport).sources.reduce((sum, { rows }) => sum + rows, 0);
  const news = join(folder, 'delta');
  const rows = await makeDelta(landing, news);
  // What the full load has left to the system to write is not written on account of the delta.
  execFileSync('sync');
  const delta = etlRun(root, folder, home, news);
  const report = JSON.parse(delta.output) as RunReport;
  print(
    `Delta of ${rows.toLocaleString('en-GB')} rows to ${loaded.toLocaleString('en-GB')}, ${report.outcome}\n`,
  );
  for (const of of ['wall', 'cpu'] as const) {
    const how = `${delta[of].toFixed(1)} s / ${full[of].toFixed(1)} s`;
    figure(`delta / full, ${of === 'cpu' ? 'CPU' : 'wall'}`, delta[of] / full[of], 0.2, how);
  }
  const steps = Object.entries(report.timings).map(([step, time]) => `${step} ${time.toFixed(1)}`);
  print(`  steps of the delta: ${steps.join(', ')}; peak memory ${delta.megabytes.toFixed(0)} MB\n`);
  return home;
}
