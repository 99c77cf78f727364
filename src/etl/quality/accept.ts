import { identifierShapeIn } from '../../access/identifier-shapes.js';
import { MaplewoodError } from '../../errors.js';
import type { QualityResult } from './check.js';

/** A check that may fail in one run, because somebody has looked at it. */
export interface Acceptance {
  readonly check: string;
  readonly reason: string;
}

/** What the run report keeps of an acceptance that was needed. */
export interface Accepted extends Acceptance {
  /** Run that published in spite of the check. */
  readonly run: string;
  /** ISO 8601. */
  readonly at: string;
}

const shortest = 3;
const longest = 400;
/** A reason goes into the release, where no identifier may be. */
const identifying = /\d{3}[ -]?\d{3}[ -]?\d{4}|PSEUDO_|PAT_\d/i;

/** A number of `--accept` with a reason each, or one reason for all. Error: `USAGE`. */
export function acceptances(checks: readonly string[], reasons: readonly string[]): Acceptance[] {
  if (checks.length === 0 && reasons.length === 0) return [];
  if (checks.length === 0)
    throw usage('--reason belongs to --accept CHECK. Add the check, or leave the reason out.');
  if (new Set(checks).size < checks.length) throw usage('--accept names a check twice.');
  if (reasons.length !== 1 && reasons.length !== checks.length)
    throw usage('Give a --reason to each --accept, in the same order, or one for all.');
  return checks.map((name, index) => ({
    check: name,
    reason: readable(reasons.length === 1 ? reasons[0] : reasons[index]),
  }));
}

/** Error `USAGE` for a check that does not exist, or that stops nothing. */
export function requireAcceptable(accept: readonly Acceptance[], stopping: ReadonlySet<string>): void {
  for (const { check } of accept) {
    if (stopping.has(check)) continue;
    const family = check.slice(check.indexOf('.'));
    const near = [...stopping].filter((known) => known.endsWith(family) && family !== check).slice(0, 5);
    throw usage(
      `--accept ${check}: there is no check of that name that stops a publish.${near.length > 0 ? ` Did you mean ${near.join(', ')}?` : ' The message of the run that stopped names it.'}`,
    );
  }
}

/** The results with the reason of each acceptance that was needed. */
export function withAcceptances(
  results: readonly QualityResult[],
  accept: readonly Acceptance[],
): QualityResult[] {
  const reasons = new Map(accept.map(({ check, reason }) => [check, reason]));
  return results.map((result) => {
    const reason = reasons.get(result.id);
    return reason !== undefined && stops(result) ? { ...result, accepted_reason: reason } : result;
  });
}

/** A failed check of severity error, or one that could not be computed. */
export const stops = ({ severity, status }: QualityResult): boolean =>
  severity === 'error' && (status === 'fail' || status === 'error');

/** The acceptances that a run made use of. */
export const acceptedIn = (results: readonly QualityResult[], run: string, at: string): Accepted[] =>
  results.flatMap(({ id, accepted_reason }) =>
    accepted_reason === null ? [] : [{ check: id, reason: accepted_reason, run, at }],
  );

function readable(given: string | undefined): string {
  const reason = (given ?? '').trim();
  if (reason.length < shortest || reason.length > longest)
    throw usage(
      `--reason needs ${shortest} to ${longest} characters that tell a later reader why it was let pass.`,
    );
  if (/[\p{Cc}\u2028\u2029]/u.test(reason) || /^[=+\-@|]/.test(reason))
    throw usage('--reason must be one line of text that begins with a letter or digit.');
  if (identifying.test(reason) || identifierShapeIn(reason))
    throw usage('--reason seems to hold an identifier of a person. Leave it out: the reason is published.');
  return reason;
}

const usage = (message: string): MaplewoodError => new MaplewoodError('USAGE', message);
