import { join } from 'node:path';
import fc from 'fast-check';
import { configAt, loadAt, measuresAlone, synthAt } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { fromRelease, openReader, type Reader } from '../support/release.js';

const runs = process.env['MAPLEWOOD_TEST_FULL'] === '1' ? 25 : 3;
const folder = temporaryFolder();
let sources: Reader;

beforeAll(async () => {
  sources = await openReader();
});
afterAll(() => sources.close());

/**
 * Bed days of a landing, from its Parquet files alone: nights of the spells that have ended, and the days up to and
 * with the last day of data of those that have not. A spell counts as the source rules say: known patient and trust,
 * a key, dates in order and plausible, no negative number, no birth after it; of a repeated key the first row.
 */
async function bedDaysOf(landing: string): Promise<{ closed: number; open: number }> {
  const file = (dataset: string): string =>
    `read_parquet('${landing}/${dataset}/*.parquet', file_row_number = true)`;
  const implausible = (day: string): string =>
    `coalesce(${day} < DATE '1890-01-01' or ${day} > current_date, false)`;
  const [days] = await sources.rows<{ closed: number; open: number }>(`
    with person as (
      select patient_id, date_of_birth from ${file('patients')}
      where patient_id is not null and not ${implausible('date_of_birth')}
        and coalesce(age_at_start, 0) >= 0 and coalesce(deprivation_decile, 0) >= 0
      qualify row_number() over (partition by patient_id order by file_row_number) = 1
    ), spell as (
      select s.* from ${file('sus_episodes')} s join person using (patient_id)
      where episode_id is not null and trust_code in (select trust_code from ${file('trusts')})
        and (discharge_date is null or discharge_date >= admission_date)
        and not ${implausible('admission_date')} and not ${implausible('discharge_date')}
        and not coalesce(admission_date < date_of_birth, false) and coalesce(length_of_stay, 0) >= 0
      qualify row_number() over (partition by episode_id order by s.file_row_number) = 1
    ), arrival as (
      select cast(arrival_datetime as date) as day from ${file('ecds_attendances')} join person using (patient_id)
      where attendance_id is not null and trust_code in (select trust_code from ${file('trusts')})
        and (departure_datetime is null or departure_datetime > arrival_datetime)
        and not ${implausible('arrival_datetime')} and not ${implausible('departure_datetime')}
        and not coalesce(arrival_datetime < date_of_birth, false)
        and coalesce(time_to_treatment_mins, 0) >= 0 and coalesce(total_time_mins, 0) >= 0
    ), last as (select max(day) as day from (select day from arrival union all select admission_date from spell))
    select
      cast(coalesce(sum(discharge_date - admission_date) filter (discharge_date is not null), 0) as double) as closed,
      cast(coalesce(sum(last.day - admission_date + 1) filter (discharge_date is null), 0) as double) as open
    from spell, last`);
  return days!;
}

describe('the midnight census', () => {
  it('sums to the nights of all spells, whatever the landing', async () => {
    const seeds: number[] = [];
    let made = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.noBias(fc.nat(1_000_000)),
          patients: fc.integer({ min: 100, max: 400 }),
          faultRate: fc.constantFrom(0, 0.05, 0.3),
        }),
        async (options) => {
          seeds.push(options.seed);
          const at = join(folder, String(made++));
          const landing = await synthAt(at, options);
          const config = measuresAlone(configAt(join(at, 'home')));
          await loadAt(config, landing);
          const { closed, open } = await bedDaysOf(landing);
          const [census] = await fromRelease<{ days: number }>(
            config,
            `select cast(coalesce(sum(events), 0) as double) as days from mart_bed_occupancy where by_set = 0 and grain = 'DAY'`,
          );
          expect(closed).toBeGreaterThan(0);
          expect(census).toEqual({ days: closed + open });
        },
      ),
      // A failure names the seed; shrinking would load hundreds of landings.
      { numRuns: runs, endOnFailure: true },
    );
    process.stdout.write(`census: synthetic seeds ${seeds.join(' ')}\n`);
  }, 600_000);
});
