import type { KeyObject } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { isRecord } from './claim.js';
import { readKeySet } from './key-set.js';
import { downloadKeySet, type Fetch } from './key-set-download.js';
import type { KeySource } from './keys.js';

export interface TenantKeyOptions {
  /** Address of the key set (https). It comes from configuration, never from a token. */
  readonly url: string;
  readonly issuer: string;
  /** Where the last good set is kept for a start without network. */
  readonly file: string;
}

export interface TenantKeyEffects {
  readonly fetch: Fetch;
  /** Milliseconds since 1970. */
  now(): number;
  readText(path: string): Promise<string>;
  writeText(path: string, text: string): Promise<void>;
}

const fromSystem: TenantKeyEffects = {
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  readText: (path) => readFile(path, 'utf8'),
  async writeText(path, text) {
    const temporary = `${path}.${process.pid}.tmp`;
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
  },
};

const minute = 60 * 1000;
const day = 24 * 60 * minute;
interface StoredSet {
  readonly fetchedAt: number;
  readonly text: string;
}

/** Milliseconds between two downloads that callers can cause, with and without keys at hand. */
const pause = { withKeys: 5 * minute, withoutKeys: 10 * 1000 };
/** How long, and for how many, a key id that the issuer did not have is not looked for again. */
const absence = { time: 15 * minute, count: 1_000 };

/**
 * The keys of a tenant. They are read again after a day, in the background; if that fails the old ones serve for
 * one day more. An unknown key id causes one download in five minutes at most, shared by all who wait, so that a
 * flood of made-up ids causes no traffic. Never throws: without keys every id is unknown.
 */
export class TenantKeys implements KeySource {
  #keys: ReadonlyMap<string, KeyObject> = new Map();
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #download: Promise<boolean> | undefined;
  #stored: Promise<void> | undefined;
  readonly #absent = new Map<string, number>();

  constructor(
    private readonly options: TenantKeyOptions,
    private readonly effects: TenantKeyEffects = fromSystem,
  ) {}

  async find(kid: string): Promise<KeyObject | undefined> {
    this.#stored ??= this.#readStored();
    await this.#stored;
    const found = this.#usable().get(kid);
    if (found !== undefined) {
      if (this.#age() > day) void this.#refresh();
      return found;
    }
    if (this.#isKnownAbsent(kid)) return undefined;
    const isRead = await this.#refresh();
    const fresh = this.#usable().get(kid);
    if (fresh === undefined && isRead) this.#noteAbsent(kid);
    return fresh;
  }

  #age(): number {
    return this.effects.now() - this.#fetchedAt;
  }

  #usable(): ReadonlyMap<string, KeyObject> {
    return this.#age() <= 2 * day ? this.#keys : new Map();
  }

  #isKnownAbsent(kid: string): boolean {
    const since = this.#absent.get(kid);
    return since !== undefined && this.effects.now() - since < absence.time;
  }

  #noteAbsent(kid: string): void {
    this.#absent.delete(kid);
    this.#absent.set(kid, this.effects.now());
    for (const oldest of this.#absent.keys()) {
      if (this.#absent.size <= absence.count) return;
      this.#absent.delete(oldest);
    }
  }

  /** One download for all who wait; none while the last attempt is recent. True if the set was read. */
  #refresh(): Promise<boolean> {
    if (this.#download !== undefined) return this.#download;
    const wait = this.#usable().size > 0 ? pause.withKeys : pause.withoutKeys;
    if (this.effects.now() - this.#triedAt < wait) return Promise.resolve(false);
    this.#triedAt = this.effects.now();
    this.#download = this.#replaceKeys(this.#triedAt).finally(() => {
      this.#download = undefined;
    });
    return this.#download;
  }

  async #replaceKeys(at: number): Promise<boolean> {
    try {
      const text = await downloadKeySet(this.options.url, this.effects.fetch);
      if (!this.#take(text, at)) return false;
      await this.#store({ fetchedAt: at, text });
      return true;
    } catch {
      // The keys at hand go on serving; the pause above decides when it is tried again.
      return false;
    }
  }

  async #store(stored: StoredSet): Promise<void> {
    try {
      await this.effects.writeText(this.options.file, JSON.stringify(stored));
    } catch {
      // The copy is for a start without network only; the keys in memory are good without it.
    }
  }

  async #readStored(): Promise<void> {
    try {
      const stored: unknown = JSON.parse(await this.effects.readText(this.options.file));
      if (!isRecord(stored)) return;
      const { fetchedAt, text } = stored;
      if (typeof fetchedAt !== 'number' || typeof text !== 'string') return;
      // A time ahead of the clock would keep old keys alive for longer than two days.
      if (fetchedAt <= this.effects.now()) this.#take(text, fetchedAt);
    } catch {
      // There is none on first use, and a damaged one is as good as none.
    }
  }

  /** A set without a usable key is taken for a fault of the source, not for a tenant without keys. */
  #take(text: string, fetchedAt: number): boolean {
    const keys = readKeySet(text, this.options.issuer);
    if (keys.size === 0) return false;
    this.#keys = keys;
    this.#fetchedAt = fetchedAt;
    return true;
  }
}
