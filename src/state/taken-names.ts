import { mkdirSync } from 'node:fs';
import { open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MaplewoodError, systemCode } from '../errors.js';

/** Names that may be taken once, by whichever process comes first. They are no events: each is forgotten after its time. */
interface TakenNames {
  /** Takes a name, a word of letters, digits, `-` and `_`; false where it was taken. Error: `STATE_UNAVAILABLE`. */
  take(name: string, until: number): Promise<boolean>;
  /** Forgets a name whose time is over, in the background. */
  release(name: string): void;
}

const unavailable = (cause: unknown): MaplewoodError =>
  new MaplewoodError('STATE_UNAVAILABLE', undefined, { cause });

const valid = /^[A-Za-z0-9_-]{1,100}$/;

/**
 * Names as empty files of a folder, which the system makes for one of several processes alone; their time of change is that
 * until which they are taken, in seconds since 1970. Those that other processes have left behind are removed at the start.
 */
export function takenNamesIn(folder: string, now: () => number): TakenNames {
  let ready: Promise<void> | undefined;
  const prepare = async (): Promise<void> => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) {
      const found = await stat(join(folder, name)).catch(() => undefined);
      if (found && found.mtimeMs < now()) await unlink(join(folder, name)).catch(() => undefined);
    }
  };
  return {
    async take(name, until) {
      if (!valid.test(name)) throw new Error('no name that can be taken');
      ready ??= prepare();
      await ready.catch((error: unknown) => {
        ready = undefined;
        throw unavailable(error);
      });
      try {
        const file = await open(join(folder, name), 'wx', 0o600);
        try {
          await file.utimes(until, until);
        } finally {
          await file.close();
        }
        return true;
      } catch (error) {
        if (systemCode(error) === 'EEXIST') return false;
        throw unavailable(error);
      }
    },
    release(name) {
      void unlink(join(folder, name)).catch(() => undefined);
    },
  };
}
