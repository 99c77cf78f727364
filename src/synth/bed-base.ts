import type { SynthPlan } from './options.js';
import { literal } from './random.js';
import { warmUpDays } from './visits.js';

/** Share of the beds that a trust fills on an ordinary day; winter adds to it. */
const ordinaryOccupancy = 0.915;
const winterOccupancy = 0.045;

/**
 * Beds fill up because discharges wait for a place to go, and empty when the pressure is high. So each trust has a
 * target census a day; what the stays that are medically necessary leave free is filled by people who are ready
 * to leave and wait, first come, first served.
 *
 * With A(d) = people ready up to day d and E(d) = room for waiting people, the people who have left by day d are
 * D(d) = max over d' <= d of A(d') - E(d'): a running maximum instead of a simulation day by day. The k-th
 * person of a trust leaves on the first day with D(d) >= k.
 *
 * Makes the table `discharge_delay(n, v, discharge_date)` from `settled_visit`.
 */
export function bedBaseTables(plan: SynthPlan): string[] {
  const first = `DATE ${literal(plan.start)}`;
  const last = `DATE ${literal(plan.end)}`;
  return [
    `CREATE OR REPLACE TABLE census AS
     WITH moves AS (
       SELECT trust_no, admission_date AS day, 1 AS change FROM settled_visit WHERE admitted
       UNION ALL
       SELECT trust_no, discharge_date, -1 FROM settled_visit WHERE admitted
     ), calendar AS (
       SELECT CAST(unnest(generate_series(${first} - ${warmUpDays + 1}, ${last} + 40, INTERVAL 1 DAY)) AS DATE) AS day
     ), trust AS (SELECT CAST(unnest(range(${plan.trusts})) AS INTEGER) AS trust_no)
     SELECT t.trust_no, c.day, sum(coalesce(m.change, 0)) OVER (PARTITION BY t.trust_no ORDER BY c.day) AS needed
     FROM trust t CROSS JOIN calendar c
     LEFT JOIN (SELECT trust_no, day, sum(change) AS change FROM moves GROUP BY trust_no, day) m
       ON m.trust_no = t.trust_no AND m.day = c.day`,
    // Small trusts fluctuate more, so they need more beds over their mean.
    `CREATE OR REPLACE TABLE capacity AS
     SELECT trust_no, CAST(greatest(1, round((1.04 * needed + 1.3 * sqrt(needed)) / ${ordinaryOccupancy})) AS BIGINT) AS beds
     FROM (SELECT trust_no, sum(needed) FILTER (WHERE day BETWEEN ${first} AND ${last}) / (${last} - ${first} + 1) AS needed
           FROM census GROUP BY trust_no)`,
    `CREATE OR REPLACE TABLE discharge_delay AS
     WITH ready AS (
       SELECT v.n, v.v, v.trust_no, v.discharge_date AS day,
              row_number() OVER (PARTITION BY v.trust_no ORDER BY v.discharge_date, u('waits', v.n, v.v), v.n, v.v) AS place
       FROM settled_visit v
       WHERE v.admitted AND NOT v.fatal AND v.admission_type = 'emergency' AND v.nights >= 2
         AND u('may-wait', v.n, v.v) < least(0.95, 0.4 + 0.15 * v.frailty)
     ), room AS (
       SELECT c.trust_no, c.day,
              greatest(0, CAST(floor(b.beds * (${ordinaryOccupancy} + ${winterOccupancy} * cos(2 * pi() * (dayofyear(c.day) - 20) / 365.25)
                       + 0.012 * z('pressure', c.trust_no, (c.day - DATE '1990-01-01') // 7))
                       + u('bed', c.trust_no, (c.day - DATE '1990-01-01') // 7)) AS BIGINT) - c.needed) AS places
       FROM census c JOIN capacity b USING (trust_no)
     ), queue AS (
       SELECT r.trust_no, r.day,
              sum(coalesce(a.arrivals, 0)) OVER (PARTITION BY r.trust_no ORDER BY r.day) - r.places AS overflow
       FROM room r LEFT JOIN (SELECT trust_no, day, count(*) AS arrivals FROM ready GROUP BY trust_no, day) a
         ON a.trust_no = r.trust_no AND a.day = r.day
     ), departed AS (
       SELECT trust_no, day, CAST(greatest(0, max(overflow) OVER (PARTITION BY trust_no ORDER BY day)) AS BIGINT) AS people FROM queue
     ), departure AS (
       SELECT trust_no, day, unnest(range(before + 1, people + 1)) AS place
       FROM (SELECT *, coalesce(lag(people) OVER (PARTITION BY trust_no ORDER BY day), 0) AS before FROM departed)
     )
     SELECT r.n, r.v,
            -- Nobody is in two places: a person with a later visit leaves the day before it.
            CAST(greatest(r.day, least(coalesce(d.day, ${last} + 41), coalesce(x.next_visit - 1, DATE '9999-12-31'))) AS DATE) AS discharge_date
     FROM ready r
     LEFT JOIN departure d ON d.trust_no = r.trust_no AND d.place = r.place
     JOIN (SELECT n, v, CAST(lead(arrival) OVER (PARTITION BY n ORDER BY arrival, v) AS DATE) AS next_visit FROM settled_visit) x
       ON x.n = r.n AND x.v = r.v`,
  ];
}

/** Table `visit` of a chunk: the settled visits with the discharges as they came about. */
export function chunkVisits(from: number, to: number): string[] {
  const within = (alias: string): string => `${alias}.n >= ${from} AND ${alias}.n < ${to}`;
  return [
    `CREATE OR REPLACE TEMP TABLE visit AS
     SELECT s.* REPLACE (coalesce(d.discharge_date, s.discharge_date) AS discharge_date,
                         coalesce(d.discharge_date, s.last_day) AS last_day,
                         coalesce(d.discharge_date - s.admission_date, s.nights)::INTEGER AS nights)
     FROM settled_visit s LEFT JOIN discharge_delay d ON d.n = s.n AND d.v = s.v AND ${within('d')}
     WHERE ${within('s')}`,
    'CREATE OR REPLACE TEMP TABLE death AS SELECT n, min(last_day) AS died FROM visit WHERE fatal GROUP BY n',
  ];
}
