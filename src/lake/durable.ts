import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../errors.js';

/** fsync of a file or folder: after it, its content (or its entries) survive a crash. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Creates a file with the whole content or not at all, and only if it does not exist: written under another
 * name, fsynced, then linked, which fails when the name is taken. False if it was.
 */
export async function createExclusively(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.draft`;
  try {
    const handle = await open(draft, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    try {
      await link(draft, path);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    }
    await sync(dirname(path));
    return true;
  } finally {
    await rm(draft, { force: true });
  }
}
