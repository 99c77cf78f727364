import type { Engine } from '../engine.js';
import type { CrossRule } from '../silver/cross-rules.js';
import type { SilverResult } from '../silver/load.js';
import type { GoldCheck } from './checks.js';

/** One row of `quality_result`. */
export interface QualityResult {
  readonly id: string;
  readonly rule: string;
  readonly dataset: string;
  readonly column_name: string | null;
  readonly level: 'table' | 'field' | 'cross';
  readonly category: 'conformance' | 'completeness' | 'plausibility';
  readonly severity: 'error' | 'reject' | 'warn' | 'info';
  readonly violated: number;
  readonly violated_kept: number | null;
  readonly denominator: number;
  readonly threshold_pct: number | null;
  readonly status: 'pass' | 'fail' | 'not_applicable';
  readonly touches: string | null;
  readonly description: string;
}

/** Kahn category of a source rule: empty things are completeness, dates and order plausibility, the rest conformance. */
function categoryOf(rule: string): QualityResult['category'] {
  if (/MISSING|_NULL|_EMPTY/.test(rule)) return 'completeness';
  return /DATE|BEFORE|AFTER|OVERLAP|ORDER|NEGATIVE|SAME_DAY|REPEATED|CLOCK/.test(rule)
    ? 'plausibility'
    : 'conformance';
}

const source = (
  dataset: string,
  rule: string,
  column: string | null,
  more: Pick<QualityResult, 'severity' | 'violated' | 'violated_kept' | 'denominator' | 'description'>,
): QualityResult => ({
  id: [dataset, rule, column].filter((part) => part !== null).join('.'),
  rule,
  dataset,
  column_name: column,
  level: column === null ? 'table' : 'field',
  category: categoryOf(rule),
  threshold_pct: null,
  status: more.denominator === 0 ? 'not_applicable' : more.violated === 0 ? 'pass' : 'fail',
  touches: null,
  ...more,
});

/** Results of the rules over single rows, and of the search for repeated keys. */
export function silverResults(silver: SilverResult): QualityResult[] {
  const { contract, staged } = silver;
  const { dataset, duplicateRule } = contract;
  const repeated = (
    kind: string,
    rows: number,
    severity: 'warn' | 'info',
    description: string,
  ): QualityResult => ({
    ...source(dataset, `${duplicateRule}_${kind}`, contract.key[0] ?? null, {
      severity,
      violated: rows,
      violated_kept: null,
      denominator: staged,
      description,
    }),
    level: 'table',
  });
  return [
    ...silver.refusals.map((refusal) =>
      source(dataset, refusal.rule, refusal.column, {
        severity: 'reject',
        violated: refusal.rows,
        violated_kept: 0,
        denominator: staged,
        description: refusal.reason,
      }),
    ),
    ...silver.flags.map((flag) =>
      source(dataset, flag.rule, flag.column, {
        severity: flag.severity,
        violated: flag.rows,
        violated_kept: flag.kept,
        denominator: staged,
        description: flag.description,
      }),
    ),
    repeated('IDENTICAL', silver.identical, 'info', 'surplus rows of a key in one file, equal to the first'),
    repeated(
      'CONFLICTING',
      silver.conflicting,
      'warn',
      'surplus rows of a key in one file that differ from the first, which is kept',
    ),
    repeated('UNCHANGED', silver.unchanged, 'info', 'rows that repeat the version delivered before'),
    repeated('REPLACED', silver.replaced, 'info', 'accepted versions that a later delivery replaces'),
  ];
}

/** Results of the rules over several rows. */
export async function crossResults(
  engine: Engine,
  rules: readonly CrossRule[],
  silver: ReadonlyMap<string, SilverResult>,
): Promise<QualityResult[]> {
  const results: QualityResult[] = [];
  for (const rule of rules) {
    const present = rule.needs.every((dataset) => (silver.get(dataset)?.staged ?? 0) > 0);
    const [row] = present
      ? await engine.rows<{ n: number }>(`select cast((${rule.count}) as double) as n`)
      : [{ n: 0 }];
    results.push({
      ...source(rule.dataset, rule.rule, rule.column, {
        severity: rule.severity,
        violated: row?.n ?? 0,
        violated_kept: null,
        denominator: present ? (silver.get(rule.dataset)?.staged ?? 0) : 0,
        description: rule.description,
      }),
      level: 'cross',
    });
  }
  return results;
}

/** Runs the checks of a finished release, whose catalogue is in use. */
export async function goldResults(engine: Engine, checks: readonly GoldCheck[]): Promise<QualityResult[]> {
  const results: QualityResult[] = [];
  for (const check of checks) {
    const [row] = await engine.rows<{ violated: number; denominator: number }>(
      `select cast((${check.violations}) as double) as violated, cast((${check.denominator}) as double) as denominator`,
    );
    const violated = row?.violated ?? 0;
    results.push({
      id: check.id,
      rule: check.id,
      dataset: check.table,
      column_name: null,
      level: check.level,
      category: check.category,
      severity: check.severity,
      violated,
      violated_kept: null,
      denominator: row?.denominator ?? 0,
      threshold_pct: 0,
      status: violated === 0 ? 'pass' : 'fail',
      touches: check.touches,
      description: check.description,
    });
  }
  return results;
}
