import type { Mlm } from '../syntax.js';

/** What the preparation of an MLM knows at a place of its tree. */
export class Scope {
  readonly #numbers = new Map<string, number>();
  /** Attributes of object types, by the name of the type. */
  readonly types = new Map<string, readonly string[]>();
  /** How deep the part that is prepared is nested. */
  depth = 0;
  /** Inside of WRITE, where texts are templates. */
  writing = false;

  constructor(
    readonly mlm: Mlm,
    readonly traced: boolean,
  ) {}

  /** The number of a name: its place in the values of a frame. */
  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const next = this.#numbers.size;
    this.#numbers.set(name, next);
    return next;
  }

  /** The number of a name that something has mentioned before. */
  known(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  get names(): ReadonlyMap<string, number> {
    return this.#numbers;
  }

  /** Prepares something one level deeper. */
  deeper<T>(prepare: () => T): T {
    this.depth += 1;
    try {
      return prepare();
    } finally {
      this.depth -= 1;
    }
  }
}

/** Nested deeper than this a tree is not evaluated: the stack must hold it. */
export const deepest = 400;
