/** Characters that a summary may have: the specification asks for fewer than 140. */
export const longestSummary = 139;
const cutMark = '…';

/**
 * The message in one line, cut between two words if it is too long, and never inside one of the values that it is made of.
 */
export function summaryOf(message: string, values: readonly string[]): string {
  const line = message.replace(/\s+/g, ' ').trim();
  if (line.length <= longestSummary) return line;
  const whole = spansOf(line, values);
  for (let at = longestSummary - cutMark.length; at > 0; at -= 1)
    if (line[at] === ' ' && !whole.some(({ from, to }) => from < at && at < to))
      return `${line.slice(0, at).replace(/[\s,;:(]+$/, '')}${cutMark}`;
  return cutMark;
}

/** Where the values stand. A number and the unit behind it are one value. */
function spansOf(line: string, values: readonly string[]): { readonly from: number; readonly to: number }[] {
  const named = values
    .map((value) => value.replace(/\s+/g, ' '))
    .filter((value) => value.trim() !== '')
    .flatMap((value) => {
      const found: { from: number; to: number }[] = [];
      for (let from = line.indexOf(value); from >= 0; from = line.indexOf(value, from + 1))
        found.push({ from, to: from + value.length });
      return found;
    });
  const measured = [...line.matchAll(/\d[\d.]* (?:year|month|week|day|hour|minute|second)s?\b/g)].map(
    (match) => ({ from: match.index, to: match.index + match[0].length }),
  );
  return [...named, ...measured];
}
