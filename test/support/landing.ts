import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The package root, where `reference/` lies. */
export const root = join(__dirname, '..', '..');

/** A folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'maplewood-test-'));
  afterAll(async () => {
    await Promise.allSettled([...closing].map((close) => close()));
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

const closing = new Set<() => Promise<void>>();

/**
 * Has something closed before the folders of the test file go: a server writes what waits on closing. Whoever opened it
 * closes it all the same, and learns there of what went wrong.
 */
export const closedBeforeFolders = (close: () => Promise<void>): void => {
  closing.add(close);
};
