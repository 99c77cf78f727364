import { join } from 'node:path';
import type { Rule, Rules } from '../../../src/cds/rules/read-rules.js';
import { readRules } from '../../../src/cds/rules/read-rules.js';
import { root } from '../../support/landing.js';

/** The rules that ship, read once a file of tests. */
export const shippedRules = (): Promise<Rules> => readRules(join(root, 'rules'));

export const everything = (): boolean => true;
export const day = '2026-11-26';
export const now = '2026-11-26T12:00:00Z';
export const patientId = 'p1';

/** With some of the rules changed, by name. */
export const changed = (rules: Rules, change: (rule: Rule) => Rule): Rules => ({
  ...rules,
  rules: rules.rules.map(change),
});

const about = { reference: `Patient/${patientId}` };

export const patient = (more: object = {}): object => ({
  resourceType: 'Patient',
  id: patientId,
  birthDate: '1950-03-10',
  gender: 'female',
  ...more,
});

export const bundle = (...resources: readonly object[]): object => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource })),
});

let made = 0;
const newId = (): string => {
  made += 1;
  return `r${made}`;
};

export const stay = (start: string, end?: string, more: object = {}): Record<string, unknown> => ({
  resourceType: 'Encounter',
  id: newId(),
  status: end === undefined ? 'in-progress' : 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  subject: about,
  period: { start, ...(end === undefined ? {} : { end }) },
  ...more,
});

/** The extension of UK Core with the method of admission. */
export const admittedBy = (code: string): object => ({
  extension: [
    {
      url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod',
      valueCodeableConcept: { coding: [{ code }] },
    },
  ],
});

export const visit = (code: string, start: string, end?: string, more: object = {}): object =>
  stay(start, end, { class: { code }, ...more });

export const condition = (id: string, code: string, more: object = {}): object => ({
  resourceType: 'Condition',
  id,
  subject: about,
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code }] },
  ...more,
});

export const prescribed = (bnf: string | undefined, authoredOn: string, more: object = {}): object => ({
  resourceType: 'MedicationRequest',
  id: newId(),
  status: 'active',
  intent: 'order',
  subject: about,
  authoredOn,
  medicationCodeableConcept: {
    coding: [
      { system: 'https://dmd.nhs.uk', code: '319773006' },
      ...(bnf === undefined ? [] : [{ system: 'https://fhir.nhs.uk/bnf', code: bnf }]),
    ],
  },
  ...more,
});

export const vitalSign = (code: string, value: number, at: string, more: object = {}): object => ({
  resourceType: 'Observation',
  id: newId(),
  status: 'final',
  subject: about,
  category: [{ coding: [{ code: 'vital-signs' }] }],
  code: { coding: [{ system: 'http://loinc.org', code }] },
  effectiveDateTime: at,
  valueQuantity: { value, system: 'http://unitsofmeasure.org', code: '/min' },
  ...more,
});

/** A good call of patient-view. */
export const call = (more: object = {}): Record<string, unknown> => ({
  hook: 'patient-view',
  hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
  context: { userId: 'Practitioner/1', patientId },
  ...more,
});

/** Good feedback on a card. */
export const overridden = (card: string, more: object = {}): Record<string, unknown> => ({
  card,
  outcome: 'overridden',
  overrideReason: { reason: { code: 'will-monitor', system: 'urn:maplewood:override-reason' } },
  outcomeTimestamp: '2026-11-26T12:05:00Z',
  ...more,
});
