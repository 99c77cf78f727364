/** A part is this long at most, in characters that may take two units each. */
const partLength = 1_000;

/** A text in parts that a column can hold; they follow each other without a gap. Of an empty text there is none. */
export function textParts(text: string): string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / partLength) }, (_none, at) =>
    characters.slice(at * partLength, (at + 1) * partLength).join(''),
  );
}
