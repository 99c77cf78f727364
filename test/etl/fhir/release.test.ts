import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadWarehouseKey } from '../../../src/access/keys.js';
import { pseudonym } from '../../../src/access/pseudonym.js';
import type { RunReport } from '../../../src/etl/report.js';
import { printReport } from '../../../src/etl/report.js';
import { configAt, loadAt, measuresAlone, synthAt } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { fromRelease, identifiedFile, openReader } from '../../support/release.js';
import { type Json, landed, ndjson } from './builders.js';
import { contact, janet, spell, trust, world } from './world.js';

const folder = temporaryFolder();
const config = measuresAlone(configAt(join(folder, 'home')));
let landing: string;
let report: RunReport;

/** A FHIR patient whose id is one of the CSV delivery: another person. */
const namesake: Json = { resourceType: 'Patient', id: 'PAT_000001', gender: 'male', birthDate: '1950-05-05' };
const secret: Json = {
  ...janet,
  id: 'secret',
  identifier: [],
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
};

beforeAll(async () => {
  landing = await synthAt(folder, { patients: 200, faultRate: 0 });
  await landed(
    landing,
    'fhir/2023/world.ndjson',
    `${ndjson([...world, namesake, secret])}{"eventId":"kickoff"}\n`,
  );
  report = await loadAt(config, landing);
}, 300_000);

const one = async <T>(sql: string): Promise<T | undefined> => (await fromRelease<T>(config, sql))[0];
const keyOf = (
  entity: 'patient' | 'staff' | 'event',
  namespace: string,
  id: string,
  caseInsensitive = false,
): string =>
  pseudonym(
    loadWarehouseKey(config.home, { create: false, dev: true }),
    { entity, namespace, caseInsensitive },
    id,
  ).toString('hex');

describe('a landing of tables and FHIR', () => {
  it('is one release', async () => {
    expect(report.outcome).toBe('published');
    expect(await one('select count(*)::integer as n from dim_patient')).toEqual({ n: 204 });
    expect(await one("select count(*)::integer as n from dim_trust where trust_code = 'RXX'")).toEqual({
      n: 1,
    });
  });

  it('warns of no column and no dataset that only FHIR has', () => {
    const about = report.warnings.filter((warning) => !warning.startsWith('fhir/'));
    expect(about.filter((warning) => /column|conditions|procedures|observations/.test(warning))).toEqual([]);
  });

  it('accounts for the resources and for the rows that they make', () => {
    expect(report.sources.find(({ name }) => name === 'fhir')).toMatchObject({
      rows: world.length + 3,
      silver: world.length + 2,
      duplicates: 0,
      quarantined: 1,
    });
    expect(
      report.files
        .filter(({ name }) => name === 'fhir/2023/world.ndjson')
        .map(({ dataset, rows, silver }) => [dataset, rows, silver]),
    ).toContainEqual(['patients', 4, 4]);
    for (const file of report.files) expect(file.rows).toBe(file.silver + file.duplicates + file.quarantined);
    expect(printReport(report)).toMatch(
      /resource +received +repeated[\s\S]*Encounter +4 +0[\s\S]*conditional +1 +0/,
    );
  });

  it('shows what is no resource in the quarantine, without its text', async () => {
    expect(
      await fromRelease(config, "select file, rule, value_shape from quarantined_row where dataset = 'fhir'"),
    ).toEqual([{ file: 'fhir/2023/world.ndjson', rule: 'RESOURCE_UNREADABLE', value_shape: 'OTHER' }]);
  });

  it('keys FHIR ids in a name space of their own, by case', async () => {
    const keys = await fromRelease<{ sk: string }>(
      config,
      'select lower(hex(patient_sk)) as sk from dim_patient',
    );
    const all = keys.map(({ sk }) => sk);
    for (const id of ['Janet-1', 'janet-1', 'PAT_000001'])
      expect(all).toContain(keyOf('patient', 'fhir/Patient', id));
    expect(all).toContain(keyOf('patient', 'nhs-local', 'PAT_000001', true));
    expect(
      await one(
        `select lower(hex(consultant_sk)) as sk from fact_spell where lower(hex(spell_sk)) = '${keyOf('event', 'fhir/Encounter', 'spell')}'`,
      ),
    ).toEqual({ sk: keyOf('staff', 'https://fhir.nhs.uk/Id/consultant-code', 'C1234567') });
  });

  it('links conditions and observations to their visits', async () => {
    expect(
      await one(
        'select c.code, s.primary_diagnosis from fact_condition c join fact_spell s on c.visit_sk = s.spell_sk and c.patient_no = s.patient_no',
      ),
    ).toEqual({ code: '38341003', primary_diagnosis: 'E119' });
    expect(
      await one(
        'select o.code, o.unit, cast(o.value as varchar) as value, cast(o.observed_at as varchar) as at from fact_observation o join fact_ed_attendance a on o.visit_sk = a.attendance_sk',
      ),
    ).toEqual({ code: '29463-7', unit: 'kg', value: '70.250000', at: '2023-03-26 01:30:00' });
  });

  it('marks restricted patients alone', async () => {
    expect(
      await fromRelease(config, 'select lower(hex(patient_sk)) as sk from dim_patient where is_restricted'),
    ).toEqual([{ sk: keyOf('patient', 'fhir/Patient', 'secret') }]);
  });

  it('has names and addresses in the identified store alone', async () => {
    const identified = await openReader(await identifiedFile(config));
    try {
      expect(
        await identified.rows(
          "select nhs_number, family_name, given_names, address, postcode, phone, email from patient where patient_id = 'fhir/Patient|Janet-1'",
        ),
      ).toEqual([
        {
          nhs_number: '9434765919',
          family_name: 'Smythe',
          given_names: 'Janet Ann',
          address: '1 Trevelyan Square, Leeds',
          postcode: 'LS1 6AE',
          phone: '01632 960587',
          email: 'janet@example.org',
        },
      ]);
    } finally {
      identified.close();
    }
  });
});

describe('a second FHIR delivery', () => {
  it('replaces resources of the first, and a third run has nothing to do', async () => {
    await landed(
      landing,
      'fhir/2024/update.json',
      JSON.stringify({
        resourceType: 'Bundle',
        type: 'collection',
        entry: [
          { resource: { ...trust, name: 'Renamed NHS Trust' } },
          { resource: { ...spell, period: { start: '2023-03-26', end: '2023-04-02' } } },
        ],
      }),
    );
    const second = await loadAt(config, landing);
    expect(second).toMatchObject({ outcome: 'published', release: 2 });
    expect(await one("select trust_name, batch_id from dim_trust where trust_code = 'RXX'")).toMatchObject({
      trust_name: 'Renamed NHS Trust',
    });
    expect(await one("select los_days, primary_diagnosis from fact_spell where trust_code = 'RXX'")).toEqual({
      los_days: 7,
      primary_diagnosis: 'E119',
    });
    expect(second.sources.find(({ name }) => name === 'fhir')).toMatchObject({
      silver: world.length + 2,
      duplicates: 2,
    });
    expect(await loadAt(config, landing)).toMatchObject({ outcome: 'unchanged', release: 2 });
  }, 300_000);
});

describe('a trust that a table and FHIR bring', () => {
  it('keeps the row of the table, which says more', async () => {
    const known = await one<{ trust_code: string; trust_name: string; beds: number }>(
      "select trust_code, trust_name, beds from dim_trust where trust_code <> 'RXX' and trust_code like 'R%' order by 1 limit 1",
    );
    const identifier = [{ system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: known?.trust_code }];
    await landed(
      landing,
      'fhir/2024/org.ndjson',
      ndjson([{ ...trust, id: 'known', identifier, name: 'As FHIR has it' }]),
    );
    await loadAt(config, landing);
    expect(
      await one(
        `select trust_code, trust_name, beds from dim_trust where trust_code = '${known?.trust_code}'`,
      ),
    ).toEqual(known);
  }, 300_000);
});

describe('a resource whose row a contract refuses', () => {
  it('is counted as mapped and quarantined, and tried again when its patient comes', async () => {
    const orphan = { ...contact('orphan', 'AMB'), subject: { reference: 'Patient/later' } };
    await landed(landing, 'fhir/2024/orphan.ndjson', ndjson([orphan]));
    const refused = await loadAt(config, landing);
    const encounters = (run: RunReport) => run.fhir?.resources.find(({ type }) => type === 'Encounter');
    expect(encounters(refused)).toMatchObject({ mapped: 5, quarantined: 1, notMapped: 0 });
    await landed(
      landing,
      'fhir/2024/later.ndjson',
      ndjson([{ resourceType: 'Patient', id: 'later', birthDate: '2000-01-01' }]),
    );
    expect(encounters(await loadAt(config, landing))).toMatchObject({ mapped: 5, quarantined: 0 });
  }, 300_000);
});

describe('FHIR with organisations but no patients', () => {
  it('is a release without events', async () => {
    const home = measuresAlone(configAt(join(folder, 'other-home')));
    const only = join(folder, 'only');
    await landed(only, 'fhir/Organization.ndjson', ndjson([trust]));
    expect(await loadAt(home, only)).toMatchObject({ outcome: 'published', release: 1 });
    rmSync(only, { recursive: true });
  }, 300_000);
});
