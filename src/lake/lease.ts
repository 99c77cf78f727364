import { readFileSync } from 'node:fs';
import { link, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MaplewoodError, systemCode } from '../errors.js';
import { createExclusively } from './durable.js';

/** Only one run at a time changes the lake. The token grows with every holder, so an old one can be told. */
export interface Lease {
  readonly token: number;
  /** Error `RELEASE_OVERTAKEN`: another run has taken the lease since (this one was stopped for too long). */
  check(): Promise<void>;
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
  if (!(await createExclusively(join(folder, fileName(token, 'held')), JSON.stringify(holder)))) {
    throw new MaplewoodError(
      'LEASE_HELD',
      'Another run took the lease at the same moment. Try again when it has ended.',
    );
  }
  for (const old of tokens.filter((other) => other < token - 8)) {
    await rm(join(folder, fileName(old, 'held')), { force: true });
    await rm(join(folder, fileName(old, 'released')), { force: true });
  }
  const beat = setInterval(() => {
    const time = now();
    utimes(join(folder, fileName(token, 'held')), time, time).catch(() => undefined);
  }, heartbeatEvery);
  beat.unref();
  return {
    token,
    async check() {
      if ((await survey(folder)).newest !== token) {
        throw new MaplewoodError(
          'RELEASE_OVERTAKEN',
          'Another run has taken over the lease; nothing was published by this one.',
        );
      }
    },
    async release() {
      clearInterval(beat);
      // A link needs no room on a full disk. Where it fails, the lease ends with the process or by silence.
      await link(join(folder, fileName(token, 'held')), join(folder, fileName(token, 'released'))).catch(
        () => undefined,
      );
    },
  };
}

async function survey(folder: string): Promise<{ newest: number; released: boolean; tokens: number[] }> {
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

async function liveHolder(folder: string, token: number, now: () => Date): Promise<Holder | undefined> {
  const path = join(folder, fileName(token, 'held'));
  let holder: Holder;
  let heard: Date;
  try {
    holder = JSON.parse(await readFile(path, 'utf8')) as Holder;
    heard = (await stat(path)).mtime;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  if (holder.host === hostname() && !isAlive(holder.pid)) return undefined;
  return now().getTime() - heard.getTime() > silence ? undefined : holder;
}

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
