import { rmSync } from 'node:fs';

/** Removes the folder of this run of jest, and all that its test files have shared. */
export default function runEnds(): void {
  const folder = process.env['MAPLEWOOD_TEST_RUN'];
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
