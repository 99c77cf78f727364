import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Registry, registryOf } from '../cds/facts/registry.js';
import { readValueSets } from '../cds/facts/value-set.js';
import { MaplewoodError, systemCode } from '../errors.js';

/** The bytes of a file that the command line names. Error: `USAGE`. */
export async function readGiven(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new MaplewoodError('USAGE', `${path} cannot be read: ${systemCode(error) ?? 'unknown'}.`);
  }
}

/** Folder of the rules that ship with the product. */
export const rulesFolder = (root: string): string => join(root, 'rules');

/** Facts, with the value sets beside the rules of a folder, or else those that ship with the product. */
export async function registryFor(folder: string, root: string): Promise<Registry> {
  const own = join(folder, 'valuesets');
  return registryOf(await readValueSets(existsSync(own) ? own : join(rulesFolder(root), 'valuesets')));
}

/** The text of a file, undefined where there is none. */
export function textIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new MaplewoodError('USAGE', `${path} cannot be read: ${systemCode(error) ?? 'unknown'}.`);
  }
}
