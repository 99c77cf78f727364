/** Code systems by the short names that silver and gold hold, with the addresses under which FHIR names them. */
export const codeSystems = {
  snomed: ['http://snomed.info/sct'],
  icd10: [
    'http://hl7.org/fhir/sid/icd-10',
    'http://hl7.org/fhir/sid/icd-10-uk',
    'urn:oid:2.16.840.1.113883.6.3',
  ],
  opcs4: [
    'https://fhir.hl7.org.uk/CodeSystem/OPCS-4',
    'https://fhir.nhs.uk/CodeSystem/OPCS-4',
    'urn:oid:2.16.840.1.113883.2.1.3.2.4.16.1',
  ],
  dmd: ['https://dmd.nhs.uk', 'http://dmd.nhs.uk'],
  rxnorm: ['http://www.nlm.nih.gov/research/umls/rxnorm'],
  loinc: ['http://loinc.org'],
  icd10cm: ['http://hl7.org/fhir/sid/icd-10-cm'],
} as const satisfies Record<string, readonly string[]>;

export type CodeSystem = keyof typeof codeSystems;

/** Short names of a code list column; `other` for a system that is not known. */
export const codeSystemNames: readonly string[] = [...Object.keys(codeSystems), 'other'];
