import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { identifierShapeIn } from '../../../src/access/identifier-shapes.js';
import type { ResourceCount } from '../../../src/etl/fhir/counts.js';
import type { RunReport } from '../../../src/etl/report.js';
import { configAt, loadAt } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { columnsOf, identifiedFile, openReader, openRelease, type Reader } from '../../support/release.js';

/** The figures of the three FHIR samples (domain 8.1), through a whole run. */
const data = process.env['MAPLEWOOD_TEST_DATA'];
if (data === undefined) {
  process.stdout.write('fhir samples: SKIPPED, since MAPLEWOOD_TEST_DATA names no folder of test data\n');
}
const withData = data === undefined ? describe.skip : describe;
const folderOfSet = data === undefined ? () => '' : temporaryFolder;

interface Sample {
  readonly name: string;
  readonly files: number;
  readonly rows: number;
  readonly current: number;
  readonly quarantined: number;
  readonly received: Readonly<Record<string, number>>;
  readonly references: Readonly<Record<string, readonly [resolved: number, unresolved: number]>>;
  readonly gold: Readonly<Record<string, number>>;
  /** Patients labelled R or V; NHS numbers by the result of their check. */
  readonly restricted: number;
  readonly nhsNumbers: { readonly valid: number; readonly failed: number };
}

const samples: readonly Sample[] = [
  {
    name: 'fhir_r4_synthea_bundles',
    files: 104,
    rows: 30_533,
    current: 30_209,
    quarantined: 0,
    received: {
      Patient: 102,
      Encounter: 2_869,
      Observation: 13_852,
      Condition: 751,
      Procedure: 2_483,
      MedicationRequest: 687,
      DiagnosticReport: 942,
      Organization: 264,
      Practitioner: 264,
    },
    references: { urn: [104_667, 0], contained: [5_738, 0] },
    restricted: 0,
    nhsNumbers: { valid: 0, failed: 0 },
    gold: {
      dim_patient: 102,
      dim_trust: 102,
      fact_spell: 55,
      fact_ed_attendance: 151,
      fact_contact: 2_663,
      fact_prescription: 687,
      fact_condition: 751,
      fact_procedure: 2_483,
      fact_observation: 5_392,
    },
  },
  {
    name: 'fhir_r4_bulk_ndjson_10',
    files: 14,
    rows: 7_164,
    current: 7_160,
    quarantined: 4,
    received: {
      Patient: 13,
      Encounter: 1_215,
      Condition: 555,
      Procedure: 2_056,
      MedicationRequest: 1_745,
      DocumentReference: 1_215,
    },
    references: { conditional: [10_037, 0], identifier: [172, 0], relative: [15_262, 0] },
    restricted: 0,
    nhsNumbers: { valid: 0, failed: 0 },
    gold: {
      dim_patient: 13,
      dim_trust: 43,
      fact_spell: 49,
      fact_ed_attendance: 23,
      fact_contact: 1_143,
      fact_prescription: 1_745,
      fact_condition: 555,
      fact_procedure: 2_056,
      fact_observation: 0,
    },
  },
  {
    name: 'fhir_nhs_pds',
    files: 77,
    rows: 130,
    current: 84,
    quarantined: 0,
    received: { Patient: 103, OperationOutcome: 22, RelatedPerson: 3, Coverage: 2 },
    references: { identifier: [3, 30] },
    restricted: 2,
    nhsNumbers: { valid: 55, failed: 2 },
    gold: { dim_patient: 57, dim_trust: 0, fact_spell: 0 },
  },
];

withData.each(samples)('the sample $name', (sample) => {
  const folder = folderOfSet();
  const config = configAt(join(folder, 'home'));
  let report: RunReport;
  let gold: Reader;
  let identified: Reader;

  beforeAll(async () => {
    cpSync(join(data ?? '', sample.name), join(folder, 'landing', 'fhir'), { recursive: true });
    report = await loadAt(config, join(folder, 'landing'));
    gold = await openRelease(config);
    identified = await openReader(await identifiedFile(config));
  }, 300_000);
  afterAll(() => {
    gold?.close();
    identified?.close();
  });

  const byType = (): Record<string, ResourceCount> =>
    Object.fromEntries((report.fhir?.resources ?? []).map((count) => [count.type, count]));

  it('publishes a release out of FHIR alone', () => {
    expect(report).toMatchObject({ outcome: 'published', release: 1 });
    expect(report.read).toHaveLength(sample.files);
    expect(
      report.warnings.filter((warning) =>
        /column .* is missing|no file of (patients|conditions)/.test(warning),
      ),
    ).toEqual([]);
  });

  it('keeps every resource once, and accounts for the rest', () => {
    expect(report.sources.find(({ name }) => name === 'fhir')).toMatchObject({
      rows: sample.rows,
      silver: sample.current,
      duplicates: sample.rows - sample.current - sample.quarantined,
      quarantined: sample.quarantined,
    });
    for (const count of Object.values(byType())) {
      expect({ type: count.type, sum: count.repeated + count.mapped + count.notMapped }).toEqual({
        type: count.type,
        sum: count.received,
      });
    }
    for (const file of report.files) {
      expect({ name: file.name, rows: file.silver + file.duplicates + file.quarantined }).toEqual({
        name: file.name,
        rows: file.rows,
      });
    }
  });

  it('counts the resources by type', () => {
    const counted = Object.fromEntries(
      Object.keys(sample.received).map((type) => [type, byType()[type]?.received]),
    );
    expect(counted).toEqual(sample.received);
  });

  it('resolves every reference whose target was delivered', () => {
    const found = Object.fromEntries(
      (report.fhir?.references ?? []).map(({ kind, resolved, unresolved }) => [kind, [resolved, unresolved]]),
    );
    expect(found).toEqual(sample.references);
  });

  it('has the rows in gold, and refuses none', async () => {
    for (const [table, rows] of Object.entries(sample.gold)) {
      const [row] = await gold.rows<{ n: bigint }>(`select count(*) as n from ${table}`);
      expect({ table, rows: Number(row?.n) }).toEqual({ table, rows });
    }
    const mapped = report.sources.filter(({ name }) => name !== 'fhir');
    expect(mapped.reduce((sum, { quarantined }) => sum + quarantined, 0)).toBe(0);
  });

  it('marks restricted patients, and keeps only NHS numbers that pass their check', async () => {
    const [restricted] = await gold.rows(
      'select cast(count(*) as integer) as n from dim_patient where is_restricted',
    );
    const [valid] = await identified.rows('select cast(count(nhs_number) as integer) as n from patient');
    const failed = report.quality.find(({ rule }) => rule === 'NHS_NUMBER_CHECK_FAILED')?.violated;
    expect({ restricted, valid, failed }).toEqual({
      restricted: { n: sample.restricted },
      valid: { n: sample.nhsNumbers.valid },
      failed: sample.nhsNumbers.failed,
    });
  });

  it('lets no identifier and no name past the identified store', async () => {
    const patients = await identified.rows<Record<string, string | null>>(
      'select patient_id, nhs_number, family_name, given_names, address, postcode, phone, email from patient',
    );
    const ids = patients.map((row) => String(row['patient_id']).split('|')[1] ?? '');
    const names = patients.flatMap((row) =>
      ['family_name', 'given_names', 'address', 'phone', 'email', 'nhs_number'].map(
        (column) => row[column] ?? '',
      ),
    );
    const secrets = [...ids, ...names].filter((secret) => secret.length >= 6);
    expect(secrets.length).toBeGreaterThan(10);
    const texts = (await columnsOf(gold)).filter(({ type }) => type === 'VARCHAR');
    for (const { table, column } of texts) {
      // Names of organisations are open; hospitals are called after people and places.
      if (column === 'trust_name' || column === 'practice_name') continue;
      const values = await gold.rows<{ v: string }>(
        `select distinct "${column}" as v from "${table}" where "${column}" is not null`,
      );
      const leaks = values.filter(
        ({ v }) =>
          secrets.some((secret) => v.includes(secret)) ||
          /\d{3}-\d{2}-\d{4}|S999\d{5}|X\d{8}X|\b\d{10}\b/.test(v),
      );
      // File names are as delivered.
      if (column === 'last_file' || column === 'file') continue;
      expect({ table, column, leaks }).toEqual({ table, column, leaks: [] });
      const shapes = values.filter(({ v }) => identifierShapeIn(v) !== undefined);
      expect({ table, column, shapes }).toEqual({ table, column, shapes: [] });
    }
    const kept = JSON.stringify(
      await identified.rows('select * exclude (patient_sk) from patient'),
      (_key, value) => (typeof value === 'bigint' ? Number(value) : value),
    );
    expect(kept).not.toMatch(/\d{3}-\d{2}-\d{4}|S999\d{5}|X\d{8}X/);
  });
});
