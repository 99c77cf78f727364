/** Prices by HRG root, as the supplier of the journeys uses them (domain definition 4.1). */
const prices: ReadonlyArray<readonly [root: string, price: number]> = [
  ['AA22', 4500],
  ['AA23', 1800],
  ['DZ19', 8900],
  ['FF01', 950],
  ['HN12', 2100],
  ['FZ92', 180],
  ['WJ11', 280],
];
const otherPrice = 2000;

/**
 * Rows of `patient_journeys` for the persons `from … to - 1`: spells, attendances, referrals and contacts as
 * delivered, discharges before admission included, other quarantined rows left out; no prescribing and no
 * social care (domain definition 1.6). A transition is a next event within 30 days, start to start.
 */
export function insertJourneys(from: number, to: number, rowsBefore: number): string {
  const price = `CASE left(hrg_code, 4) ${prices.map(([root, pounds]) => `WHEN '${root}' THEN ${pounds}`).join(' ')} ELSE ${otherPrice} END`;
  const within = `n >= ${from} AND n < ${to}`;
  return `INSERT INTO patient_journeys
    WITH event AS (
      SELECT n, patient_id, admission_date AS day, 'Acute' AS setting, row_no, (${price})::DECIMAL(18, 2) AS cost
      FROM sus_episodes WHERE ${within} AND (fault IS NULL OR split_part(fault, '#', 1) = 'SUS_DISCHARGE_BEFORE_ADMISSION')
      UNION ALL
      SELECT n, patient_id, CAST(arrival_datetime AS DATE), 'Emergency', row_no, 280 FROM ecds_attendances WHERE ${within} AND fault IS NULL
      UNION ALL
      SELECT n, patient_id, referral_date, 'Mental Health', row_no, 180 * total_contacts FROM mhsds_referrals WHERE ${within} AND fault IS NULL
      UNION ALL
      SELECT n, patient_id, contact_date, 'Community', row_no, 2.50 * contact_duration_mins FROM csds_contacts WHERE ${within} AND fault IS NULL
    ), followed AS (
      SELECT *, lag(setting) OVER earlier AS before, day - lag(day) OVER earlier AS gap FROM event
      WINDOW earlier AS (PARTITION BY n ORDER BY day, setting, row_no)
    )
    SELECT n, ${rowsBefore} + row_number() OVER (ORDER BY n) AS row_no, NULL::VARCHAR AS fault, any_value(patient_id) AS patient_id,
           min(day) AS journey_start_date, max(day) AS journey_end_date, count(*) AS total_events, CAST(sum(cost) AS DOUBLE) AS total_cost,
           string_agg(DISTINCT setting, ',' ORDER BY setting) AS care_settings_used,
           string_agg(before || ' -> ' || setting, ',' ORDER BY day, setting, row_no) FILTER (WHERE gap <= 30) AS care_transitions,
           count(DISTINCT setting) > 1 AS integrated_care_episode, count(*) > 10 AS high_intensity
    FROM followed GROUP BY n ORDER BY n`;
}
