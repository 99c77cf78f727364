/**
 * The text of a file: UTF-8, or else Windows-1252, which gives every byte a meaning. `valid` says whether it was UTF-8, and
 * `firstInvalid` where in the text the first byte is that was not.
 */
export function decode(bytes: Uint8Array): { text: string; firstInvalid: number | undefined } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), firstInvalid: undefined };
  } catch {
    const text = new TextDecoder('windows-1252').decode(bytes);
    return { text, firstInvalid: Math.max(text.search(/[^\0-\x7f]/), 0) };
  }
}
