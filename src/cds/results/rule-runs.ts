import type { LoadContext } from '../../loaders/load.js';
import { cdsResult, cdsRun } from '../../warehouse/gold/cds.js';
import { goldRows } from './gold-rows.js';
import { hex, keysAre } from './result-keys.js';
import { textIsAmong } from './rule-texts.js';

/** What came of a rule in a run over all patients. */
export interface RuleRun {
  readonly runId: string;
  /** Instant. */
  readonly asOf: string;
  readonly engine: string;
  readonly evaluated: number;
  readonly fired: number;
  /** Fired of evaluated, in per cent. */
  readonly sharePct: number | null;
  readonly evidenceRows: number;
  readonly undecided: number;
  readonly failed: number;
  readonly milliseconds: number;
  readonly failure: string | null;
}

/** Runs of rules by name and SHA-256 of the text, as `ruleName`: the latest as-of time first, of one time the latest run. */
export async function ruleRuns(
  texts: readonly string[],
  context: LoadContext,
): Promise<ReadonlyMap<string, readonly RuleRun[]>> {
  if (texts.length === 0) return new Map();
  const rows = await goldRows(cdsRun, Object.keys(cdsRun.columns), textIsAmong(texts), context);
  const found = new Map<string, RuleRun[]>();
  for (const row of rows) {
    const name = ruleName(String(row['rule']), String(row['text_sha256']));
    const known = found.get(name);
    const [evaluated, fired] = [Number(row['evaluated']), Number(row['fired'])];
    const run: RuleRun = {
      runId: String(row['run_id']),
      asOf: String(row['as_of']),
      engine: String(row['engine']),
      evaluated,
      fired,
      sharePct: evaluated === 0 ? null : (100 * fired) / evaluated,
      evidenceRows: Number(row['evidence_rows']),
      undecided: Number(row['undecided']),
      failed: Number(row['failed']),
      milliseconds: Number(row['milliseconds']),
      failure: (row['failure'] as string | null) ?? null,
    };
    if (known) known.push(run);
    else found.set(name, [run]);
  }
  for (const runs of found.values()) runs.sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1));
  return found;
}

const orderOf = ({ asOf, runId }: RuleRun): string => `${asOf} ${runId}`;

/** Names a text of a rule. */
export const ruleName = (rule: string, sha256: string): string => `${rule} ${sha256}`;

/** Ids of the runs in which results last fired, by the keys of results that the caller may see; null for one before the last take-over. */
export async function lastRuns(
  keys: readonly Uint8Array[],
  context: LoadContext,
): Promise<ReadonlyMap<string, string | null>> {
  if (keys.length === 0) return new Map();
  const results = await goldRows(
    cdsResult,
    ['result_key', 'rule', 'text_sha256', 'last_fired_at'],
    keysAre(keys),
    context,
  );
  const runs = await ruleRuns([...new Set(results.map((row) => String(row['text_sha256'])))], context);
  return new Map(
    results.map((row) => {
      const ofRule = runs.get(ruleName(String(row['rule']), String(row['text_sha256']))) ?? [];
      const run = ofRule.find(({ asOf }) => asOf === String(row['last_fired_at']));
      return [hex(row['result_key']), run?.runId ?? null];
    }),
  );
}
