import { join } from 'node:path';
import type { BronzeBatch } from '../../../src/etl/bronze.js';
import { contracts } from '../../../src/etl/contracts/index.js';
import type { Engine } from '../../../src/etl/engine.js';
import { ingestFhir } from '../../../src/etl/fhir/ingest.js';
import { type MappedFhir, mapFhir, refusedTable } from '../../../src/etl/fhir/map.js';
import { folderLake } from '../../../src/lake/folder.js';
import { temporaryFolder } from '../../support/landing.js';
import { bundle, engineAt, type Json, landed, ndjson } from './builders.js';
import {
  attendance,
  conditions,
  contact,
  drug,
  hospice,
  janet,
  other,
  practice,
  spell,
  trust,
  world,
} from './world.js';

const folder = temporaryFolder();
let engine: Engine;
let runs = 0;
beforeAll(async () => {
  engine = await engineAt(folder);
});
afterAll(() => engine.close());

interface Mapped extends MappedFhir {
  rows(dataset: string): Promise<Record<string, unknown>[]>;
  row(dataset: string, id: string): Promise<Record<string, unknown> | undefined>;
}

/** Delivers files one after the other to a new lake and maps what it then holds. Days come back as text. */
async function mapped(...deliveries: readonly string[]): Promise<Mapped> {
  runs += 1;
  const lake = folderLake(join(folder, `lake${runs}`));
  const batches: BronzeBatch[] = [];
  for (const [index, content] of deliveries.entries()) {
    const name = content.startsWith('{"resourceType":"Bundle"') ? `f${index}.json` : `f${index}.ndjson`;
    const file = await landed(join(folder, `landing${runs}`), name, content);
    batches.push(
      await ingestFhir(file, index + 1, {
        connection: engine.connection,
        lake,
        run: 'r',
        loadedAt: '2024-05-01T10:00:00Z',
      }),
    );
  }
  const result = await mapFhir(engine, lake, batches, 'mapped');
  const rows = async (dataset: string) => {
    const file = result.files.get(dataset);
    if (!file) return [];
    const columns = file.columns.map(({ name, type }) =>
      /DATE|TIMESTAMP/.test(type)
        ? `cast("${name}" as varchar) as "${name}"`
        : type === 'BIGINT'
          ? `cast("${name}" as integer) as "${name}"`
          : `"${name}"`,
    );
    return engine.rows<Record<string, unknown>>(
      `select ${columns.join(', ')}, _batch, cast(_row as integer) as _row from read_parquet('${lake.path(file.path)}') order by _batch, _row, 1`,
    );
  };
  return {
    ...result,
    rows,
    async row(dataset, id) {
      const key = contracts.get(dataset)?.key[0] ?? '';
      return (await rows(dataset)).find((row) => String(row[key]).endsWith(`|${id}`));
    },
  };
}

describe('UK Core resources as rows of the datasets', () => {
  let all: Mapped;
  beforeAll(async () => {
    all = await mapped(ndjson(world));
  });

  it('make a trust and a practice of organisations, by their ODS codes', async () => {
    const [first, second] = await all.rows('trusts');
    expect(first).toMatchObject({ trust_code: 'RXX', trust_name: 'Anywhere NHS Trust' });
    expect(second).toMatchObject({
      trust_code: expect.stringMatching(/^F[0-9A-Z]{4}$/),
      trust_name: 'A hospice',
    });
    expect(await all.rows('practices')).toMatchObject([
      { practice_code: 'A81001', postcode_district: 'LS1' },
    ]);
  });

  it('make a patient, with no identifier but a valid NHS number', async () => {
    expect(await all.row('patients', 'Janet-1')).toMatchObject({
      patient_id: 'fhir/Patient|Janet-1',
      nhs_number: '9434765919',
      nhs_number_status: '01',
      nhs_number_check: 'VALID',
      date_of_birth: '1980-02-29',
      gender: 'F',
      ethnicity: 'J',
      registered_practice: 'A81001',
      postcode_district: 'LS1',
      restricted: false,
      family_name: 'Smythe',
      given_names: 'Janet Ann',
      address: '1 Trevelyan Square, Leeds',
      postcode: 'LS1 6AE',
      phone: '01632 960587',
      email: 'janet@example.org',
    });
    expect(await all.row('patients', 'janet-1')).toMatchObject({
      nhs_number: null,
      nhs_number_status: '03',
      nhs_number_check: 'PALINDROME',
      date_of_birth: null,
      gender: 'U',
      registered_practice: 'B82002',
    });
  });

  it('make a spell of an inpatient encounter, on London days', async () => {
    expect(await all.row('sus_episodes', 'spell')).toMatchObject({
      episode_id: 'fhir/Encounter|spell',
      patient_id: 'fhir/Patient|Janet-1',
      trust_code: 'RXX',
      // 23:30 at -04:00 is 04:30 in London, where the clocks have just gone forward.
      admission_date: '2023-03-26',
      discharge_date: '2023-03-30',
      length_of_stay: 4,
      admission_method: '21',
      admission_source: '19',
      discharge_destination: '54',
      specialty: '320',
      ward_code: 'W7',
      consultant_code: 'https://fhir.nhs.uk/Id/consultant-code|C1234567',
    });
  });

  it('code a spell by its ICD-10 conditions and OPCS-4 procedures, by rank, then by date, each once', async () => {
    expect(await all.row('sus_episodes', 'spell')).toMatchObject({
      primary_diagnosis: 'E119',
      secondary_diagnoses: 'I10,J189',
      primary_procedure: 'W371',
      secondary_procedures: 'Z942',
    });
  });

  it('keep the other conditions and procedures as codes of their own', async () => {
    expect(await all.rows('conditions')).toMatchObject([
      {
        condition_id: 'fhir/Condition|snomed',
        encounter_id: 'fhir/Encounter|spell',
        code_system: 'snomed',
        code: '38341003',
        recorded_date: '2023-03-28',
      },
      {
        condition_id: 'fhir/Condition|home',
        encounter_id: null,
        code_system: 'icd10',
        code: 'F10.2',
        onset_date: '2020-05-01',
      },
    ]);
    expect(await all.rows('procedures')).toMatchObject([
      {
        procedure_id: 'fhir/Procedure|p3',
        code_system: 'snomed',
        code: '52734007',
        performed_date: '2023-03-27',
      },
    ]);
  });

  it('make an attendance of an emergency encounter, on London time, with the minutes that passed', async () => {
    const [derived] = (await all.rows('trusts')).slice(1);
    expect(await all.row('ecds_attendances', 'ed')).toMatchObject({
      patient_id: 'fhir/Patient|Janet-1',
      trust_code: derived?.['trust_code'],
      arrival_datetime: '2023-03-26 00:30:00',
      departure_datetime: '2023-03-26 02:30:00',
      total_time_mins: 60,
      discharge_destination: '01',
    });
  });

  it('make contacts of home and virtual encounters, with the practitioner behind the role', async () => {
    const staff = {
      care_professional: 'https://fhir.nhs.uk/Id/consultant-code|C1234567',
      contact_date: '2023-06-01',
      contact_duration_mins: 20,
    };
    expect(await all.row('csds_contacts', 'home')).toMatchObject({
      contact_setting: '01',
      contact_mode: 'Face to face',
      ...staff,
    });
    expect(await all.row('csds_contacts', 'virtual')).toMatchObject({
      contact_setting: null,
      contact_mode: 'Video call',
      ...staff,
    });
  });

  it('make a prescription of an order and of no plan', async () => {
    expect(await all.rows('prescriptions')).toMatchObject([
      {
        prescription_id: 'fhir/MedicationRequest|rx',
        prescription_date: '2023-05-01',
        drug_code_system: 'dmd',
        drug_code: '319740004',
        quantity: 28,
        prescription_items: 1,
        prescriber_code: 'https://fhir.nhs.uk/Id/consultant-code|C1234567',
      },
    ]);
  });

  it('make a referral of a referral and of no test, and a package of an episode of care', async () => {
    expect(await all.rows('mhsds_referrals')).toMatchObject([
      {
        referral_id: 'fhir/ServiceRequest|ref',
        referral_date: '2023-04-01',
        urgency: 'Urgent',
        primary_diagnosis: 'F321',
      },
    ]);
    expect(await all.rows('social_care')).toMatchObject([
      {
        package_id: 'fhir/EpisodeOfCare|care',
        package_type: 'HOMECARE',
        start_date: '2023-01-02',
        end_date: null,
        status: 'Active',
      },
    ]);
  });

  it('make a row of each value of the vital signs', async () => {
    expect(
      (await all.rows('observations')).map(({ observation_id, code, value, unit, effective_datetime }) => [
        observation_id,
        code,
        value,
        unit,
        effective_datetime,
      ]),
    ).toEqual([
      ['fhir/Observation|weight', '29463-7', '70.25', 'kg', '2023-03-26 02:30:00'],
      ['fhir/Observation|pressure#1', '8480-6', '120', 'mm[Hg]', '2023-03-26 02:30:00'],
      ['fhir/Observation|pressure#2', '8462-4', '80', null, '2023-03-26 02:30:00'],
    ]);
  });

  it('have only columns of the contracts, and texts of class D alone that identify', async () => {
    for (const [dataset, file] of all.files) {
      const contract = contracts.get(dataset);
      const rows = await all.rows(dataset);
      for (const { name } of file.columns) {
        expect(Object.keys(contract?.columns ?? {})).toContain(name);
        if (contract?.columns[name]?.sensitivity === 'D') continue;
        const values = JSON.stringify(rows.map((row) => row[name]));
        expect(values).not.toMatch(
          /Janet|Smythe|Trevelyan|LS1 6AE|943|960587|999-84-4261|MRN-77421|9000000009/i,
        );
      }
    }
    const everything = JSON.stringify(
      await Promise.all([...all.files.keys()].map((dataset) => all.rows(dataset))),
    );
    expect(everything).not.toMatch(/999-84-4261|MRN-77421|9000000009|display|Text of/);
  });

  it('are counted by type, with every reference', () => {
    const of = (type: string) => all.counts.resources.find((count) => count.type === type);
    expect(of('Condition')).toEqual({
      type: 'Condition',
      received: 7,
      repeated: 0,
      withoutId: 0,
      mapped: 6,
      quarantined: 0,
      notMapped: 1,
    });
    expect(of('Procedure')).toMatchObject({ mapped: 3, notMapped: 1 });
    expect(of('Encounter')).toMatchObject({ mapped: 4, notMapped: 0 });
    expect(of('Location')).toMatchObject({ mapped: 1 });
    expect(of('Practitioner')).toMatchObject({ mapped: 1 });
    expect(all.counts.references).toMatchObject([
      { kind: 'absolute', resolved: 1, unresolved: 0 },
      { kind: 'conditional', resolved: 1, unresolved: 0 },
      { kind: 'identifier', resolved: 1, unresolved: 1 },
      { kind: 'relative', unresolved: 0 },
    ]);
  });
});

describe('what a later delivery says', () => {
  it('replaces what an earlier one said of the same type and id, also within a file', async () => {
    const renamed = { ...trust, name: 'New name' };
    const { rows, counts } = await mapped(ndjson([trust, { ...trust, name: 'Second' }]), ndjson([renamed]));
    expect(await rows('trusts')).toMatchObject([{ trust_name: 'New name', _batch: 2, _row: 1 }]);
    expect(counts.resources).toMatchObject([{ type: 'Organization', received: 3, repeated: 2, mapped: 1 }]);
    expect(await (await mapped(ndjson([trust, renamed]))).rows('trusts')).toMatchObject([
      { trust_name: 'New name', _row: 2 },
    ]);
  });

  it('brings what an earlier one referred to', async () => {
    const alone = await mapped(ndjson([spell]));
    expect(alone.counts.references).toContainEqual({ kind: 'absolute', resolved: 0, unresolved: 1 });
    // The patient is named, and the contract tries the row again on every run.
    expect(await alone.row('sus_episodes', 'spell')).toMatchObject({
      patient_id: 'fhir/Patient|Janet-1',
      trust_code: null,
    });
    const both = await mapped(ndjson([spell]), ndjson([janet, trust]));
    expect(await both.row('sus_episodes', 'spell')).toMatchObject({ trust_code: 'RXX', _batch: 1 });
  });
});

describe('references', () => {
  const encounter = (subject: Json, serviceProvider: Json, more: Json = {}): Json => ({
    ...spell,
    subject,
    serviceProvider,
    ...more,
  });

  it('by urn:uuid lead to the entry of their own Bundle, though another has the same address', async () => {
    const of = (name: string, code: string) =>
      JSON.stringify({
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          {
            fullUrl: 'urn:uuid:1',
            resource: {
              ...trust,
              id: name,
              identifier: [{ system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: code }],
            },
          },
          {
            fullUrl: `urn:uuid:e-${name}`,
            resource: encounter(
              { reference: 'Patient/Janet-1' },
              { reference: 'urn:uuid:1' },
              { id: `e-${name}` },
            ),
          },
        ],
      });
    const { row } = await mapped(of('a', 'RAA'), of('b', 'RBB'));
    expect(await row('sus_episodes', 'e-a')).toMatchObject({ trust_code: 'RAA' });
    expect(await row('sus_episodes', 'e-b')).toMatchObject({ trust_code: 'RBB' });
  });

  it('by urn:uuid reach a resource that has no id but its address', async () => {
    const { id: _id, ...nameless } = trust;
    const text = JSON.stringify({
      resourceType: 'Bundle',
      entry: [
        { fullUrl: 'urn:uuid:0f', resource: nameless },
        { resource: encounter({ reference: 'Patient/x' }, { reference: 'urn:uuid:0f' }) },
      ],
    });
    expect(await (await mapped(text)).row('sus_episodes', 'spell')).toMatchObject({
      trust_code: 'RXX',
      patient_id: 'fhir/Patient|x',
    });
  });

  it.each([
    ['relative with a version', { reference: 'Organization/rxx/_history/3' }],
    [
      'conditional and encoded',
      { reference: 'Organization?identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fods-organization-code%7CRXX' },
    ],
    [
      'by identifier alone',
      { identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'RXX' } },
    ],
  ])('are followed: %s', async (_name, reference) => {
    const { row } = await mapped(ndjson([trust, encounter({ reference: 'Patient/a' }, reference)]));
    expect(await row('sus_episodes', 'spell')).toMatchObject({ trust_code: 'RXX' });
  });

  it('to the patient id of another delivery belong to that patient, who is no resource', async () => {
    const of = async (system: string) => {
      const { rows, counts } = await mapped(
        ndjson([
          {
            resourceType: 'Observation',
            id: 'pulse',
            status: 'final',
            category: [{ coding: [{ code: 'vital-signs' }] }],
            code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
            subject: { identifier: { system, value: 'PAT_000001' } },
            effectiveDateTime: '2024-03-01T10:00:00Z',
            valueQuantity: { value: 72, system: 'http://unitsofmeasure.org', code: '/min' },
          },
        ]),
      );
      const [row] = await rows('observations');
      return [row?.['patient_id'], counts.references];
    };
    expect(await of('urn:maplewood:patient')).toEqual([
      'PAT_000001',
      [{ kind: 'identifier', resolved: 1, unresolved: 0 }],
    ]);
    expect(await of('urn:elsewhere:patient')).toEqual([
      null,
      [{ kind: 'identifier', resolved: 0, unresolved: 1 }],
    ]);
  });

  it('to an identifier that two resources have lead nowhere', async () => {
    const twice = [trust, { ...trust, id: 'again' }];
    const { row, counts } = await mapped(
      ndjson([
        ...twice,
        encounter(
          { reference: 'Patient/a' },
          { reference: 'Organization?identifier=https://fhir.nhs.uk/Id/ods-organization-code|RXX' },
        ),
      ]),
    );
    expect(await row('sus_episodes', 'spell')).toMatchObject({ trust_code: null });
    expect(counts.references).toContainEqual({ kind: 'conditional', resolved: 0, unresolved: 2 });
  });

  it('into the resource itself are known where it contains the target', async () => {
    const claim = (contained: string) => ({
      resourceType: 'Claim',
      id: contained,
      contained: [{ resourceType: 'Coverage', id: contained }],
      insurance: [{ coverage: { reference: '#c1' } }],
    });
    const { counts } = await mapped(ndjson([claim('c1'), claim('c2')]));
    expect(counts.references).toEqual([{ kind: 'contained', resolved: 1, unresolved: 1 }]);
  });
});

describe('patients', () => {
  const label = (code: string) => ({
    security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code }],
  });

  it.each([
    ['their own record', [{ ...janet, meta: label('R') }]],
    ['a resource about them', [janet, { ...attendance, meta: label('V') }]],
    [
      'a resource of an unmapped type',
      [janet, { resourceType: 'Flag', id: 'f', subject: { reference: 'Patient/Janet-1' }, meta: label('R') }],
    ],
  ])('are restricted where %s is labelled so', async (_name, resources: readonly Json[]) => {
    const { row } = await mapped(ndjson([...resources, other]));
    expect(await row('patients', 'Janet-1')).toMatchObject({ restricted: true });
    expect(await row('patients', 'janet-1')).toMatchObject({ restricted: false });
  });
});

describe('a drug', () => {
  it('may stand in a resource that the order contains', async () => {
    const code = { coding: [{ system: 'http://snomed.info/sct', code: '322236009' }] };
    const order = {
      ...drug,
      contained: [{ resourceType: 'Medication', id: 'in', code }],
      medicationReference: { reference: '#in' },
    };
    const { rows } = await mapped(ndjson([order]));
    expect(await rows('prescriptions')).toMatchObject([
      { drug_code_system: 'snomed', drug_code: '322236009' },
    ]);
  });
});

describe('what is not mapped', () => {
  it.each([
    ['a planned encounter', { ...spell, status: 'planned' }],
    ['an encounter of another class', contact('x', 'PRENC')],
    ['an encounter of a group', { ...spell, subject: { reference: 'Group/g' } }],
  ])('is %s', async (_name, resource) => {
    const { counts, files } = await mapped(ndjson([trust, resource]));
    expect([...files.keys()]).toEqual(['trusts']);
    expect(counts.resources).toContainEqual({
      type: 'Encounter',
      received: 1,
      repeated: 0,
      withoutId: 0,
      mapped: 0,
      quarantined: 0,
      notMapped: 1,
    });
  });

  it('is an inpatient encounter within another, nor a diagnosis of it a diagnosis of the spell', async () => {
    const inner = { ...spell, id: 'inner', partOf: { reference: 'Encounter/spell' }, diagnosis: [] };
    const { rows } = await mapped(bundleText([trust, janet, spell, inner, ...conditions]));
    expect(await rows('sus_episodes')).toHaveLength(1);
  });

  it('is an organisation whose derived code another has: it is refused', async () => {
    const many = Array.from({ length: 4_000 }, (_, i) => ({ ...hospice, id: `org-${i}` }));
    const { rows } = await mapped(ndjson([trust, practice, ...many]));
    const codes = (await rows('trusts')).map((row) => row['trust_code']);
    const [refused] = await engine.rows<{ n: number }>(
      `select cast(count(*) as integer) as n from ${refusedTable} where rule = 'TRUST_CODE_TAKEN'`,
    );
    expect(new Set(codes).size).toBe(codes.length);
    expect(refused?.n).toBeGreaterThan(0);
    expect(codes.length + (refused?.n ?? 0)).toBe(4_001);
  });
});

const bundleText = (resources: readonly Json[]): string => JSON.stringify(bundle(resources));
