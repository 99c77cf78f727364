import type { SynthPlan } from './options.js';
import { literal, pick } from './random.js';

/** Days simulated before the observed period, so that beds are full on its first day. */
export const warmUpDays = 120;

/** Relative arrivals in the emergency department by hour of day. */
const arrivalHours: ReadonlyArray<readonly [number, number]> = [
  28, 23, 19, 17, 16, 18, 22, 32, 48, 62, 68, 68, 65, 63, 62, 62, 64, 66, 66, 63, 57, 50, 42, 34,
].map((weight, hour) => [hour, weight] as const);

/** Relative chance of an arrival on `day`: more in winter; emergencies peak on Monday, planned care rests at weekends. */
const season = (day: string): string => `(1 + 0.06 * cos(2 * pi() * (dayofyear(${day}) - 20) / 365.25))`;
const emergencyDay = (day: string): string =>
  `(${season(day)} * CASE isodow(${day}) WHEN 1 THEN 1.08 WHEN 6 THEN 0.97 WHEN 7 THEN 0.98 ELSE 1 END)`;
const plannedDay = (day: string): string => `CASE isodow(${day}) WHEN 6 THEN 0.2 WHEN 7 THEN 0.1 ELSE 1 END`;
const highestEmergencyDay = 1.06 * 1.08;

/** `count` draws a person: the whole part of the expectation, and one more by chance. */
const candidates = (kind: string, ordinal: number, yearly: string, chance: string): string => `
  SELECT n, v, '${kind}' AS kind, day + to_hours(${pick("u('hour', n, v)", arrivalHours)}::INTEGER)
           + to_minutes(CAST(floor(60 * u('minute', n, v)) AS INTEGER)) AS arrival, FALSE AS returns
  FROM (
    SELECT n, v, born, first_day + to_days(CAST(floor(days * u('day', n, v)) AS INTEGER)) AS day
    FROM (SELECT n, born, days, first_day, ${ordinal} + 8 * unnest(range(CAST(floor(days / 365.25 * (${yearly}) + u('${kind}-count', n, 0)) AS BIGINT))) AS v
          FROM person CROSS JOIN horizon)
  ) WHERE day > born AND u('accept', n, v) < ${chance}`;

/**
 * Table `visit0` holds the first visits of a chunk: emergency attendances, direct emergency admissions, planned
 * and maternity admissions. `v` numbers the visits of a person; steps of eight leave room for returns.
 */
export function firstVisits(plan: SynthPlan): string[] {
  const frailty = 'least(frailty, 9)';
  return [
    `CREATE OR REPLACE TEMP TABLE horizon AS
     SELECT DATE ${literal(plan.start)} - ${warmUpDays} AS first_day,
            DATE ${literal(plan.end)} - DATE ${literal(plan.start)} + 1 + ${warmUpDays} AS days`,
    `CREATE OR REPLACE TEMP TABLE arrival0 AS
     ${candidates('ed', 0, `0.95 * (0.35 + 0.65 * ${frailty})`, `${emergencyDay('day')} / ${highestEmergencyDay}`)}
     UNION ALL
     ${candidates('direct', 100_000, `0.075 * ${frailty}`, `${emergencyDay('day')} / ${highestEmergencyDay}`)}
     UNION ALL
     ${candidates('elective', 200_000, `0.23 * (0.5 + 0.5 * ${frailty}) * CASE WHEN age < 16 THEN 0.35 WHEN age < 45 THEN 0.7 ELSE 1.4 END`, plannedDay('day'))}
     UNION ALL
     ${candidates('maternity', 300_000, "CASE WHEN gender = 'F' AND age BETWEEN 18 AND 41 THEN 0.06 ELSE 0 END", '1')}`,
  ];
}

/**
 * Table `visit<level>`: what happens on each arrival of `arrival<level>`. Times in the department follow triage,
 * admission and the crowd (evenings, Mondays, winter); a stay follows the case, frailty and season.
 */
export function visits(plan: SynthPlan, level: number): string {
  const winter = 'cos(2 * pi() * (dayofyear(arrival) - 20) / 365.25)';
  return `CREATE OR REPLACE TEMP TABLE visit${level} AS
    WITH triaged AS (
      SELECT a.*, p.frailty, p.age, p.age_group, p.home_trust, ${winter} AS winter,
             ${pick("u('triage', n, v)", [
               [1, 1],
               [2, 15],
               [3, 42],
               [4, 35],
               [5, 7],
             ])} AS triage
      FROM arrival${level} a JOIN person p USING (n)
    ), decided AS (
      SELECT *,
             kind <> 'ed' OR returns OR u('admit', n, v) < least(0.9,
               [0.8, 0.5, 0.27, 0.08, 0.02][triage]
               * CASE WHEN age >= 75 THEN 1.6 WHEN age >= 65 THEN 1.3 WHEN age < 16 THEN 0.55 ELSE 0.85 END) AS admitted
      FROM triaged
    ), timed AS (
      SELECT *,
             -- 1400 minutes at most, so that an admission follows on the same or the next day.
             CAST(least(1400, greatest(12, round(
               CASE WHEN kind = 'ed' AND admitted THEN 262 * exp(0.72 * z('ed-time', n, v))
                    ELSE [190, 165, 150, 118, 92][triage] * exp(0.5 * z('ed-time', n, v)) END
               * CASE WHEN hour(arrival) BETWEEN 16 AND 23 THEN 1.14 WHEN hour(arrival) < 4 THEN 1.08 ELSE 0.95 END
               * CASE WHEN isodow(arrival) = 1 THEN 1.06 ELSE 1 END * (1 + 0.07 * winter)))) AS BIGINT) AS total_mins,
             CASE kind WHEN 'elective' THEN 'elective' WHEN 'maternity' THEN 'maternity' ELSE 'emergency' END AS admission_type
      FROM decided
    ), cased AS (
      SELECT t.*, c.icd10, c.specialty, c.hrg, c.fatality, c.procedure,
             CASE WHEN NOT admitted THEN NULL
                  WHEN c.nights = 0 THEN CASE WHEN u('overnight', n, v) < 0.04 THEN 1 ELSE 0 END
                  WHEN t.admission_type = 'emergency' AND u('same-day', n, v) < 0.22 THEN 0
                  WHEN t.admission_type = 'emergency' THEN least(110, floor(c.nights * exp(0.85 * z('nights', n, v))
                       * (0.8 + 0.22 * least(4, frailty)) * (1 + 0.06 * winter)))
                  ELSE least(60, floor(0.5 + c.nights * exp(0.45 * z('nights', n, v)))) END::INTEGER AS nights
      FROM timed t
      JOIN case_slot s ON s.admission_type = t.admission_type AND s.age_group = CASE WHEN kind = 'maternity' THEN 'adult' ELSE t.age_group END
                      AND s.slot = CAST(floor(1000 * u('case', n, v)) AS INTEGER)
      JOIN case_mix c ON c.case_id = s.case_id
    ), dated AS (
      SELECT *, arrival + to_minutes(total_mins) AS departure,
             CASE WHEN kind = 'ed' THEN CAST(arrival + to_minutes(total_mins) AS DATE) ELSE CAST(arrival AS DATE) END AS left_department
      FROM cased
    )
    SELECT n, v, kind, returns, arrival, departure, total_mins, triage, admitted, admission_type, icd10, specialty, hrg,
           procedure, nights, frailty, winter,
           -- One visit in ten leads to another trust than the usual one.
           CASE WHEN u('visit-away', n, v) < 0.1 THEN CAST(floor(${plan.trusts} * u('visit-trust', n, v)) AS INTEGER) ELSE home_trust END AS trust_no,
           CASE WHEN admitted THEN left_department END AS admission_date,
           CASE WHEN admitted THEN left_department + nights END AS discharge_date,
           CASE WHEN admitted THEN left_department + nights ELSE left_department END AS last_day,
           u('death', n, v) < CASE
             WHEN NOT admitted THEN CASE WHEN triage = 1 THEN 0.03 WHEN age >= 65 THEN 0.0015 ELSE 0.0001 END
             WHEN admission_type = 'emergency' THEN least(0.6, fatality * (0.6 + 0.2 * least(frailty, 6))
               * CASE WHEN age >= 85 THEN 0.055 WHEN age >= 75 THEN 0.038 WHEN age >= 65 THEN 0.023 WHEN age >= 45 THEN 0.009 ELSE 0.001 END)
             ELSE fatality * 0.001 END AS fatal
    FROM dated`;
}

/**
 * Table `arrival<level>`: emergency returns 1 to 28 days after discharges of the level before. They come through
 * the emergency department and are admitted; frail people return more.
 */
export function returns(plan: SynthPlan, level: number): string {
  return `CREATE OR REPLACE TEMP TABLE arrival${level} AS
    SELECT n, v + 1 AS v, 'ed' AS kind,
           discharge_date + to_days(1 + CAST(floor(27 * pow(u('gap', n, v), 1.6)) AS INTEGER))
             + to_hours(${pick("u('hour', n, v + 1)", arrivalHours)}::INTEGER)
             + to_minutes(CAST(floor(60 * u('minute', n, v + 1)) AS INTEGER)) AS arrival,
           TRUE AS returns
    FROM visit${level - 1}
    WHERE admitted AND NOT fatal AND discharge_date <= DATE ${literal(plan.end)}
      AND u('return', n, v) < CASE admission_type WHEN 'emergency' THEN least(0.35, 0.1 + 0.03 * least(frailty, 6)) ELSE 0.04 END`;
}

/**
 * Adds what really happened in the chunk to `settled_visit`. A visit that begins before an earlier one has ended is
 * dropped (nobody is in two places), and so is everything after a death. Arrivals in the local hour that the
 * spring change skips are moved behind it.
 */
export function insertSettledVisits(plan: SynthPlan): string {
  return `INSERT INTO settled_visit
    WITH candidate AS (
      SELECT * FROM visit0 UNION ALL SELECT * FROM visit1 UNION ALL SELECT * FROM visit2
    ), apart AS (
      SELECT *, max(last_day) OVER earlier AS busy_until FROM candidate
      WINDOW earlier AS (PARTITION BY n ORDER BY arrival, v ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), alone AS (
      SELECT * REPLACE (fatal AND last_day BETWEEN DATE ${literal(plan.start)} AND DATE ${literal(plan.end)} AS fatal)
      FROM apart WHERE busy_until IS NULL OR CAST(arrival AS DATE) > busy_until
    ), alive AS (
      SELECT *, coalesce(bool_or(fatal) OVER (PARTITION BY n ORDER BY arrival, v ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), FALSE) AS dead
      FROM alone
    )
    SELECT ${settledColumns.map(([name]) => (name === 'arrival' || name === 'departure' ? `${name} + skipped` : name)).join(', ')}
    FROM (SELECT *, CASE WHEN hour(arrival) = 1 AND CAST(arrival AS DATE) IN (SELECT day FROM clock_change WHERE spring)
                         THEN INTERVAL 1 HOUR ELSE INTERVAL 0 HOUR END AS skipped
          FROM alive WHERE NOT dead)
    WHERE CAST(arrival AS DATE) <= DATE ${literal(plan.end)}
    ORDER BY n, arrival, v`;
}

const settledColumns = [
  ['n', 'BIGINT'],
  ['v', 'BIGINT'],
  ['kind', 'VARCHAR'],
  ['arrival', 'TIMESTAMP'],
  ['departure', 'TIMESTAMP'],
  ['total_mins', 'BIGINT'],
  ['triage', 'INTEGER'],
  ['admitted', 'BOOLEAN'],
  ['admission_type', 'VARCHAR'],
  ['icd10', 'VARCHAR'],
  ['specialty', 'VARCHAR'],
  ['hrg', 'VARCHAR'],
  ['procedure', 'VARCHAR'],
  ['nights', 'INTEGER'],
  ['frailty', 'DOUBLE'],
  ['trust_no', 'INTEGER'],
  ['admission_date', 'DATE'],
  ['discharge_date', 'DATE'],
  ['last_day', 'DATE'],
  ['fatal', 'BOOLEAN'],
] as const;

/** The visits of all patients: the bed base is a matter of all of them together. */
export const settledVisitTable = `CREATE TABLE settled_visit (${settledColumns.map((column) => column.join(' ')).join(', ')})`;

/** Table `clock_change(day, spring)`: the last Sundays of March and October of the period. */
export function clockChangeTable(plan: SynthPlan): string {
  const firstYear = Number(plan.start.slice(0, 4)) - 1;
  const lastYear = Number(plan.end.slice(0, 4)) + 1;
  return `CREATE OR REPLACE TABLE clock_change AS
    SELECT CAST(month_end - (isodow(month_end) % 7)::INTEGER AS DATE) AS day, spring
    FROM (SELECT make_date(y, 3, 31) AS month_end, TRUE AS spring FROM range(${firstYear}, ${lastYear + 1}) AS r(y)
          UNION ALL SELECT make_date(y, 10, 31), FALSE FROM range(${firstYear}, ${lastYear + 1}) AS r(y))`;
}
