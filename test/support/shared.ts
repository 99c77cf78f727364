import { createHash } from 'node:crypto';
import {
  constants,
  cpSync,
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Fills the folder `to` with what `make` makes, and makes it once a run of jest: the first test file that asks has it
 * made, the others wait for that one. Everybody gets a copy, which may be changed at will. `what` tells what it is, and
 * all that it depends on.
 */
export async function sharedCopy(
  what: readonly unknown[],
  to: string,
  make: (folder: string) => Promise<void>,
): Promise<void> {
  const run = process.env['MAPLEWOOD_TEST_RUN'];
  if (run === undefined) throw new Error('MAPLEWOOD_TEST_RUN is not set: run the tests by jest.config.cjs');
  const made = join(run, createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16));
  const lock = `${made}.lock`;
  while (!existsSync(made)) {
    if (takeLock(lock)) {
      try {
        if (!existsSync(made)) await makeIn(made, make);
      } finally {
        rmSync(lock);
      }
    } else if (isHeldByTheDead(lock)) {
      // Taking over would be a race of those who wait; it happens after a crash only, which fails the run anyway.
      await make(to);
      return;
    } else await pause(50);
  }
  cpSync(made, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

/** It is seen whole or not at all: made beside its place, and renamed. */
async function makeIn(place: string, make: (folder: string) => Promise<void>): Promise<void> {
  const draft = `${place}.draft`;
  try {
    await make(draft);
    renameSync(draft, place);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The lock appears with the number of its process in it, since others judge by that whether it is still held. */
function takeLock(lock: string): boolean {
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own);
  }
}

function isHeldByTheDead(lock: string): boolean {
  if (!existsSync(lock)) return false;
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
