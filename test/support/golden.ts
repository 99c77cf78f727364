import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './landing.js';

/**
 * Compares a text with `test/golden/<name>`, which is committed and reviewed as code. With `UPDATE_GOLDEN=1` the file
 * is written instead.
 */
export function expectGolden(name: string, text: string): void {
  const file = join(root, 'test', 'golden', name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  let known = '';
  try {
    known = readFileSync(file, 'utf8');
  } catch {
    throw new Error(
      `test/golden/${name} is missing: run the test once with UPDATE_GOLDEN=1 and review the file`,
    );
  }
  expect(text).toBe(known);
}
