import type { CodeSystem } from './fact.js';

/**
 * A code in the form in which gold has it, or null where its form is not that of a code of the system: ICD-10 without
 * dot, blanks, filler X, dagger and asterisk; BNF and LOINC as published, BNF in upper case.
 */
export function normalCode(system: CodeSystem, text: string): string | null {
  switch (system) {
    case 'icd10':
      return matching(/^[A-Z]\d{2}\d{0,2}$/, withoutFiller(text));
    case 'bnf':
      return matching(/^[0-9A-Z]{2,15}$/, text.trim().toUpperCase());
    case 'loinc':
      return matching(/^[0-9A-Za-z.-]{1,20}$/, text.trim());
  }
}

/** The beginning of codes: any text that begins a code of the system. */
export function normalPrefix(system: CodeSystem, text: string): string | null {
  const plain = system === 'icd10' ? withoutFiller(text) : text.trim();
  switch (system) {
    case 'icd10':
      return matching(/^[A-Z](\d{1,4})?$/, plain);
    case 'bnf':
      return matching(/^[0-9A-Z]{1,15}$/, plain.toUpperCase());
    case 'loinc':
      return matching(/^[0-9A-Za-z.-]{1,20}$/, plain);
  }
}

const withoutFiller = (text: string): string =>
  text
    .toUpperCase()
    .replaceAll(/[\s.*†-]/g, '')
    .replace(/([XDA])$/, (filler, _letter, at) => (at > 2 ? '' : filler));

const matching = (form: RegExp, text: string): string | null => (form.test(text) ? text : null);
