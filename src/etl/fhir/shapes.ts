/**
 * The elements of each mapped resource type that are read, as DuckDB's `from_json` takes them. What a shape does not
 * name (display texts, narratives, attachments, other identifiers) never leaves bronze.
 */
const text = 'VARCHAR';
const coding = { system: text, code: text };
const concept = { coding: [coding] };
const period = { start: text, end: text };
const reference = { reference: text, identifier: { system: text, value: text } };
const quantity = { value: text, unit: text, system: text, code: text };
const conceptExtension = [{ url: text, valueCodeableConcept: concept }];

export const shapes = {
  Patient: {
    identifier: [{ system: text, value: text, extension: conceptExtension }],
    name: [{ use: text, family: text, given: [text] }],
    telecom: [{ system: text, value: text, use: text }],
    gender: text,
    birthDate: text,
    deceasedDateTime: text,
    address: [{ use: text, line: [text], city: text, district: text, postalCode: text }],
    generalPractitioner: [reference],
    extension: conceptExtension,
  },
  Organization: {
    identifier: [{ system: text, value: text }],
    type: [concept],
    name: text,
    address: [{ postalCode: text }],
  },
  Location: { identifier: [{ system: text, value: text }], physicalType: concept },
  PractitionerRole: { practitioner: reference },
  Encounter: {
    status: text,
    class: coding,
    serviceType: concept,
    priority: concept,
    subject: reference,
    participant: [{ individual: reference }],
    period,
    diagnosis: [{ condition: reference, rank: 'INTEGER' }],
    hospitalization: { admitSource: concept, dischargeDisposition: concept },
    location: [{ location: reference }],
    serviceProvider: reference,
    partOf: reference,
    extension: conceptExtension,
  },
  Condition: {
    clinicalStatus: concept,
    verificationStatus: concept,
    code: concept,
    subject: reference,
    encounter: reference,
    onsetDateTime: text,
    onsetPeriod: period,
    abatementDateTime: text,
    abatementPeriod: period,
    recordedDate: text,
  },
  Procedure: {
    status: text,
    code: concept,
    subject: reference,
    encounter: reference,
    performedDateTime: text,
    performedPeriod: period,
  },
  MedicationRequest: {
    status: text,
    intent: text,
    medicationCodeableConcept: concept,
    medicationReference: reference,
    contained: [{ id: text, code: concept }],
    subject: reference,
    authoredOn: text,
    requester: reference,
    dispenseRequest: { quantity: { value: text } },
  },
  Medication: { code: concept },
  ServiceRequest: {
    status: text,
    intent: text,
    category: [concept],
    priority: text,
    subject: reference,
    authoredOn: text,
    occurrenceDateTime: text,
    performerType: concept,
    reasonCode: [concept],
  },
  EpisodeOfCare: { status: text, type: [concept], patient: reference, period },
  Observation: {
    status: text,
    category: [concept],
    code: concept,
    subject: reference,
    encounter: reference,
    effectiveDateTime: text,
    effectivePeriod: period,
    effectiveInstant: text,
    valueQuantity: quantity,
    component: [{ code: concept, valueQuantity: quantity }],
  },
} as const;

/** Resource types whose elements are read. */
export type MappedType = keyof typeof shapes;
export const mappedTypes = Object.keys(shapes) as readonly MappedType[];

/** Table of the current resources of a type: `id, confidentiality, _batch, _row, _loaded_at` and the elements as `r`. */
export const typeTable = (type: MappedType): string => `fhir_${type.toLowerCase()}`;
