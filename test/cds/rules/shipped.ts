import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Registry } from '../../../src/cds/facts/registry.js';
import { type Fixture, isFixture, readFixture } from '../../../src/cds/testing/fixture.js';
import { root } from '../../support/landing.js';

/** Folder of the rules that ship with the product. */
export const rulesFolder = join(root, 'rules');

/** Names of the files of a folder below it that end so, without the ending. */
export const named = (folder: string, ending: string): string[] =>
  readdirSync(join(rulesFolder, folder))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();

/** The test cases of a rule. */
export function fixtureOf(rule: string, registry: Registry): Fixture {
  const read = readFixture(readFileSync(join(rulesFolder, 'tests', `${rule}.yaml`), 'utf8'), registry);
  if (!isFixture(read)) throw new Error(`rules/tests/${rule}.yaml: ${read.problems.join('\n')}`);
  return read;
}
