import type { Diagnostics } from '../arden/diagnostics.js';
import type { Mlm } from '../arden/syntax.js';
import type { Registry } from '../facts/registry.js';
import { checkGem } from '../provenance/check-gem.js';
import type { Gem } from '../provenance/gem.js';
import { isGem, readGem } from '../provenance/read-gem.js';

/** The provenance file of an MLM. */
export interface Provenance {
  readonly file: string;
  /** Undefined: the file is not there. */
  readonly text: string | undefined;
}

/** Notes where the provenance of an MLM is wrong or disagrees with it. The provenance itself where it can be read. */
export function checkProvenance(
  mlm: Mlm,
  given: Provenance | undefined,
  registry: Registry,
  diagnostics: Diagnostics,
): Gem | undefined {
  const isLinked = mlm.links.some(({ kind, name }) => kind === 'other_link' && name === 'gem');
  if (!given || (given.text === undefined && !isLinked)) return undefined;
  const { file, text } = given;
  const gem = text === undefined ? { problems: ['there is no such file'] } : readGem(text);
  const problems = isGem(gem) ? checkGem(gem, mlm, registry) : gem.problems;
  const place = mlm.slots.find(({ name }) => name === 'links')?.span.start ?? mlm.span.start;
  for (const problem of problems)
    diagnostics.departure('GEM', place, `${file}: ${problem}`, 'See rules/README.md');
  return isGem(gem) ? gem : undefined;
}
