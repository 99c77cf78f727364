/**
 * The check of an NHS number, in SQL (data dictionary, NHS NUMBER): ten digits without blanks and hyphens, the last
 * one by modulus 11, and no palindrome. It classifies and never rejects a patient.
 */
const digits = (number: string): string => `regexp_replace(${number}, '[ -]', '', 'g')`;

const weighted = (ten: string): string =>
  Array.from({ length: 9 }, (_, i) => `try_cast(substr(${ten}, ${i + 1}, 1) as integer) * ${10 - i}`).join(
    ' + ',
  );

/** VALID MISSING WRONG_LENGTH BAD_CHECK_DIGIT PALINDROME. */
export function nhsNumberCheck(number: string): string {
  const ten = digits(number);
  return `case when ${number} is null then 'MISSING'
    when not regexp_full_match(${ten}, '[0-9]{10}') then 'WRONG_LENGTH'
    when (11 - (${weighted(ten)}) % 11) % 11 <> try_cast(substr(${ten}, 10, 1) as integer) then 'BAD_CHECK_DIGIT'
    when left(${ten}, 5) = reverse(right(${ten}, 5)) then 'PALINDROME'
    else 'VALID' end`;
}

/** The ten digits of a number that passes the check, else null. */
export const validNhsNumber = (number: string): string =>
  `case when ${nhsNumberCheck(number)} = 'VALID' then ${digits(number)} end`;

/**
 * Verification status by the national list: what the sender says of a number that passes; 03 (trace required) where
 * the check fails, 07 (not present) without a number and without word of the sender.
 */
export const nhsNumberStatus = (number: string, sent: string): string =>
  `case when ${nhsNumberCheck(number)} not in ('VALID', 'MISSING') then '03'
    when regexp_full_match(${sent}, '0[1-8]') then ${sent}
    when ${number} is null then '07' else '02' end`;
