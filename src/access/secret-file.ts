import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { aroundSync } from '../config/fail-point.js';
import { MaplewoodError, systemCode } from '../errors.js';

/**
 * The bytes of a secret file, or undefined where there is none.
 * Error: `CONFIGURATION` where it cannot be read, or where others than its owner may read or write it.
 */
export function readSecretFile(path: string): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw new MaplewoodError(
      'CONFIGURATION',
      `The key file ${path} cannot be read (${systemCode(cause)}). Give it to the user that runs this command.`,
      { cause },
    );
  }
  try {
    // Windows has no such bits; its files take the rights of the folder.
    if (process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0) {
      throw new MaplewoodError(
        'CONFIGURATION',
        `The key file ${path} is open to its group or to others. Run: chmod 600 ${path}`,
      );
    }
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes a secret file for its owner alone (0600), unless there is one by now. It appears whole or not at all and
 * never replaces one: of two processes that start at once the first wins, and both then read the same bytes.
 * Errors: `HOME_NOT_WRITABLE`, `DISK_FULL`.
 */
export function createSecretFile(path: string, content: Uint8Array): void {
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    try {
      writeThrough(temporary, content);
      linkExclusively(temporary, path);
    } finally {
      removeIfThere(temporary);
    }
    syncFolder(dirname(path));
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOSPC') throw new MaplewoodError('DISK_FULL', undefined, { cause });
    throw new MaplewoodError(
      'HOME_NOT_WRITABLE',
      `The key file ${path} cannot be made (${code}). Give this user write access to its folder, or set MAPLEWOOD_HOME to another one.`,
      { cause },
    );
  }
}

/** The secret file at `path`, made from `make()` where it is missing and `create` allows it. */
export function readOrCreateSecretFile(
  path: string,
  create: boolean,
  make: () => Uint8Array,
): Buffer | undefined {
  const found = readSecretFile(path);
  if (found !== undefined || !create) return found;
  createSecretFile(path, make());
  return readSecretFile(path);
}

function writeThrough(path: string, content: Uint8Array): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    aroundSync('key', 'write', () => {
      for (let written = 0; written < content.length; ) written += writeSync(descriptor, content, written);
    });
    aroundSync('key', 'fsync', () => fsyncSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

function linkExclusively(from: string, to: string): void {
  try {
    aroundSync('key', 'link', () => linkSync(from, to));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    aroundSync('key', 'remove', () => unlinkSync(path));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** The name must survive a power cut as the bytes do. Windows cannot sync a folder. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    aroundSync('key', 'fsync-folder', () => fsyncSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}
