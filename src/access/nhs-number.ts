/**
 * The ten digits of an NHS number, or null for anything else: another length, a wrong check digit (modulus 11, NHS Data
 * Dictionary, NHS NUMBER), and the pseudonyms that some suppliers send in its place.
 */
export function nhsNumberOf(text: string | null): string | null {
  const digits = (text ?? '').replace(/[ -]/g, '');
  if (!/^\d{10}$/.test(digits)) return null;
  const sum = [...digits.slice(0, 9)].reduce((total, digit, at) => total + Number(digit) * (10 - at), 0);
  return (11 - (sum % 11)) % 11 === Number(digits[9]) ? digits : null;
}
