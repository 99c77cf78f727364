import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, type FileHandle, link, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { around } from '../config/fail-point.js';
import { makeFolder } from '../config/home.js';
import { systemCode } from '../errors.js';

/*
 * Everything that is written beside an engine is written by these functions. `place` names the fail points that
 * they pass: `<place>.before-link`, `<place>.after-link` …
 */

/** fsync of a file or folder: after it, its content (or its entries) survive a crash. */
export async function sync(path: string, place = 'file', step = 'fsync'): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await around(place, step, () => handle.sync());
  } finally {
    await handle.close();
  }
}

const draftEnd = '.draft';
/** True for a file that was being written when its process ended. */
export const isDraft = (name: string): boolean => name.endsWith(draftEnd);

/**
 * Creates a file with the whole content or not at all, and only if it does not exist: written under another
 * name, fsynced, then linked, which fails when the name is taken. False if it was.
 */
export async function createExclusively(
  path: string,
  content: string | Uint8Array,
  place = 'file',
): Promise<boolean> {
  makeFolder(dirname(path), place);
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}${draftEnd}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await around(place, 'write', () => handle.writeFile(content));
      await around(place, 'fsync', () => handle.sync());
    } finally {
      await handle.close();
    }
    try {
      await around(place, 'link', () => link(draft, path));
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    }
    await sync(dirname(path), place, 'fsync-folder');
    return true;
  } finally {
    await remove(draft, place);
  }
}

/** Removes a file or folder; nothing happens if it is not there. */
export const remove = (path: string, place: string): Promise<void> =>
  around(place, 'remove', () => rm(path, { recursive: true, force: true }));

/** Gives a finished file its place: its content and its new name survive a crash. For its owner alone. */
export async function moveDurably(from: string, to: string, place: string): Promise<void> {
  await around(place, 'chmod', () => chmod(from, 0o600));
  await sync(from, place);
  await around(place, 'rename', () => rename(from, to));
  await sync(dirname(to), place, 'fsync-folder');
}

/**
 * Adds a line to a file, which is made if it is missing, for its owner alone; after it the line survives a crash. It is
 * written by one call, so that lines of several processes do not mix. Where a killed process has left a part of a line, that
 * is closed first.
 */
export async function appendLine(path: string, line: string, place: string): Promise<void> {
  makeFolder(dirname(path), place);
  const handle = await open(path, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const isTorn = size > 0 && last.toString() !== '\n';
    await around(place, 'append', () => writeAtOnce(handle, Buffer.from(`${isTorn ? '\n' : ''}${line}\n`)));
    await around(place, 'fsync', () => handle.sync());
    if (size === 0) await sync(dirname(path), place, 'fsync-folder');
  } finally {
    await handle.close();
  }
}

/** Error: `ENOSPC` where the disk takes a part of the bytes only. */
export async function writeAtOnce(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  const { bytesWritten } = await handle.write(bytes);
  if (bytesWritten < bytes.length) throw Object.assign(new Error('no space is left'), { code: 'ENOSPC' });
}

export const copy = (from: string, to: string, place: string): Promise<void> =>
  around(place, 'copy', async () => {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await chmod(to, 0o600);
  });

/** A younger draft may be one that is being written, in milliseconds. */
const abandonedAfter = 60_000;

/** Removes the drafts that killed processes have left in a folder. */
export async function removeDrafts(folder: string, place: string, now = Date.now): Promise<void> {
  for (const name of (await readdir(folder).catch(() => [])).filter(isDraft)) {
    const made = await stat(join(folder, name)).catch(() => undefined);
    if (made && now() - made.mtimeMs > abandonedAfter) await remove(join(folder, name), place);
  }
}
