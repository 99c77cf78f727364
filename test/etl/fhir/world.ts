import type { Json } from './builders.js';

/** A small hospital as UK Core sends it, with every way to name a reference. */

const ods = (value: string) => ({ system: 'https://fhir.nhs.uk/Id/ods-organization-code', value });
const snomed = (code: string) => ({
  coding: [{ system: 'http://snomed.info/sct', code, display: 'Text of Janet Smythe' }],
});
const icd10 = (code: string) => ({
  coding: [
    { system: 'http://snomed.info/sct', code: '1' },
    { system: 'http://hl7.org/fhir/sid/icd-10', code },
  ],
});
const opcs4 = (code: string) => ({ coding: [{ system: 'https://fhir.hl7.org.uk/CodeSystem/OPCS-4', code }] });
const ukCore = (list: string, code: string) => ({
  coding: [{ system: `https://fhir.hl7.org.uk/CodeSystem/UKCore-${list}England`, code }],
});
const encounterClass = (code: string) => ({
  system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  code,
});
const ext = (name: string, concept: Json) => ({
  url: `https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-${name}`,
  valueCodeableConcept: concept,
});

export const trust: Json = {
  resourceType: 'Organization',
  id: 'rxx',
  identifier: [ods('RXX')],
  name: 'Anywhere NHS Trust',
};
export const practice: Json = {
  resourceType: 'Organization',
  id: 'gp',
  identifier: [ods('A81001')],
  name: 'The Surgery',
  address: [{ postalCode: 'LS1 6AE' }],
};
export const hospice: Json = {
  resourceType: 'Organization',
  id: 'hospice',
  identifier: [{ system: 'https://elsewhere.org', value: '1' }],
  name: 'A hospice',
};
export const ward: Json = {
  resourceType: 'Location',
  id: 'w7',
  identifier: [{ value: 'W7' }],
  physicalType: { coding: [{ code: 'wa' }] },
};
export const surgeon: Json = {
  resourceType: 'Practitioner',
  id: 'dr',
  identifier: [
    { system: 'https://elsewhere.org/staff', value: 'x9' },
    { system: 'https://fhir.nhs.uk/Id/consultant-code', value: 'C1234567' },
  ],
};
export const surgeonRole: Json = {
  resourceType: 'PractitionerRole',
  id: 'role',
  practitioner: { reference: 'Practitioner/dr' },
};

export const janet: Json = {
  resourceType: 'Patient',
  id: 'Janet-1',
  identifier: [
    {
      system: 'https://fhir.nhs.uk/Id/nhs-number',
      value: '943 476 5919',
      extension: [ext('NHSNumberVerificationStatus', { coding: [{ code: '01' }] })],
    },
    { system: 'http://hl7.org/fhir/sid/us-ssn', value: '999-84-4261' },
    { system: 'https://hospital.org/mrn', value: 'MRN-77421' },
  ],
  extension: [ext('EthnicCategory', { coding: [{ code: 'J' }] })],
  name: [
    { use: 'old', family: 'Jones', given: ['Janet'] },
    { use: 'usual', family: 'Smythe', given: ['Janet', 'Ann'] },
  ],
  telecom: [
    { system: 'phone', value: '01632 960587' },
    { system: 'email', value: 'janet@example.org' },
  ],
  gender: 'female',
  birthDate: '1980-02-29',
  address: [{ use: 'home', line: ['1 Trevelyan Square'], city: 'Leeds', postalCode: 'LS1 6AE' }],
  generalPractitioner: [{ reference: 'Organization/gp' }],
};
/** Same letters in another case: another patient. */
export const other: Json = {
  resourceType: 'Patient',
  id: 'janet-1',
  gender: 'other',
  birthDate: '1990',
  generalPractitioner: [{ identifier: ods('B82002') }],
  identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9000000009' }],
};

const about = { subject: { reference: 'Patient/Janet-1' } };

export const spell: Json = {
  resourceType: 'Encounter',
  id: 'spell',
  status: 'finished',
  class: encounterClass('IMP'),
  ...about,
  extension: [ext('AdmissionMethod', { coding: [{ code: '21' }] })],
  period: { start: '2023-03-25T23:30:00-04:00', end: '2023-03-30T12:00:00+01:00' },
  participant: [
    { individual: { reference: 'Practitioner?identifier=https://fhir.nhs.uk/Id/consultant-code|C1234567' } },
  ],
  diagnosis: [
    { condition: { reference: 'Condition/late' }, rank: 2 },
    { condition: { reference: 'Condition/first' }, rank: 1 },
  ],
  serviceType: { coding: [{ code: '320' }] },
  hospitalization: {
    admitSource: ukCore('SourceOfAdmission', '19'),
    dischargeDisposition: ukCore('DischargeDestination', '54'),
  },
  location: [{ location: { reference: 'Location/w7' } }],
  serviceProvider: { reference: 'https://server.org/fhir/Organization/rxx' },
};
export const attendance: Json = {
  resourceType: 'Encounter',
  id: 'ed',
  status: 'finished',
  class: encounterClass('EMER'),
  subject: {
    type: 'Patient',
    identifier: { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '943 476 5919' },
  },
  period: { start: '2023-03-26T00:30:00Z', end: '2023-03-26T02:30:00+01:00' },
  hospitalization: {
    dischargeDisposition: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/discharge-disposition', code: 'home' }],
    },
  },
  serviceProvider: { reference: 'Organization/hospice' },
};
export const contact = (id: string, code: string): Json => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: encounterClass(code),
  ...about,
  period: { start: '2023-06-01T10:00:00+01:00', end: '2023-06-01T10:20:00+01:00' },
  participant: [{ individual: { reference: 'PractitionerRole/role' } }],
});

const condition = (id: string, code: Json, more: Json = {}): Json => ({
  resourceType: 'Condition',
  id,
  ...about,
  code,
  encounter: { reference: 'Encounter/spell' },
  recordedDate: '2023-03-28',
  ...more,
});
export const conditions: readonly Json[] = [
  condition('late', icd10('I10.X')),
  condition('first', icd10('e11.9'), { encounter: undefined }),
  condition('third', icd10('J18.9')),
  condition('again', icd10('I10')),
  condition('snomed', snomed('38341003')),
  condition('home', icd10('F10.2'), { encounter: undefined, onsetDateTime: '2020-05-01' }),
  condition('refuted', icd10('A00'), { verificationStatus: { coding: [{ code: 'refuted' }] } }),
];
const procedure = (id: string, code: Json, more: Json = {}): Json => ({
  resourceType: 'Procedure',
  id,
  status: 'completed',
  ...about,
  code,
  encounter: { reference: 'Encounter/spell' },
  performedDateTime: '2023-03-27',
  ...more,
});
export const procedures: readonly Json[] = [
  procedure('p2', opcs4('Z94.2'), { performedDateTime: '2023-03-28' }),
  procedure('p1', opcs4('W37.1')),
  procedure('p3', snomed('52734007')),
  procedure('p4', opcs4('H01.1'), { status: 'not-done' }),
];

export const drug: Json = {
  resourceType: 'MedicationRequest',
  id: 'rx',
  status: 'active',
  intent: 'order',
  ...about,
  authoredOn: '2023-05-01',
  requester: { reference: 'Practitioner/dr' },
  medicationReference: { reference: 'Medication/m' },
  dispenseRequest: { quantity: { value: 28.0 } },
};
export const medication: Json = {
  resourceType: 'Medication',
  id: 'm',
  code: { coding: [{ system: 'https://dmd.nhs.uk', code: '319740004', display: 'text' }] },
};
export const plan: Json = { ...drug, id: 'plan', intent: 'plan' };
export const referral: Json = {
  resourceType: 'ServiceRequest',
  id: 'ref',
  status: 'active',
  intent: 'order',
  priority: 'asap',
  category: [snomed('3457005')],
  ...about,
  authoredOn: '2023-04-01',
  reasonCode: [icd10('F32.1')],
};
export const bloodTest: Json = { ...referral, id: 'test', category: [snomed('108252007')] };
export const carePackage: Json = {
  resourceType: 'EpisodeOfCare',
  id: 'care',
  status: 'active',
  type: [{ coding: [{ code: 'hacc' }] }],
  patient: { reference: 'Patient/Janet-1' },
  period: { start: '2023-01-02' },
};

const quantity = (value: number, code: string) => ({
  value,
  unit: 'as Janet says',
  system: 'http://unitsofmeasure.org',
  code,
});
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code, display: 'text' }] });
const vital = [{ coding: [{ code: 'vital-signs' }] }];
export const observations: readonly Json[] = [
  {
    resourceType: 'Observation',
    id: 'weight',
    status: 'final',
    category: vital,
    code: loinc('29463-7'),
    ...about,
    encounter: { reference: 'Encounter/ed' },
    effectiveDateTime: '2023-03-26T01:30:00Z',
    valueQuantity: quantity(70.25, 'kg'),
  },
  {
    resourceType: 'Observation',
    id: 'pressure',
    status: 'final',
    category: vital,
    code: loinc('85354-9'),
    ...about,
    effectiveDateTime: '2023-03-26T01:30:00Z',
    component: [
      { code: loinc('8480-6'), valueQuantity: quantity(120, 'mm[Hg]') },
      { code: loinc('8462-4'), valueQuantity: quantity(80, '{Janet}') },
    ],
  },
  {
    resourceType: 'Observation',
    id: 'lab',
    status: 'final',
    category: [{ coding: [{ code: 'laboratory' }] }],
    code: loinc('2339-0'),
    ...about,
    effectiveDateTime: '2023-03-26',
    valueQuantity: quantity(5, 'mmol/L'),
  },
];

export const world: readonly Json[] = [
  trust,
  practice,
  hospice,
  ward,
  surgeon,
  surgeonRole,
  janet,
  other,
  spell,
  attendance,
  contact('home', 'HH'),
  contact('virtual', 'VR'),
  ...conditions,
  ...procedures,
  drug,
  medication,
  plan,
  referral,
  bloodTest,
  carePackage,
  ...observations,
];
