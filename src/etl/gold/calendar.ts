import { MaplewoodError } from '../../errors.js';
import type { Engine } from '../engine.js';
/** First and last days of the release; null where the dataset is empty. */
export interface DataDays {
  readonly dataAsOf: string;
  readonly firstAdmission: string | null;
  readonly firstArrival: string | null;
}

/**
 * The last day with data is the latest admission of a spell in order, or ED arrival; null where there are neither.
 * Columns: those of `DataDays`.
 */
export const dataDaysSql = `select
  cast(coalesce(greatest(s.latest, e.latest), s.latest, e.latest) as varchar) as "dataAsOf",
  cast(s.earliest as varchar) as "firstAdmission",
  cast(e.earliest as varchar) as "firstArrival"
from (select max(admission_date) as latest, min(admission_date) as earliest from silver_sus_episodes) s,
  (select cast(max(arrival_datetime) as date) as latest, cast(min(arrival_datetime) as date) as earliest from silver_ecds_attendances) e`;

/** The last day with data where there is neither spell nor ED attendance: the latest event of any kind, or none. */
export const otherDaySql = `select cast(max(latest) as varchar) as "dataAsOf" from (
  select max(referral_date) as latest from silver_mhsds_referrals
  union all select max(contact_date) from silver_csds_contacts
  union all select max(prescription_date) from silver_prescriptions
  union all select max(start_date) from silver_social_care
)`;

/** The days of the data in silver. `today`, the day of the run, stands for the last day where there is no event. */
export async function dataDays(engine: Engine, today: string): Promise<DataDays> {
  const [found] = await engine.rows<Omit<DataDays, 'dataAsOf'> & { dataAsOf: string | null }>(dataDaysSql);
  if (!found) throw new MaplewoodError('ETL_FAILED');
  if (found.dataAsOf !== null) return { ...found, dataAsOf: found.dataAsOf };
  const [other] = await engine.rows<{ dataAsOf: string | null }>(otherDaySql);
  return { ...found, dataAsOf: other?.dataAsOf ?? today };
}

/** The days of a finished release. */
export const releasedDaysSql = (catalogue: string): string => `select
  cast(data_as_of as varchar) as "dataAsOf",
  cast(first_admission as varchar) as "firstAdmission",
  cast(first_arrival as varchar) as "firstArrival"
from ${catalogue}.release_day`;

const first = (days: DataDays): string =>
  [days.firstAdmission, days.firstArrival, days.dataAsOf].filter((day) => day !== null).sort()[0] ??
  days.dataAsOf;

/** Every day on which a bed can be occupied, up to the last known discharge. */
export const dimDateSql = (days: DataDays): string => `select day,
  cast(date_trunc('week', day) as date) as week_start,
  cast(date_trunc('month', day) as date) as month_start,
  cast(date_trunc('quarter', day) as date) as quarter_start,
  cast(date_trunc('year', day) as date) as year_start,
  cast(isodow(day) as integer) as weekday,
  day between DATE '${first(days)}' and DATE '${days.dataAsOf}' as in_data
from (select cast(d as date) as day from generate_series(
  DATE '${first(days)}',
  greatest(DATE '${days.dataAsOf}', coalesce((select max(discharge_date) from silver_sus_episodes), DATE '${days.dataAsOf}')),
  interval 1 day) t(d))
order by day`;

/** Every full hour from the first to the last day with data, with its local day and hour. */
export const dimHourSql = (days: DataDays): string => `select sampled_at,
  cast(local as date) as day, cast(hour(local) as integer) as hour, cast(isodow(local) as integer) as weekday
from (
  select h as sampled_at, timezone('Europe/London', timezone('UTC', h)) as local
  from generate_series(TIMESTAMP '${days.firstArrival ?? days.dataAsOf} 00:00:00' - interval 2 hour, TIMESTAMP '${days.dataAsOf} 23:00:00' + interval 2 hour, interval 1 hour) t(h)
)
where cast(local as date) between DATE '${days.firstArrival ?? days.dataAsOf}' and DATE '${days.dataAsOf}'
order by sampled_at`;

/** Names of the codes that facts hold. `lists` are the reference files by code list. */
export function dimCodeSql(
  lists: readonly {
    readonly list: string;
    readonly path: string;
    readonly used: string;
    readonly label: string;
  }[],
): string {
  return lists
    .map(
      ({ list, path, used, label }) =>
        `select '${list}' as code_list, code, max(${label}) as name from read_csv('${path.replaceAll("'", "''")}', all_varchar = true, header = true) where code in (${used}) and ${label} is not null group by code`,
    )
    .join(' union all ');
}
