/**
 * Finds the next occurrence of a pattern again and again, for places asked for in rising order, in time linear in the
 * text: an answer stands until the place has passed it, that there is none for ever.
 */
export class Finder {
  readonly #pattern: RegExp;
  #from = 0;
  #found = -1;
  #end = -1;

  constructor(
    readonly text: string,
    pattern: RegExp,
  ) {
    this.#pattern = new RegExp(
      pattern.source,
      `g${pattern.ignoreCase ? 'i' : ''}${pattern.multiline ? 'm' : ''}`,
    );
  }

  /** Where it next begins at or after a place; Infinity if nowhere. */
  after(place: number): number {
    if (this.#found < place || place < this.#from) this.#search(place);
    return this.#found;
  }

  /** Where the occurrence that `after` told of last ends. */
  get end(): number {
    return this.#end;
  }

  #search(place: number): void {
    this.#pattern.lastIndex = place;
    const match = this.#pattern.exec(this.text);
    this.#from = place;
    this.#found = match?.index ?? Number.POSITIVE_INFINITY;
    this.#end = match === null ? this.text.length : this.#pattern.lastIndex;
  }
}
