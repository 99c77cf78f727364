/**
 * NHS numbers as a function of the patient's ordinal, without a table of numbers in use.
 *
 * Of two nine-digit bases 2j and 2j + 1 the weighted sums differ by two, so at least one has a check digit
 * (modulus 11, domain definition 9.1); the first that has one, and is no palindrome, is taken. The 999 range
 * (test numbers) so gives 500,000 numbers, the never issued ranges 900 to 998 another 49.5 million; patients
 * beyond them have none.
 */
const testRangePairs = 500_000;
const reservePairs = 49_500_000;
/** Coprime with both range sizes: multiplication modulo the size is then a permutation. */
const stride = 317_811;

/** Macros `nhs_check(base)` (10 = no valid digit) and `nhs_number(ordinal)`. */
export function nhsNumberMacros(seed: number): string[] {
  const shift = seed % testRangePairs;
  const weights = [10, 9, 8, 7, 6, 5, 4, 3, 2];
  const sum = weights.map((weight, i) => `${weight} * ((base // ${10 ** (8 - i)}) % 10)`).join(' + ');
  return [
    `CREATE OR REPLACE MACRO nhs_check(base) AS (11 - (${sum}) % 11) % 11`,
    `CREATE OR REPLACE MACRO nhs_text(base) AS
       CASE WHEN nhs_check(base) = 10
              OR left(base::VARCHAR, 5) = reverse(right(base::VARCHAR || nhs_check(base), 5)) THEN NULL
            ELSE base::VARCHAR || nhs_check(base) END`,
    `CREATE OR REPLACE MACRO nhs_pair(lower_base) AS coalesce(nhs_text(lower_base), nhs_text(lower_base + 1))`,
    `CREATE OR REPLACE MACRO nhs_number(ordinal) AS
       CASE WHEN ordinal < ${testRangePairs}
              THEN nhs_pair(999000000 + 2 * ((ordinal * ${stride} + ${shift}) % ${testRangePairs}))
            WHEN ordinal < ${testRangePairs + reservePairs}
              THEN nhs_pair(900000000 + 2 * ((ordinal * ${stride} + ${shift}) % ${reservePairs})) END`,
  ];
}
