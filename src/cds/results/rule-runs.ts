import type { LoadContext } from '../../loaders/load.js';
import { cdsRun } from '../../warehouse/gold/cds.js';
import { goldRows } from './gold-rows.js';
import { textIsAmong } from './rule-texts.js';

/** What came of a rule in a run over all patients. */
export interface RuleRun {
  readonly runId: string;
  /** Instant. */
  readonly asOf: string;
  readonly engine: string;
  readonly evaluated: number;
  readonly fired: number;
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
    const run: RuleRun = {
      runId: String(row['run_id']),
      asOf: String(row['as_of']),
      engine: String(row['engine']),
      evaluated: Number(row['evaluated']),
      fired: Number(row['fired']),
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
