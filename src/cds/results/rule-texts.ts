import { type RawBuilder, sql } from 'kysely';
import type { LoadContext } from '../../loaders/load.js';
import { cdsRuleText } from '../../warehouse/gold/cds.js';
import { valueSet } from '../../warehouse/gold/findings.js';
import { bind } from '../../warehouse/value.js';
import { parseFile } from '../arden/parse.js';
import type { Mlm } from '../arden/syntax.js';
import type { CodeSystem, ValueSet } from '../facts/fact.js';
import { type Registry, registryOf } from '../facts/registry.js';
import type { Gem } from '../provenance/gem.js';
import { goldRows, type Row } from './gold-rows.js';

/** A rule as a release keeps it. */
export interface RuleText {
  readonly text: string;
  /** Undefined where this build does not understand the text. */
  readonly mlm: Mlm | undefined;
  readonly gem: Gem;
}

/** Rules of a release by the SHA-256 of their texts; what is not there is left out. */
export async function ruleTexts(
  texts: readonly string[],
  context: LoadContext,
): Promise<ReadonlyMap<string, RuleText>> {
  if (texts.length === 0) return new Map();
  const parts = await goldRows(
    cdsRuleText,
    ['text_sha256', 'kind', 'part_no', 'content'],
    textIsAmong(texts),
    context,
  );
  const whole = (sha256: string, kind: string): string =>
    parts
      .filter((part) => part['text_sha256'] === sha256 && part['kind'] === kind)
      .sort((a, b) => Number(a['part_no']) - Number(b['part_no']))
      .map(({ content }) => content)
      .join('');
  return new Map(
    texts.flatMap((sha256): [string, RuleText][] => {
      const [text, gem] = [whole(sha256, 'mlm'), whole(sha256, 'gem')];
      if (text === '' || gem === '') return [];
      const [mlm] = parseFile(Buffer.from(text), { mode: 'lenient' }).mlms;
      return [[sha256, { text, mlm, gem: JSON.parse(gem) as Gem }]];
    }),
  );
}

/** A table has rows of one of some texts of rules. */
export const textIsAmong = (texts: readonly string[]): RawBuilder<boolean> =>
  sql<boolean>`${sql.ref('t.text_sha256')} in (${sql.join(texts.map((text) => bind({ kind: 'text', length: 64 }, text)))})`;

/** Facts, with the value sets of the release. */
export async function keptRegistry(context: LoadContext): Promise<Registry> {
  const codes = await goldRows(valueSet, ['name', 'system', 'code', 'match'], sql<boolean>`1 = 1`, context);
  return registryOf(valueSetsOf(codes));
}

function valueSetsOf(codes: readonly Row[]): ReadonlyMap<string, ValueSet> {
  const found = new Map<string, ValueSet>();
  for (const row of codes) {
    const name = String(row['name']);
    const code = {
      system: row['system'] as CodeSystem,
      code: String(row['code']),
      match: row['match'] as 'exact' | 'prefix',
      display: '',
      source: '',
    };
    found.set(name, { name, codes: [...(found.get(name)?.codes ?? []), code] });
  }
  return found;
}
