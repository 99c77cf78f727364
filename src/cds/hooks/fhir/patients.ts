import { anyCode, type Json, part, parts, text } from './resource.js';
import type { Twin } from './twin.js';

const genders: Readonly<Record<string, string>> = { male: 'M', female: 'F' };

/** Groups of the NHS ethnic category, by its first letter. */
const ethnicGroups: readonly (readonly [string, string])[] = [
  ['ABC', 'white'],
  ['DEFG', 'mixed'],
  ['HJKL', 'asian'],
  ['MNP', 'black'],
  ['RS', 'other'],
];

function ethnicGroup(patient: Json): string {
  const extension = parts(patient, 'extension').find((one) =>
    (text(one, 'url') ?? '').endsWith('UKCore-EthnicCategory'),
  );
  const code = extension ? anyCode(part(extension, 'valueCodeableConcept')) : null;
  const letter = code?.charAt(0) ?? '';
  return (letter && ethnicGroups.find(([letters]) => letters.includes(letter))?.[1]) || 'not_stated';
}

export const patientTwin: Twin = {
  fact: 'patient',
  columns: ['gender', 'ethnic_group'],
  rows: (resources) => ({
    columns: new Set(patientTwin.columns),
    rows: resources
      .filter(({ resourceType }) => resourceType === 'Patient')
      .slice(0, 1)
      .map((patient) => ({
        gender: genders[text(patient, 'gender') ?? ''] ?? 'U',
        ethnic_group: ethnicGroup(patient),
      })),
  }),
};

/** Day of birth of the patient; null unless it is known to the day. */
export function bornOn(resources: readonly Json[]): string | null {
  const patient = resources.find(({ resourceType }) => resourceType === 'Patient');
  const born = text(patient, 'birthDate');
  return born !== null && /^\d{4}-\d{2}-\d{2}$/.test(born) && !Number.isNaN(Date.parse(born)) ? born : null;
}
