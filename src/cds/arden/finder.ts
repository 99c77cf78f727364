/**
 * Finds the next occurrence of a text or a pattern (which has the flag `g`) again and again, for places asked for in rising
 * order, in time linear in the text: an answer stands until the place has passed it, that there is none for ever.
 */
export class Finder {
  #from = 0;
  #found = -1;

  constructor(
    readonly text: string,
    readonly pattern: string | RegExp,
  ) {}

  /** Where it next begins at or after a place; Infinity if nowhere. */
  after(place: number): number {
    if (this.#found < place || place < this.#from) {
      this.#from = place;
      this.#found = this.#search(place);
    }
    return this.#found;
  }

  #search(place: number): number {
    const { pattern, text } = this;
    if (typeof pattern === 'string') {
      const found = text.indexOf(pattern, place);
      return found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    pattern.lastIndex = place;
    return pattern.exec(text)?.index ?? Number.POSITIVE_INFINITY;
  }
}
