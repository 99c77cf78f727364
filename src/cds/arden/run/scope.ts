import type { Mlm } from '../syntax.js';

/** What the preparation of an MLM knows at a place of its tree. */
export class Scope {
  readonly #numbers = new Map<string, number>();
  /** Attributes of object types, by the name of the type. */
  readonly types = new Map<string, readonly string[]>();
  /** How deep the part that is prepared is nested. */
  depth = 0;

  #traced: boolean;

  constructor(
    readonly mlm: Mlm,
    traced: boolean,
  ) {
    this.#traced = traced;
  }

  /** What is prepared now leaves a trace when it runs. */
  get traced(): boolean {
    return this.#traced;
  }

  /** Prepares something that leaves no trace: it does not stand in the logic of this MLM. */
  untraced<T>(prepare: () => T): T {
    const traced = this.#traced;
    this.#traced = false;
    const prepared = prepare();
    this.#traced = traced;
    return prepared;
  }

  /** The number of a name: its place in the values of a frame. */
  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const next = this.#numbers.size;
    this.#numbers.set(name, next);
    return next;
  }

  get names(): ReadonlyMap<string, number> {
    return this.#numbers;
  }

  /** Prepares something one level deeper, or several where it takes more of the stack. */
  deeper<T>(prepare: () => T, levels = 1): T {
    this.depth += levels;
    const prepared = prepare();
    this.depth -= levels;
    return prepared;
  }
}

/** Nested deeper than this a tree is not evaluated: the stack must hold it. */
export const deepest = 1200;
