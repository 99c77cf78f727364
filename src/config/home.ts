import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MaplewoodError, systemCode } from '../errors.js';
import { aroundSync } from './fail-point.js';

/** The folders under `MAPLEWOOD_HOME`, as absolute paths. */
export interface Home {
  readonly root: string;
  readonly lake: string;
  /** DuckDB files of the releases and the pointer to the newest. */
  readonly warehouse: string;
  /** Watermarks, leases, alerts, break-glass grants, the last good key set of the tenant. */
  readonly state: string;
  /** The identified store; only break-glass reads it. */
  readonly identified: string;
  readonly keys: string;
  /** The sealed log of who saw what. */
  readonly audit: string;
  /** One report for each run of the ETL. */
  readonly runs: string;
  readonly tmp: string;
}

export function homeAt(root: string): Home {
  return {
    root,
    lake: join(root, 'lake'),
    warehouse: join(root, 'warehouse'),
    state: join(root, 'state'),
    identified: join(root, 'identified'),
    keys: join(root, 'keys'),
    audit: join(root, 'audit'),
    runs: join(root, 'runs'),
    tmp: join(root, 'tmp'),
  };
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file stands in its place',
};

/**
 * Makes a folder and those above it, for their owner alone (0700). One level at a time: where nothing can be made, as
 * below /proc, `recursive` never returns, and on a full disk it says ENOENT. `place` names the fail points.
 */
export function makeFolder(path: string, place: string, inTheWay: 'EEXIST' | 'ENOTDIR' = 'EEXIST'): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found) throw Object.assign(new Error('not a folder'), { code: inTheWay });
  if (dirname(path) !== path) makeFolder(dirname(path), place, 'ENOTDIR');
  try {
    aroundSync(place, 'make', () => mkdirSync(path, { mode: 0o700 }));
  } catch (error) {
    // Another process may have made it at the same moment.
    if (systemCode(error) !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

/**
 * Creates what is missing of the home, for its owner alone (0700), and checks that all of it can be written.
 * Nothing is written where the folders exist, so that a full disk does not stop a server from starting.
 * Error: `HOME_NOT_WRITABLE` with the path and the reason.
 */
export function ensureHome(home: Home): void {
  for (const path of [home.root, ...Object.values(home).filter((path) => path !== home.root)])
    ensureFolder(path, 'MAPLEWOOD_HOME');
}

/**
 * Makes a folder if it is missing, and checks that it can be written. Error: `HOME_NOT_WRITABLE` with the path, the
 * reason and the variable that names another one.
 */
export function ensureFolder(path: string, variable: string): void {
  try {
    makeFolder(path, 'home');
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = systemCode(cause) ?? 'unknown error';
    throw new MaplewoodError(
      'HOME_NOT_WRITABLE',
      `The folder ${path} cannot be written (${reasons[code] ?? code}). Give this user write access, or set ${variable} to another folder.`,
      { cause },
    );
  }
}
