import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The package root, where `reference/` lies. */
export const root = join(__dirname, '..', '..');

/** A folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'maplewood-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
