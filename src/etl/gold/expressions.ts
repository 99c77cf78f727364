import { sensitiveMark } from '../../access/sensitive.js';
import { unknownMember } from '../../warehouse/gold/dimensions.js';
import type { Contract } from '../contracts/contract.js';
import type { CodeLists } from '../silver/rules.js';
import { isToken } from '../silver/typed.js';
import { name, quoted } from '../sql.js';

/** Separates the parts of a pseudonym's message: no part can hold it. */
const unitSeparator = 'chr(31)';

/** Key space of the identifiers in the CSV and Parquet deliveries. */
export const localNamespace = 'nhs-local';

/**
 * 128-bit key of an identifier: HMAC-SHA-256 of entity, namespace and identifier under the warehouse key, whose
 * two padded halves are the bound values `$inner` and `$outer`. Null stays null.
 * A FHIR token `namespace|value` brings its namespace and keeps its case; any other id is of the namespace given,
 * where case carries no meaning.
 */
export function keyed(entity: 'patient' | 'staff' | 'event', namespace: string, id: string): string {
  const local = `${quoted(namespace)} || ${unitSeparator} || nfc_normalize(upper(trim(${id})))`;
  const token = `split_part(${id}, '|', 1) || ${unitSeparator} || nfc_normalize(trim(substr(${id}, strpos(${id}, '|') + 1)))`;
  const message = `${quoted(entity)} || ${unitSeparator} || case when ${isToken(id)} then ${token} else ${local} end`;
  return `unhex(left(sha256($outer || unhex(sha256($inner || encode(${message})))), 32))`;
}

/**
 * A code as gold may hold it: one of its list, or at least of the form of a code; anything else, free text above
 * all, becomes null.
 */
export function code(contract: Contract, codeLists: CodeLists, column: string, alias = 's'): string {
  const declared = contract.columns[column];
  if (!declared) throw new Error(`contract ${contract.dataset} has no column ${column}`);
  const plain = `${alias}.${name(column)}`;
  const ref = declared.type.kind === 'text' ? plain : `cast(${plain} as varchar)`;
  const codes = codeLists(declared);
  const listed = codes ? `${ref} in (${codes.map(quoted).join(', ')}) or ` : '';
  return `case when ${listed}regexp_full_match(${ref}, '[A-Za-z0-9]{1,8}') then ${ref} end`;
}

/** The same with the unknown member in place of null: a dimension key is never null. */
export const member = (contract: Contract, codeLists: CodeLists, column: string, alias = 's'): string =>
  `coalesce(${code(contract, codeLists, column, alias)}, ${quoted(unknownMember)})`;

/** ICD-10 without dot, blanks, filler X and dagger or asterisk; null where the form is not that of a code. */
export function icd10(expression: string): string {
  const plain = `regexp_replace(regexp_replace(upper(${expression}), '[. -]', '', 'g'), '(X|[DA])$', '')`;
  return `case when regexp_full_match(${plain}, '[A-Z]\\d{2}\\d{0,2}') then ${plain} end`;
}

/** OPCS-4 without dot; null where the form is not that of a code. */
export function opcs4(expression: string): string {
  const plain = `replace(upper(${expression}), '.', '')`;
  return `case when regexp_full_match(${plain}, '[A-HJ-Z]\\d{2}\\d?') then ${plain} end`;
}

/** A code of any system: letters, digits, dots and hyphens; anything else becomes null. */
export const plainCode = (expression: string): string =>
  `case when regexp_full_match(${expression}, '[A-Za-z0-9][A-Za-z0-9.-]{0,19}') then ${expression} end`;

/** UCUM without annotations, which may hold any text; anything else becomes null. */
export const unit = (expression: string): string =>
  `case when regexp_full_match(${expression}, '[A-Za-z0-9%/*.\\[\\]\\^]{1,20}') then ${expression} end`;

/** A comma list in which every element has the form of a code; else null. */
export const codeList = (expression: string): string =>
  `case when regexp_full_match(${expression}, '[A-Z0-9.]{1,8}(,[A-Z0-9.]{1,8})*') then replace(${expression}, '.', '') end`;

/** Those elements of a comma list of texts that are listed, each once, in alphabetical order; null where none is. */
export const listed = (expression: string, names: readonly string[]): string =>
  `case when ${expression} is not null then nullif(concat_ws(',', ${[...names]
    .sort()
    .map(
      (one) =>
        `case when list_contains(string_split(replace(${expression}, ', ', ','), ','), ${quoted(one)}) then ${quoted(one)} end`,
    )
    .join(', ')}), '') end`;

/** The elements of a comma list of codes cut to three characters: their categories. */
export const categories = (list: string): string => `regexp_replace(${list}, '([^,]{3})[^,]*', '\\1', 'g')`;

/** Whether the category of a code is listed. */
export const isListed = (code: string, listed: readonly string[]): string =>
  listed.length === 0
    ? `${code} is null and ${code} is not null`
    : `coalesce(left(${code}, 3) in (${listed.map(quoted).join(', ')}), false)`;

/** A comma list of categories with a mark in place of each that is listed. */
export const masked = (list: string, listed: readonly string[]): string =>
  listed.length === 0
    ? list
    : `regexp_replace(${list}, '${listed.join('|')}', ${quoted(sensitiveMark)}, 'g')`;

/** Instant in UTC of a Europe/London wall-clock time. A missing hour is read as GMT; a doubled one is the second. */
export const utc = (local: string): string => `timezone('UTC', timezone('Europe/London', ${local}))`;

/** Age in whole years on a day; null before birth or without a plausible birth date. */
export const ageOn = (birth: string, day: string): string =>
  `case when ${birth} >= DATE '1900-01-01' and ${birth} <= ${day} then cast(date_sub('year', ${birth}, ${day}) as integer) end`;

/** Disclosed age bands: 0-17, 18-29, ten-year bands, 90+. */
export const ageBand10 = (age: string): string =>
  `case when ${age} is null then null when ${age} < 18 then '0-17' when ${age} < 30 then '18-29' when ${age} >= 90 then '90+' else (${age} // 10 * 10) || '-' || (${age} // 10 * 10 + 9) end`;

/** Five-year bands, split at 18 so that they nest in the others. */
export const ageBand5 = (age: string): string =>
  `case when ${age} is null then null when ${age} >= 90 then '90+' when ${age} between 15 and 17 then '15-17' when ${age} between 18 and 19 then '18-19' else (${age} // 5 * 5) || '-' || (${age} // 5 * 5 + 4) end`;

/** Ethnic group of an NHS ethnic category: anything not stated or not known is one member. */
export const ethnicGroup = (category: string): string =>
  `case when left(${category}, 1) in ('A','B','C') then 'white' when left(${category}, 1) in ('D','E','F','G') then 'mixed' when left(${category}, 1) in ('H','J','K','L') then 'asian' when left(${category}, 1) in ('M','N','P') then 'black' when left(${category}, 1) in ('R','S') then 'other' else 'not_stated' end`;
