/**
 * All values of a header, from `rawHeaders` (name, value, name, value …). Node's `headers` keeps the first of two
 * silently, so that a proxy in front may have read the other one.
 */
export function headerValues(rawHeaders: readonly string[], name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === wanted);
}
