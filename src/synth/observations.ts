import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { replaceFile } from './delivery.js';
import type { SynthPlan } from './options.js';
import { literal, pick } from './random.js';

/** Share of emergency stays in which vital signs are sent. */
const observedStays = 0.3;
/** Days of a stay on which they are sent at most. */
const longest = 14;
/** System of the patient ids of the other deliveries, by which an observation names its patient. */
const patientSystem = 'urn:maplewood:patient';

/** What the early warning score NEWS2 is made of: column, LOINC code, unit of UCUM. */
const parameters = [
  ['respirations', '9279-1', '/min'],
  ['saturation', '59408-5', '%'],
  ['oxygen', '3151-8', 'L/min'],
  ['systolic', '8480-6', 'mm[Hg]'],
  ['pulse', '8867-4', '/min'],
  ['consciousness', '9269-2', '1'],
  ['temperature', '8310-5', 'Cel'],
] as const;

/** Working table: a row each time that the vital signs of somebody were taken, at a local time. */
export const observationTable = `CREATE TABLE observation (id VARCHAR, patient_id VARCHAR, taken TIMESTAMP,
  ${parameters.map(([name]) => `${name} DOUBLE`).join(', ')})`;

/**
 * Vital signs of a chunk: of some emergency stays, once in the evening of the admission, then each morning. How ill
 * somebody is falls day by day, unless the stay ends in death.
 */
export function insertObservations(plan: SynthPlan): string {
  const flow = pick("u('flow', n, k)", [
    [1, 20],
    [2, 40],
    [4, 25],
    [10, 15],
  ]);
  return `INSERT INTO observation
    WITH observed AS (
      SELECT n, v, admission_date, nights, fatal, frailty, unnest(range(0, least(nights, ${longest - 1}) + 1)) AS d
      FROM visit
      WHERE admitted AND admission_type = 'emergency' AND admission_date BETWEEN DATE ${literal(plan.start)} AND DATE ${literal(plan.end)}
        AND u('observed', n, v) < ${observedStays}
    ), ill AS (
      SELECT *, 1000 * v + d AS k,
             greatest(0, (0.12 + 0.95 * pow(u('illness', n, v), 2) + 0.04 * least(frailty, 6)) * exp(-d / 3.0)
               + CASE WHEN fatal THEN 0.6 * (d + 1) / (nights + 1) ELSE 0 END) AS ill,
             admission_date + to_days(d::INTEGER) + to_minutes(CASE d WHEN 0 THEN 1260 ELSE 360 END + CAST(floor(90 * u('taken', n, 1000 * v + d)) AS INTEGER)) AS taken
      FROM observed
    ), breathing AS (
      SELECT *, greatest(70, least(100, round(97.2 - 11 * ill * u('saturation', n, k) + z('saturation-noise', n, k)))) AS saturation FROM ill
      WHERE taken < DATE ${literal(plan.end)} + INTERVAL 1 DAY
    )
    SELECT 'vitals-' || n || '-' || v || '-' || d, patient_id, taken,
           greatest(6, least(44, round(16 + 12 * ill * u('respirations', n, k) + 1.6 * z('respirations-noise', n, k)))),
           saturation,
           CASE WHEN saturation < 92 OR u('oxygen', n, k) < 0.25 * ill THEN ${flow} ELSE 0 END,
           greatest(60, least(230, round(130 - 34 * ill * u('systolic', n, k) + 13 * z('systolic-noise', n, k)))),
           greatest(36, least(190, round(78 + 42 * ill * u('pulse', n, k) + 9 * z('pulse-noise', n, k)))),
           CASE WHEN u('alert', n, k) < 0.12 * ill THEN 15 - CAST(ceil(7 * u('consciousness', n, k)) AS INTEGER) ELSE 15 END,
           round(36.8 + 2.8 * ill * (u('temperature', n, k) - 0.15) + 0.3 * z('temperature-noise', n, k), 1)
    FROM breathing JOIN person_number USING (n)`;
}

/**
 * Writes the observations as FHIR resources, one a line: a panel of vital signs with a component each. Without any there
 * is no file.
 */
export async function deliverObservations(
  connection: DuckDBConnection,
  plan: SynthPlan,
): Promise<{ file: string; rows: number }> {
  const file = join(plan.out, 'fhir', 'observations.ndjson');
  const component = parameters.map(
    ([name, code, unit]) =>
      `{ 'code': { 'coding': [{ 'system': 'http://loinc.org', 'code': ${literal(code)} }] }, 'valueQuantity': { 'value': ${name}, 'unit': ${literal(unit)}, 'system': 'http://unitsofmeasure.org', 'code': ${literal(unit)} } }`,
  );
  const resource = `SELECT 'Observation' AS "resourceType", id, 'final' AS status,
      [{ 'coding': [{ 'system': 'http://terminology.hl7.org/CodeSystem/observation-category', 'code': 'vital-signs' }] }] AS category,
      { 'coding': [{ 'system': 'http://loinc.org', 'code': '85353-1' }] } AS code,
      { 'identifier': { 'system': ${literal(patientSystem)}, 'value': patient_id } } AS subject,
      strftime(timezone('UTC', timezone('Europe/London', taken)), '%Y-%m-%dT%H:%M:%SZ') AS "effectiveDateTime",
      [${component.join(', ')}] AS component
    FROM observation ORDER BY taken, id`;
  const [count] = (
    await connection.runAndReadAll('SELECT count(*)::DOUBLE AS n FROM observation')
  ).getRowObjectsJS();
  const rows = Number(count?.['n'] ?? 0);
  if (rows === 0) {
    await rm(file, { force: true });
    return { file, rows };
  }
  await mkdir(dirname(file), { recursive: true });
  await replaceFile(file, async (temporary) => {
    await connection.run(`COPY (${resource}) TO ${literal(temporary)} (FORMAT json)`);
  });
  return { file, rows };
}
