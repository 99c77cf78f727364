import { readFileSync } from 'node:fs';
import { link, readdir, readFile, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { around } from '../config/fail-point.js';
import { MaplewoodError, systemCode } from '../errors.js';
import { createExclusively, remove, removeDrafts } from './durable.js';

/** Only one run at a time changes the lake. The token grows with every holder, so an old one can be told. */
export interface Lease {
  readonly token: number;
  /**
   * Errors: `RELEASE_OVERTAKEN`, another run has taken the lease since (this one was stopped for too long); `LAKE_DAMAGED`, its
   * folder is gone, or another is in its place.
   */
  check(): Promise<void>;
  /**
   * Ids of other runs that may still write: those that took the lease later, and those that were stopped and may wake.
   * Their files are left alone. List the files first and ask then: a file seen is of a run that is seen.
   */
  others(): Promise<ReadonlySet<string>>;
  release(): Promise<void>;
}

interface Holder {
  readonly runId: string;
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

const heartbeatEvery = 5_000;
/** A holder that has not been heard for so long is taken for dead, in milliseconds. */
const silence = 60_000;
/** A stopped run that has not woken for so long is no longer thought of, in milliseconds. */
const forgottenAfter = 7 * 24 * 3_600_000;
const leaseName = /^(\d{8})\.(held|released)\.json$/;
const fileName = (token: number, state: 'held' | 'released'): string =>
  `${String(token).padStart(8, '0')}.${state}.json`;

/** Takes the lease in a folder, or fails with `LEASE_HELD`. A holder that died on this machine is passed over at once. */
export async function takeLease(folder: string, runId: string, now: () => Date): Promise<Lease> {
  const { newest, released, tokens } = await survey(folder);
  if (newest > 0 && !released) {
    const holder = await liveHolder(folder, newest, now);
    if (holder) {
      throw new MaplewoodError(
        'LEASE_HELD',
        `Run ${holder.runId} (process ${holder.pid} on ${holder.host}) has been running since ${holder.since}. Wait for it to end and try again.`,
      );
    }
  }
  const token = newest + 1;
  const holder: Holder = { runId, pid: process.pid, host: hostname(), since: now().toISOString() };
  if (!(await createExclusively(join(folder, fileName(token, 'held')), JSON.stringify(holder), 'lease'))) {
    throw new MaplewoodError(
      'LEASE_HELD',
      'Another run took the lease at the same moment. Try again when it has ended.',
    );
  }
  await tidy(
    folder,
    tokens.filter((other) => other < token - 8),
    now,
  );
  const beat = setInterval(() => {
    const time = now();
    utimes(join(folder, fileName(token, 'held')), time, time).catch(() => undefined);
  }, heartbeatEvery);
  beat.unref();
  return {
    token,
    async check() {
      const { newest } = await survey(folder);
      if (newest < token)
        throw new MaplewoodError('LAKE_DAMAGED', 'The file of the lease is gone. Bring its folder back.');
      if (newest > token) {
        throw new MaplewoodError(
          'RELEASE_OVERTAKEN',
          'Another run has taken over the lease; nothing was published by this one.',
        );
      }
    },
    async others() {
      const ids = new Set<string>();
      for (const other of (await survey(folder)).tokens.filter((each) => each !== token)) {
        const unfinished = await mayWrite(folder, other);
        if (unfinished) ids.add(unfinished.runId);
      }
      return ids;
    },
    async release() {
      clearInterval(beat);
      // A link needs no room on a full disk. Where it fails, the lease ends with the process or by silence.
      await around('lease', 'release', () =>
        link(join(folder, fileName(token, 'held')), join(folder, fileName(token, 'released'))).catch(
          () => undefined,
        ),
      );
    },
  };
}

interface Survey {
  readonly newest: number;
  /** The newest has been given back. */
  readonly released: boolean;
  readonly tokens: readonly number[];
}

async function survey(folder: string): Promise<Survey> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { newest: 0, released: true, tokens: [] };
    throw error;
  }
  const found = names.flatMap((name) => {
    const [, token, state] = leaseName.exec(name) ?? [];
    return token ? [{ token: Number(token), state }] : [];
  });
  const newest = Math.max(0, ...found.map(({ token }) => token));
  return {
    newest,
    released: found.some(({ token, state }) => token === newest && state === 'released'),
    tokens: [...new Set(found.map(({ token }) => token))],
  };
}

/** Removes what is no longer needed of earlier holders; of a stopped run the lease stays as long as it may wake. */
async function tidy(folder: string, tokens: readonly number[], now: () => Date): Promise<void> {
  for (const old of tokens) {
    const holder = await mayWrite(folder, old);
    if (holder && now().getTime() - holder.heard.getTime() < forgottenAfter) continue;
    for (const state of ['held', 'released'] as const)
      await remove(join(folder, fileName(old, state)), 'lease');
  }
  await removeDrafts(folder, 'lease');
}

/** The holder of a lease that was not given back and is not known to be dead. */
async function mayWrite(folder: string, token: number): Promise<(Holder & { heard: Date }) | undefined> {
  const path = join(folder, fileName(token, 'held'));
  try {
    if (await isThere(join(folder, fileName(token, 'released')))) return undefined;
    const holder = JSON.parse(await readFile(path, 'utf8')) as Holder;
    if (holder.host === hostname() && !isAlive(holder.pid)) return undefined;
    return { ...holder, heard: (await stat(path)).mtime };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function liveHolder(folder: string, token: number, now: () => Date): Promise<Holder | undefined> {
  const holder = await mayWrite(folder, token);
  return holder && now().getTime() - holder.heard.getTime() > silence ? undefined : holder;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A killed process answers until its parent has taken note of it (Linux: state Z or X in /proc). */
function isDefunct(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^\) [ZX]/.test(status.slice(status.lastIndexOf(')')));
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isDefunct(pid);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
