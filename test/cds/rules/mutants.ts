/** A rule with one small change: another figure, another comparison, a condition less. */
export interface Mutant {
  readonly line: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** Not a code between quotes. */
const figure = /(?<![\w'".%-])\d+(?:\.\d+)?(?![\w'".-])/g;
const comparison = /(?<= )(<=|>=|<|>|=)(?= )/g;
const word = /(?<= )(AND|OR|NOT|BEFORE)(?= )/g;
const braceCondition = / and [^}]*?(?= and |\})/g;

const comparisons: Readonly<Record<string, string>> = {
  '<=': '<',
  '>=': '>',
  '<': '<=',
  '>': '>=',
  '=': '<>',
};
const words: Readonly<Record<string, string>> = { AND: 'OR', OR: 'AND', NOT: '', BEFORE: 'AFTER' };

/** A figure one more and one less; one with a fraction by a tenth. Nothing becomes negative. */
function neighbours(text: string): string[] {
  const step = text.includes('.') ? 0.1 : 1;
  return [Number(text) + step, Number(text) - step]
    .filter((value) => value >= 0)
    .map((value) => String(Math.round(value * 10) / 10));
}

/** All mutants of a part of a text; comments stay as they are. */
export function* mutantsOf(text: string, start: number, end: number): Generator<Mutant> {
  const part = text
    .slice(start, end)
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => ' '.repeat(comment.length));
  const changes = [
    ...all(part, figure, neighbours),
    ...all(part, comparison, (found) => [comparisons[found] ?? found]),
    ...all(part, word, (found) => [words[found] ?? found]),
    ...all(part, braceCondition, () => ['']),
  ];
  for (const { at, from, to } of changes) {
    const place = start + at;
    const lineStart = text.lastIndexOf('\n', place) + 1;
    yield {
      line: text.slice(lineStart, text.indexOf('\n', place)).trim(),
      from: from.trim(),
      to,
      text: text.slice(0, place) + to + text.slice(place + from.length),
    };
  }
}

const all = (
  part: string,
  pattern: RegExp,
  others: (found: string) => string[],
): { at: number; from: string; to: string }[] =>
  [...part.matchAll(pattern)].flatMap((found) =>
    others(found[0]).map((to) => ({ at: found.index, from: found[0], to })),
  );
