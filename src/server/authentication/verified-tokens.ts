import type { Principal } from './principal.js';

/** Milliseconds for which a verified token is not verified again. */
const longest = 5 * 60 * 1000;

/**
 * Principals by the SHA-256 of their token, so that a signature is checked once in five minutes at most and no
 * token stays in memory. Bounded: the one that was added first goes first.
 */
export class VerifiedTokens {
  readonly #entries = new Map<string, { readonly principal: Principal; readonly until: number }>();

  constructor(private readonly capacity: number) {}

  /** `now` in milliseconds. */
  get(hash: string, now: number): Principal | undefined {
    const entry = this.#entries.get(hash);
    if (entry === undefined) return undefined;
    if (now < entry.until) return entry.principal;
    this.#entries.delete(hash);
    return undefined;
  }

  add(hash: string, principal: Principal, now: number): void {
    const until = Math.min(principal.expiresAt * 1000, now + longest);
    if (until <= now) return;
    this.#entries.delete(hash);
    this.#entries.set(hash, { principal, until });
    if (this.#entries.size <= this.capacity) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  get size(): number {
    return this.#entries.size;
  }
}
