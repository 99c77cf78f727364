/** Of the bytes 0x80 to 0x9f, in which Windows-1252 differs from Latin-1. */
const windows =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/**
 * The text of a file: UTF-8, or else Windows-1252, which gives every byte a meaning, with the place of the first byte that
 * is not ASCII. Node's own decoder of Windows-1252 decodes Latin-1.
 */
export function decode(bytes: Uint8Array): { text: string; firstInvalid: number | undefined } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), firstInvalid: undefined };
  } catch {
    const text = Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (character) => windows.charAt(character.charCodeAt(0) - 0x80));
    return { text, firstInvalid: bytes.findIndex((byte) => byte > 0x7f) };
  }
}
