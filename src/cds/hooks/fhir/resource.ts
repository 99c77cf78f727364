import { timeOfText } from '../../arden/run/literal.js';
import { dayText, instantText } from '../../facts/rows/bounds.js';

/** A resource, or any other JSON object of a client, before anything is known of its members. */
export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member that is an object, else one without members. */
export function part(value: unknown, name: string): Json {
  const found = isJson(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return isJson(found) ? found : {};
}

/** The objects of a member that is a list. */
export function parts(value: unknown, name: string): readonly Json[] {
  const found = isJson(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return Array.isArray(found) ? found.filter(isJson) : [];
}

/** A member that is a text. */
export function text(value: unknown, name: string): string | null {
  const found = isJson(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof found === 'string' ? found : null;
}

/** A member that is a number. */
export function amount(value: unknown, name: string): number | null {
  const found = isJson(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

/** Code of the first coding of a CodeableConcept. */
export const anyCode = (concept: Json): string | null => text(parts(concept, 'coding')[0], 'code');

/** Code of the first coding whose system fits. */
export function codeOf(concept: Json, fits: (system: string) => boolean): string | null {
  const coding = parts(concept, 'coding').find((one) => fits(text(one, 'system') ?? ''));
  return coding ? text(coding, 'code') : null;
}

/** Code of a concept extension whose address ends so. */
export function extensionCode(resource: Json, ending: RegExp): string | null {
  const found = parts(resource, 'extension').find((one) => ending.test(text(one, 'url') ?? ''));
  return found ? anyCode(part(found, 'valueCodeableConcept')) : null;
}

/** Whether one of the concepts has one of the codes. */
export const hasCode = (concepts: readonly Json[], codes: readonly string[]): boolean =>
  concepts.some((concept) =>
    parts(concept, 'coding').some((coding) => codes.includes(text(coding, 'code') ?? '')),
  );

/** The day in London of a date, dateTime or instant; null for a year or a month alone. */
export function londonDay(dateTime: string | null): string | null {
  const time = dateTime === null ? undefined : timeOfText(dateTime);
  return time ? dayText(time) : null;
}

/** The instant of a dateTime or instant, in whole seconds; with a day alone it is its midnight in London. */
export function instantOf(dateTime: string | null): string | null {
  const time = dateTime === null ? undefined : timeOfText(dateTime);
  return time ? instantText(time) : null;
}

/** Days from one day to another. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

const systemsOfIcd10: readonly string[] = [
  'http://hl7.org/fhir/sid/icd-10',
  'http://hl7.org/fhir/sid/icd-10-uk',
  'urn:oid:2.16.840.1.113883.6.3',
];
export const isIcd10 = (system: string): boolean => systemsOfIcd10.includes(system);
