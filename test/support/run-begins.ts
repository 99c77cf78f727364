import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes the folder of this run of jest, for what its test files share; the workers inherit the variable. */
export default function runBegins(): void {
  process.env['MAPLEWOOD_TEST_RUN'] = mkdtempSync(join(tmpdir(), 'maplewood-run-'));
}
