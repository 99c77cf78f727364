/** Values that no line, metric or span may tell. Each is made up; the NHS numbers have their check digit. */
export const secrets = [
  '9434765919',
  '943 476 5919',
  'PAT_000123',
  'PSEUDO_0123456789ABCDEF',
  '90000012345',
  'LE1 5WW',
  'jo.bloggs@example.org',
  '07700 900123',
  'm1.a1.AbCdEfGhIjKlMnOpQrStUv',
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJvbmUifQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg',
] as const;

/** The forms in which a text shows: plain, and in base64 and hexadecimal digits wherever it begins in its group. */
export function formsOf(text: string): readonly string[] {
  const encoded = ['', 'x', 'xy'].flatMap((before) => {
    const bytes = Buffer.from(before + text);
    // What depends on the neighbours is cut off.
    const from = before === '' ? 0 : before.length + 1;
    return (['base64', 'base64url'] as const).map((way) =>
      bytes
        .subarray(0, bytes.length - (bytes.length % 3))
        .toString(way)
        .slice(from),
    );
  });
  return [text, ...encoded, Buffer.from(text).toString('hex')];
}

/** The secrets that a text holds in any of their forms. */
export const secretsIn = (text: string, known: readonly string[] = secrets): string[] =>
  known.filter((secret) => formsOf(secret).some((form) => text.includes(form)));
