/** Ten digits of which the last is right by modulus 11 (NHS Data Dictionary, NHS NUMBER). */
export function hasNhsCheckDigit(digits: string): boolean {
  if (!/^\d{10}$/.test(digits)) return false;
  const sum = [...digits.slice(0, 9)].reduce((total, digit, at) => total + Number(digit) * (10 - at), 0);
  return (11 - (sum % 11)) % 11 === Number(digits[9]);
}

/**
 * The ten digits of an NHS number, or null for anything else: another length, a wrong check digit, and the pseudonyms that
 * some suppliers send in its place.
 */
export function nhsNumberOf(text: string | null): string | null {
  const digits = (text ?? '').replace(/[ -]/g, '');
  return hasNhsCheckDigit(digits) ? digits : null;
}
