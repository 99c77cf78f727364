import type { Engine } from '../engine.js';
import type { CrossRule } from '../silver/cross-rules.js';
import type { SilverResult } from '../silver/load.js';
import { type CheckStatus, check, type QualityResult, type VodimClass } from './check.js';
import { defaultLimits } from './limits.js';
import { runChecks } from './run-checks.js';

/** Kahn category of a source rule: empty things are completeness, dates and order plausibility, the rest conformance. */
function categoryOf(rule: string): QualityResult['category'] {
  if (/MISSING|_NULL|_EMPTY/.test(rule)) return 'completeness';
  return /DATE|BEFORE|AFTER|OVERLAP|ORDER|NEGATIVE|SAME_DAY|REPEATED|CLOCK/.test(rule)
    ? 'plausibility'
    : 'conformance';
}

/** Which class of VODIM a source rule counts; null where it is about no coded value. */
function vodimOf(rule: string): VodimClass | null {
  if (/_MISSING$/.test(rule)) return 'missing';
  return /^(CODE_UNKNOWN|FORMAT_UNUSUAL)$|_INVALID$|_SHARED$/.test(rule) ? 'invalid' : null;
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
  vodim: vodimOf(rule),
  threshold_pct: null,
  status: more.denominator === 0 ? 'not_applicable' : more.violated === 0 ? 'pass' : 'fail',
  touches: null,
  detail: null,
  accepted_reason: null,
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
    const denominator = present ? (silver.get(rule.dataset)?.staged ?? 0) : 0;
    const counted = present ? await count(engine, rule, denominator) : undefined;
    const result = source(rule.dataset, rule.rule, rule.column, {
      severity: rule.severity,
      violated: counted?.violated ?? 0,
      violated_kept: null,
      denominator,
      description: rule.description,
    });
    const status: CheckStatus = counted?.status === 'error' ? 'error' : result.status;
    results.push({ ...result, level: 'cross', status, detail: counted?.detail ?? null });
  }
  return results;
}

async function count(
  engine: Engine,
  rule: CrossRule,
  denominator: number,
): Promise<QualityResult | undefined> {
  const [result] = await runChecks(
    engine,
    [
      check({
        id: rule.rule,
        subject: rule.dataset,
        level: 'cross',
        category: categoryOf(rule.rule),
        severity: rule.severity,
        description: rule.description,
        from: `(select (${rule.count}) as n)`,
        violations: 'max(n)',
        denominator: String(denominator),
        touches: [rule.dataset],
      }),
    ],
    defaultLimits,
  );
  return result;
}
