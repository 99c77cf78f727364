import type { Engine } from '../engine.js';
import { type Check, type QualityResult, statusOf } from './check.js';
import type { CheckLimits } from './limits.js';

/** Faults that say nothing about the check: the statement was stopped, or there was no memory or room for it. */
const ofTheMachine = /^(INTERRUPT|FATAL)|Out of Memory|No space left|ENOSPC|Out of disk/i;

/** A group of checks is one statement: past this size DuckDB keeps too many aggregates at once. */
const together = 60;

/**
 * Runs checks, one pass over each relation. A check whose SQL fails has the status `error`; the others of its pass
 * are then counted one by one.
 */
export async function runChecks(
  engine: Engine,
  checks: readonly Check[],
  limits: CheckLimits,
): Promise<QualityResult[]> {
  const groups = new Map<string, Check[]>();
  for (const one of checks) groups.set(one.from, [...(groups.get(one.from) ?? []), one]);
  const found = new Map<string, QualityResult>();
  for (const group of groups.values()) {
    for (let from = 0; from < group.length; from += together) {
      for (const result of await runGroup(engine, group.slice(from, from + together), limits))
        found.set(result.id, result);
    }
  }
  return checks.flatMap(({ id }) => found.get(id) ?? []);
}

async function runGroup(
  engine: Engine,
  checks: readonly Check[],
  limits: CheckLimits,
): Promise<QualityResult[]> {
  const select = checks.map(
    ({ violations, denominator }, index) =>
      `cast(coalesce(${violations}, 0) as double) as v${index}, cast(coalesce(${denominator}, 0) as double) as d${index}`,
  );
  try {
    const [row] = await engine.rows<Record<string, number>>(
      `select ${select.join(', ')} from ${checks[0]?.from}`,
    );
    const results: QualityResult[] = [];
    for (const [index, one] of checks.entries()) {
      const result = resultOf(one, limits, row?.[`v${index}`] ?? 0, row?.[`d${index}`] ?? 0);
      results.push(result.status === 'fail' ? { ...result, detail: await detailOf(engine, one) } : result);
    }
    return results;
  } catch (error) {
    if (error instanceof Error && ofTheMachine.test(error.message)) throw error;
    const [only, ...others] = checks;
    if (only && others.length === 0) return [failedToRun(only, limits)];
    const single: QualityResult[] = [];
    for (const one of checks) single.push(...(await runGroup(engine, [one], limits)));
    return single;
  }
}

/** What a failed check found: asked for separately, since few fail. */
async function detailOf(engine: Engine, { detail, from }: Check): Promise<string | null> {
  if (detail === undefined) return null;
  const [row] = await engine.rows<{ detail: string | null }>(
    `select left(cast(${detail} as varchar), 400) as detail from ${from}`,
  );
  return row?.detail ?? null;
}

function resultOf(one: Check, limits: CheckLimits, violated: number, denominator: number): QualityResult {
  const threshold = limits.thresholds.get(one.id) ?? one.thresholdPct;
  return {
    ...plain(one, threshold),
    violated: Math.ceil(violated),
    denominator: Math.ceil(denominator),
    status: statusOf(violated, denominator, threshold),
    detail: null,
  };
}

/** Why it failed stays untold: an engine's message may hold values. */
const failedToRun = (one: Check, limits: CheckLimits): QualityResult => ({
  ...plain(one, limits.thresholds.get(one.id) ?? one.thresholdPct),
  violated: 0,
  denominator: 0,
  status: 'error',
  detail: 'the check could not be computed',
});

const plain = (one: Check, threshold: number) => ({
  id: one.id,
  rule: one.id.slice(one.id.indexOf('.') + 1),
  dataset: one.subject,
  column_name: one.column,
  level: one.level,
  category: one.category,
  vodim: one.vodim,
  severity: one.severity,
  violated_kept: null,
  threshold_pct: threshold,
  touches: one.touches.join(', '),
  description: one.description,
  accepted_reason: null,
});
