import { sql } from 'kysely';
import type { LoadContext } from '../../loaders/load.js';
import { cdsRuleText } from '../../warehouse/gold/cds.js';
import { valueSet } from '../../warehouse/gold/findings.js';
import { parseFile } from '../arden/parse.js';
import type { Mlm } from '../arden/syntax.js';
import type { CodeSystem, ValueSet } from '../facts/fact.js';
import { type Registry, registryOf } from '../facts/registry.js';
import { type TableRow, tableRows, textsAre } from './table-rows.js';

/** A rule as the release keeps it. */
export interface KeptRule {
  readonly text: string;
  readonly mlm: Mlm;
}

/** The rules behind some texts of the release, by their SHA-256, and what they can name. Texts that are not understood have none. */
export async function keptRules(
  texts: readonly string[],
  context: LoadContext,
): Promise<{ readonly rules: ReadonlyMap<string, KeptRule>; readonly registry: Registry }> {
  const [parts, codes] = await Promise.all([
    tableRows(cdsRuleText, ['text_sha256', 'kind', 'part_no', 'content'], textsAre(texts), context),
    tableRows(valueSet, ['name', 'system', 'code', 'match'], sql<boolean>`1 = 1`, context),
  ]);
  const rules = new Map(
    texts.flatMap((sha256): [string, KeptRule][] => {
      const text = parts
        .filter((part) => part['text_sha256'] === sha256 && part['kind'] === 'mlm')
        .sort((a, b) => Number(a['part_no']) - Number(b['part_no']))
        .map(({ content }) => content)
        .join('');
      const [mlm] = parseFile(Buffer.from(text), { mode: 'lenient' }).mlms;
      return mlm ? [[sha256, { text, mlm }]] : [];
    }),
  );
  return { rules, registry: registryOf(valueSetsOf(codes)) };
}

function valueSetsOf(codes: readonly TableRow[]): ReadonlyMap<string, ValueSet> {
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
