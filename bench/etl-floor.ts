import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/**
 * One hand-written script of the same work: CSV as text with row numbers and hashes to Parquet (bronze); typed,
 * checked, de-duplicated rows to Parquet and the refused ones beside them (silver); star schema with keyed
 * pseudonyms, and the cells of the four marts by GROUPING SETS. Nothing is generated, guarded or reported.
 * Arguments: landing folder (CSV), output folder. Prints the seconds of each step as JSON.
 */
const [landing = '', out = ''] = process.argv.slice(2);
const seconds: Record<string, number> = {};

interface Source {
  readonly name: string;
  readonly key: string;
  readonly dates: readonly string[];
  readonly times?: readonly string[];
  readonly ints: readonly string[];
  readonly decimals?: readonly string[];
  readonly bools?: readonly string[];
  readonly reject: string;
  /** Warnings, counted. */
  readonly warn?: readonly string[];
}

const past = (column: string): string => `${column} < date '1890-01-01' or ${column} > current_date`;
const sources: readonly Source[] = [
  { name: 'trusts', key: 'trust_code', dates: [], ints: ['beds', 'annual_income'], reject: 'false' },
  { name: 'practices', key: 'practice_code', dates: [], ints: ['list_size', 'partners'], reject: 'false' },
  {
    name: 'patients',
    key: 'patient_id',
    dates: ['date_of_birth', 'created_date'],
    ints: ['deprivation_decile', 'age_at_start'],
    reject: "date_of_birth < date '1890-01-01'",
    warn: ["nhs_number = 'INVALID'", 'nhs_number is null', 'registered_practice is null'],
  },
  {
    name: 'sus_episodes',
    key: 'episode_id',
    dates: ['admission_date', 'discharge_date'],
    ints: ['length_of_stay'],
    reject: `discharge_date < admission_date or length_of_stay < 0 or ${past('admission_date')} or ${past('discharge_date')}`,
    warn: [
      "primary_diagnosis = 'INVALID'",
      'length(primary_diagnosis) = 3',
      "admission_source = '01'",
      'length(hrg_code) = 4',
      'ward_code is null',
      "nhs_number = 'INVALID'",
      'nhs_number is null',
    ],
  },
  {
    name: 'ecds_attendances',
    key: 'attendance_id',
    dates: [],
    times: ['arrival_datetime', 'departure_datetime'],
    ints: ['triage_category', 'time_to_treatment_mins', 'total_time_mins'],
    bools: ['referred_to_specialist', 'safeguarding_concern'],
    reject: `departure_datetime <= arrival_datetime or time_to_treatment_mins < 0 or total_time_mins < 0 or ${past('arrival_datetime')}`,
    warn: ['time_to_treatment_mins > total_time_mins', "nhs_number = 'INVALID'", 'nhs_number is null'],
  },
  {
    name: 'mhsds_referrals',
    key: 'referral_id',
    dates: ['referral_date', 'first_contact_date', 'last_contact_date', 'discharge_date'],
    ints: ['care_cluster', 'initial_honos_score', 'latest_honos_score', 'total_contacts'],
    reject: `first_contact_date < referral_date or discharge_date < referral_date or ${past('referral_date')}`,
  },
  {
    name: 'csds_contacts',
    key: 'contact_id',
    dates: ['contact_date'],
    ints: ['contact_duration_mins'],
    bools: ['onward_referral', 'safeguarding_concern'],
    reject: `contact_duration_mins < 0 or ${past('contact_date')}`,
  },
  {
    name: 'prescriptions',
    key: 'prescription_id',
    dates: ['prescription_date'],
    ints: ['quantity', 'prescription_items'],
    decimals: ['net_ingredient_cost', 'actual_cost'],
    reject: `quantity < 0 or net_ingredient_cost < 0 or actual_cost < 0 or ${past('prescription_date')}`,
    warn: ["nhs_number = 'INVALID'", 'nhs_number is null', 'length(bnf_code) = 7'],
  },
  {
    name: 'social_care',
    key: 'package_id',
    dates: ['start_date', 'end_date', 'review_date'],
    ints: [],
    decimals: ['weekly_cost', 'hours_per_week'],
    reject: `end_date < start_date or weekly_cost < 0 or ${past('start_date')}`,
  },
  {
    name: 'patient_journeys',
    key: 'patient_id',
    dates: ['journey_start_date', 'journey_end_date'],
    ints: ['total_events'],
    decimals: ['total_cost'],
    bools: ['integrated_care_episode', 'high_intensity'],
    reject: 'total_events < 0',
  },
];

function typed(source: Source, column: string): string {
  const t = `nullif(trim(${column}), '')`;
  if (source.dates.includes(column))
    return `case when regexp_full_match(${t}, '\\d{4}-\\d{2}-\\d{2}') then cast(try_strptime(${t}, '%Y-%m-%d') as date) end as ${column}`;
  if (source.times?.includes(column))
    return `case when regexp_full_match(${t}, '\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}(\\.\\d+)?') then try_cast(${t} as timestamp) end as ${column}`;
  if (source.ints.includes(column))
    return `case when regexp_full_match(${t}, '-?\\d{1,15}(\\.0*)?') then cast(try_cast(${t} as double) as bigint) end as ${column}`;
  if (source.decimals?.includes(column))
    return `case when regexp_full_match(${t}, '-?\\d{1,13}(\\.\\d*)?') then try_cast(${t} as decimal(15,2)) end as ${column}`;
  if (source.bools?.includes(column))
    return `case when regexp_full_match(${t}, '(?i)true|false') then lower(${t}) = 'true' end as ${column}`;
  return `${t} as ${column}`;
}

async function main(): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '1GB',
    temp_directory: join(out, 'spill'),
  });
  const connection = await instance.connect();
  const run = (sql: string): Promise<unknown> => connection.run(sql);
  const step = async (name: string, work: () => Promise<void>): Promise<void> => {
    const began = performance.now();
    await work();
    seconds[name] = (performance.now() - began) / 1000;
  };

  await step('bronze', async () => {
    for (const { name } of sources) {
      const reader = await connection.runAndReadAll(
        `describe select * from read_csv('${landing}/${name}/${name}.csv', all_varchar = true, header = true)`,
      );
      const columns = reader.getRowsJS().map((row) => String(row[0]));
      const hash = columns
        .map((column) => `coalesce(strlen(${column}) || ':' || ${column}, '~')`)
        .join(' || ');
      await run(
        `copy (select *, row_number() over () as _row, md5(${hash}) as _hash from read_csv('${landing}/${name}/${name}.csv', all_varchar = true, header = true)) to '${out}/${name}.bronze.parquet' (format parquet, compression zstd)`,
      );
    }
  });
  await step('silver', async () => {
    for (const source of sources) {
      const { name, key } = source;
      const reader = await connection.runAndReadAll(
        `describe select * exclude (_row, _hash) from '${out}/${name}.bronze.parquet'`,
      );
      const columns = reader.getRowsJS().map((row) => String(row[0]));
      const hasPatient = columns.includes('patient_id') && name !== 'patients';
      const checked = [
        ...source.dates,
        ...(source.times ?? []),
        ...source.ints,
        ...(source.decimals ?? []),
        ...(source.bools ?? []),
      ].filter((column) => columns.includes(column));
      const bad =
        checked
          .map((column) => `(${column} is null and nullif(trim(raw_${column}), '') is not null)`)
          .join(' or ') || 'false';
      const raw = checked.map((column) => `${column} as raw_${column}, `).join('');
      await run(
        `create or replace table stage as select * exclude (${['none', ...checked.map((column) => `raw_${column}`)].join(', ')}), ${bad} as bad from (select ${columns.map((column) => typed(source, column)).join(', ')}, ${raw} 0 as none, _row from '${out}/${name}.bronze.parquet')`,
      );
      await run(
        `create or replace table judged as select s.*, (bad or s.${key} is null or (${source.reject})${hasPatient ? ' or p.patient_id is null' : ''}) as refused from stage s ${hasPatient ? 'left join patients p on s.patient_id = p.patient_id' : ''}`,
      );
      await run(
        `create or replace table losers as select _row from (select _row, row_number() over (partition by ${key} order by _row) as n from judged semi join (select ${key} from judged where not refused group by ${key} having count(*) > 1) using (${key}) where not refused) where n > 1`,
      );
      for (const warning of source.warn ?? [])
        await connection.runAndReadAll(`select count(*) from judged where ${warning}`);
      await run(
        `copy (select * exclude (bad, refused) from judged anti join losers using (_row) where not refused) to '${out}/${name}.silver.parquet' (format parquet, compression zstd)`,
      );
      await run(
        `copy (select * from judged where refused) to '${out}/${name}.refused.parquet' (format parquet, compression zstd)`,
      );
      if (name === 'patients')
        await run(
          `create table patients as select patient_id, date_of_birth from '${out}/patients.silver.parquet'`,
        );
    }
  });
  await step('gold', async () => {
    await run(`attach '${out}/gold.duckdb' as gold`);
    await run("set variable i = repeat('\\x36', 64)::blob; set variable o = repeat('\\x5c', 64)::blob");
    const key = (entity: string, id: string): string =>
      `unhex(left(sha256(getvariable('o') || unhex(sha256(getvariable('i') || encode('${entity}' || chr(31) || 'local' || chr(31) || upper(trim(${id})))))), 32))`;
    await run(
      `create table keys as select patient_id, patient_sk, cast(row_number() over (order by patient_sk) as integer) as patient_no, date_of_birth from (select patient_id, date_of_birth, ${key('patient', 'patient_id')} as patient_sk from patients)`,
    );
    const facts: [name: string, id: string, day: string, staff: string | null][] = [
      ['sus_episodes', 'episode_id', 'admission_date', 'consultant_code'],
      ['ecds_attendances', 'attendance_id', 'cast(arrival_datetime as date)', null],
      ['mhsds_referrals', 'referral_id', 'referral_date', null],
      ['csds_contacts', 'contact_id', 'contact_date', 'care_professional'],
      ['prescriptions', 'prescription_id', 'prescription_date', 'prescriber_code'],
      ['social_care', 'package_id', 'start_date', null],
    ];
    for (const [name, id, day, staff] of facts) {
      const more =
        name === 'ecds_attendances'
          ? ", coalesce(arrival_datetime >= max(departure_datetime) over w and arrival_datetime <= max(departure_datetime) over w + interval 7 day, false) as again, hour(arrival_datetime) as hour, isodow(arrival_datetime) as weekday, timezone('UTC', timezone('Europe/London', arrival_datetime)) as arrived"
          : '';
      const window =
        name === 'ecds_attendances'
          ? 'window w as (partition by s.patient_id order by arrival_datetime, attendance_id rows between unbounded preceding and 1 preceding)'
          : '';
      await run(
        `create table gold.${name} as select ${key('event', `s.${id}`)} as sk, k.patient_no, s.* exclude (patient_id, nhs_number, ${id}${staff ? `, ${staff}` : ''}), ${staff ? `${key('staff', `s.${staff}`)} as staff_sk, ` : ''}date_sub('year', k.date_of_birth, ${day}) as age, ${day} as day${more} from '${out}/${name}.silver.parquet' s join keys k on s.patient_id = k.patient_id ${window} order by day, sk`,
      );
    }
    await run(
      'create table gold.beds as select d.day, s.trust_code, s.specialty, s.ward_code, s.patient_no, d.day - s.admission_date as stay from gold.sus_episodes s join (select cast(d as date) as day from generate_series((select min(admission_date) from gold.sus_episodes), (select max(coalesce(discharge_date, admission_date)) from gold.sus_episodes), interval 1 day) t(d)) d on d.day >= s.admission_date and d.day < coalesce(s.discharge_date, (select max(admission_date) + 1 from gold.sus_episodes))',
    );
  });
  await step('marts', async () => {
    const buckets = ['day', 'week', 'month', 'quarter', 'year'];
    await run('begin');
    // Patients of a cell: once by cell and patient, then by cell, which is faster than several distinct counts.
    const cube = async (
      name: string,
      table: string,
      sets: readonly (readonly [finest: string, columns: readonly string[]])[],
      conditions: readonly string[],
      values: string,
    ): Promise<void> => {
      const counts = conditions
        .map((condition, n) => `, count(case when ${condition} then 1 end) as n${n}`)
        .join('');
      const sums = conditions
        .map((_condition, n) => `, sum(n${n}) as n${n}, count(case when n${n} > 0 then 1 end) as p${n}`)
        .join('');
      for (const grain of [...buckets, 'all']) {
        const period =
          grain === 'all'
            ? 'cast(null as date)'
            : grain === 'day'
              ? 'day'
              : `cast(date_trunc('${grain}', day) as date)`;
        for (const [finest, columns] of sets) {
          if (grain !== 'all' && buckets.indexOf(finest) > buckets.indexOf(grain)) continue;
          const keys = ['period', ...columns].join(', ');
          const events = `(select ${period} as period, * from gold.${table})`;
          const cells = `(select ${keys}, sum(n) as n, count(*) as persons${sums} from (select ${keys}, patient_no, count(*) as n${counts} from ${events} group by ${keys}, patient_no) group by ${keys})`;
          const join =
            values === ''
              ? ''
              : `left join (select ${keys}, ${values} from ${events} group by ${keys}) using (${keys})`;
          await run(
            `create table gold.${[name, grain, ...columns].join('_')} as select * from ${cells} ${join} order by all`,
          );
        }
      }
    };
    const withTrust = (finest: string, columns: readonly string[]): [string, string[]][] =>
      columns.flatMap((column): [string, string[]][] => [
        [finest, [column]],
        [finest, ['trust_code', column]],
      ]);
    const whole: [string, string[]][] = [
      ['day', []],
      ['day', ['trust_code']],
    ];
    await cube(
      'waits',
      'ecds_attendances',
      [
        ...whole,
        ...withTrust('week', [
          'triage_category',
          'presenting_complaint',
          'weekday',
          'discharge_destination',
          'hour',
        ]),
      ],
      [
        'total_time_mins <= 240',
        'total_time_mins > 720',
        'time_to_treatment_mins <= 60',
        'time_to_treatment_mins is not null',
        "discharge_destination = '05'",
        "discharge_destination = '02'",
        'again',
        'again and triage_category > 0',
      ],
      'quantile_cont(total_time_mins, [0.5, 0.95]) as q, quantile_cont(time_to_treatment_mins, 0.5) as t',
    );
    await cube(
      'stays',
      'sus_episodes',
      [
        ...whole,
        ...withTrust('week', ['specialty', 'admission_method']),
        ...withTrust('month', ['hrg_code']),
      ],
      ['discharge_date = admission_date', 'discharge_date - admission_date >= 21'],
      'avg(discharge_date - admission_date) as mean, quantile_cont(discharge_date - admission_date, [0.5, 0.9, 0.95]) as q',
    );
    await cube(
      'bed_cells',
      'beds',
      [...whole, ...withTrust('day', ['specialty']), ...withTrust('month', ['ward_code'])],
      ['stay >= 0', 'stay >= 7', 'stay >= 14', 'stay >= 21'],
      '',
    );
    await run(
      'create table gold.present as select h.at, h.day, h.hour, h.weekday, a.trust_code, a.patient_no from gold.ecds_attendances a join (select h as at, cast(h as date) as day, hour(h) as hour, isodow(h) as weekday from generate_series((select min(arrived) from gold.ecds_attendances), (select max(arrived) from gold.ecds_attendances), interval 1 hour) t(h)) h on h.at >= a.arrived and h.at < a.departure_datetime',
    );
    await cube(
      'crowding',
      'present',
      [
        ['week', ['hour', 'weekday']],
        ['week', ['trust_code', 'hour', 'weekday']],
      ],
      [],
      '',
    );
    await run('commit');
    await run('drop table gold.present; drop table gold.beds; checkpoint gold; detach gold');
  });
  process.stdout.write(JSON.stringify(seconds));
}

void main();
