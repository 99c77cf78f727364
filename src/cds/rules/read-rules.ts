import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MaplewoodError } from '../../errors.js';
import { parseFile } from '../arden/parse.js';
import type { Mlm } from '../arden/syntax.js';
import { type Registry, registryOf } from '../facts/registry.js';
import { readValueSets } from '../facts/value-set.js';
import { checkGem } from '../provenance/check-gem.js';
import type { Gem } from '../provenance/gem.js';
import { isGem, readGem } from '../provenance/read-gem.js';

/** A rule of the folder. */
export interface Rule {
  readonly name: string;
  readonly text: string;
  /** SHA-256 of the bytes of the file, hexadecimal. */
  readonly sha256: string;
  readonly mlm: Mlm;
  readonly gem: Gem;
}

export interface Rules {
  readonly rules: readonly Rule[];
  readonly registry: Registry;
}

/**
 * Reads a folder of rules: `<mlmname>.mlm`, `<mlmname>.gem.yaml`, `valuesets/*.csv`. Every rule has both files and is strict.
 * Error: `CONFIGURATION` with everything that is wrong in them, a line each.
 */
export async function readRules(folder: string): Promise<Rules> {
  const registry = registryOf(await readValueSets(join(folder, 'valuesets')));
  const files = (await readdir(folder)).filter((file) => file.endsWith('.mlm')).sort();
  const read = await Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -'.mlm'.length);
      const [bytes, gem] = await Promise.all([
        readFile(join(folder, file)),
        readFile(join(folder, `${name}.gem.yaml`), 'utf8').catch(() => undefined),
      ]);
      return ruleOf(name, bytes, gem, registry);
    }),
  );
  const problems = read.flatMap((one) => ('problems' in one ? one.problems : []));
  if (problems.length > 0) throw new MaplewoodError('CONFIGURATION', problems.join('\n'));
  return { rules: read.flatMap((one) => ('problems' in one ? [] : [one])), registry };
}

/** A rule by its files, or what is wrong in them. */
export function ruleOf(
  name: string,
  bytes: Uint8Array,
  gemText: string | undefined,
  registry: Registry,
): Rule | { readonly problems: readonly string[] } {
  const { mlms, diagnostics } = parseFile(bytes, { mode: 'strict' });
  const inMlm = diagnostics.map(({ line, column, message }) => `${name}.mlm:${line}:${column}: ${message}`);
  const [mlm] = mlms;
  if (!mlm || mlms.length > 1) inMlm.push(`${name}.mlm: a file of a rule holds one MLM`);
  else if (mlm.name !== name) inMlm.push(`${name}.mlm: the MLM is called ${mlm.name}`);
  const gem = gemText === undefined ? { problems: ['there is no such file'] } : readGem(gemText);
  const inGem = isGem(gem) ? (mlm ? checkGem(gem, mlm, registry) : []) : gem.problems;
  const problems = [...inMlm, ...inGem.map((problem) => `${name}.gem.yaml: ${problem}`)];
  if (problems.length > 0 || !mlm || !isGem(gem)) return { problems };
  return {
    name,
    text: new TextDecoder().decode(bytes),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    mlm,
    gem,
  };
}
