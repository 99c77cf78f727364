import { type CodeSystem, codeSystems } from '../contracts/code-systems.js';
import { quoted } from '../sql.js';
import { linkTable, localPatient, referenceText } from './references.js';

/** SQL over the structs of `shapes`. */

export const systems = {
  nhsNumber: 'https://fhir.nhs.uk/Id/nhs-number',
  odsOrganisation: 'https://fhir.nhs.uk/Id/ods-organization-code',
  odsSite: 'https://fhir.nhs.uk/Id/ods-site-code',
} as const;

/** The id of a resource as silver holds it: a token in the name space of its type. */
export const token = (type: string, id: string): string => `${quoted(`fhir/${type}|`)} || ${id}`;

/** Joins what a Reference leads to, if that is of the type; its `id` is null otherwise. */
export const joinTarget = (alias: string, reference: string, type: string, batch = 'm._batch'): string =>
  `left join ${linkTable} ${alias} on ${alias}._batch = ${batch} and ${alias}.reference = ${referenceText(reference)} and ${alias}.type = ${quoted(type)}`;

/** The token of the resource that an alias of `joinTarget` found, or null. */
export const target = (alias: string, type: string): string => token(type, `${alias}.id`);

const withZone = '.*T.*(Z|[+-]\\d{2}:\\d{2})';

/** The patient that a Reference leads to: the resource that an alias of `joinTarget` found, else one of another delivery. */
export const patientTarget = (alias: string, reference: string): string =>
  `coalesce(${target(alias, 'Patient')}, case when ${reference}.identifier.system = ${quoted(localPatient)} then ${reference}.identifier.value end)`;

/**
 * A FHIR dateTime or instant as wall-clock time in Europe/London. With a day alone it is its midnight; without a zone
 * it is taken for London time; a year or a month is no time of an event and gives null.
 */
export function londonTime(dateTime: string): string {
  return `case when regexp_full_match(${dateTime}, '${withZone}') then timezone('Europe/London', try_cast(${dateTime} as timestamptz)) when regexp_full_match(${dateTime}, '\\d{4}-\\d{2}-\\d{2}(T.*)?') then try_cast(${dateTime} as timestamp) end`;
}

/** The day in Europe/London of a FHIR date, dateTime or instant; null for a year or a month alone. */
export const londonDay = (dateTime: string): string => `cast(${londonTime(dateTime)} as date)`;

/** Whole minutes that pass between two dateTimes, over changes of the clocks too; null where one has no time. */
export const minutesBetween = (start: string, end: string): string =>
  `date_diff('second', ${instant(start)}, ${instant(end)}) // 60`;

/** The point in time; without a zone it is read as London time. */
export function instant(dateTime: string): string {
  return `case when regexp_full_match(${dateTime}, '${withZone}') then try_cast(${dateTime} as timestamptz) else timezone('Europe/London', try_cast(${dateTime} as timestamp)) end`;
}

/** First code of a CodeableConcept in one of the systems, given as addresses. */
export const codeIn = (concept: string, addresses: readonly string[]): string =>
  `list_filter(${concept}.coding, lambda c: c.system in (${addresses.map(quoted).join(', ')}))[1].code`;

/** First code in a system whose address matches a pattern. */
export const codeLike = (concept: string, pattern: string): string =>
  `list_filter(${concept}.coding, lambda c: regexp_matches(coalesce(c.system, ''), ${quoted(pattern)}))[1].code`;

/** First code of whatever system. */
export const anyCode = (concept: string): string => `${concept}.coding[1].code`;

/** Code of a concept extension whose address ends so. */
export const extensionCode = (extensions: string, ending: string): string =>
  anyCode(
    `list_filter(${extensions}, lambda e: regexp_matches(coalesce(e.url, ''), ${quoted(`${ending}$`)}))[1].valueCodeableConcept`,
  );

/** TRUE if a code is among the first codings of a list of concepts. */
export const anyConceptHas = (concepts: string, codes: readonly string[]): string =>
  `coalesce(len(list_filter(${concepts}, lambda k: len(list_filter(k.coding, lambda c: c.code in (${codes.map(quoted).join(', ')}))) > 0)) > 0, false)`;

/** Form of a code that may leave bronze: no text, no blank. */
export const plainCode = (code: string): string =>
  `case when regexp_full_match(${code}, '[A-Za-z0-9.-]{1,20}') then ${code} end`;

/** The coding that stands for a concept: the first one of the systems in this order, else the first of all. */
export const codingOf = (concept: string, order: readonly CodeSystem[]): string =>
  `coalesce(${[...order.map((system) => `list_filter(${concept}.coding, lambda c: c.system in (${codeSystems[system].map(quoted).join(', ')}))[1]`), `${concept}.coding[1]`].join(', ')})`;

/** Short name of the code system of a coding. */
export const systemName = (coding: string): string =>
  `case ${Object.entries(codeSystems)
    .map(
      ([short, addresses]) =>
        `when ${coding}.system in (${addresses.map(quoted).join(', ')}) then ${quoted(short)}`,
    )
    .join(' ')} else 'other' end`;

/** ICD-10 as silver holds it, or null: upper case, without dot, blanks, filler and trailing dash. */
export const icd10 = (concept: string): string =>
  cleanCode(codeIn(concept, codeSystems.icd10), '[A-Z][0-9]{2}[0-9]{0,2}', '(X|[DA])?$');

/** OPCS-4 as silver holds it, or null. */
export const opcs4 = (concept: string): string =>
  cleanCode(codeIn(concept, codeSystems.opcs4), '[A-HJ-Z][0-9]{2}[0-9]?', '$');

const cleanCode = (code: string, form: string, tail: string): string => {
  const clean = `regexp_replace(regexp_replace(upper(${code}), '[. -]', '', 'g'), '${tail}', '')`;
  return `case when regexp_full_match(${clean}, '${form}') then ${clean} end`;
};
