/** One line break in a string is one blank, several are a new line; blanks around them count for nothing. */
export function unfold(raw: string): string {
  if (!raw.includes('\n') && !raw.includes('\r')) return raw;
  const [first = '', ...lines] = raw.split(/\r\n|\n|\r/);
  const parts = [first.trimEnd()];
  let breaks = 0;
  for (const [index, line] of lines.entries()) {
    const last = index === lines.length - 1;
    const text = last ? line.trimStart() : line.trim();
    breaks += 1;
    if (text === '' && !last) continue;
    parts.push(breaks > 1 ? '\n' : ' ', text);
    breaks = 0;
  }
  return parts.join('');
}
