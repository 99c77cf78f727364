import { createHash } from 'node:crypto';
import type { LoadContext } from '../../loaders/load.js';
import { midnight } from '../../loaders/plan/as-of.js';
import { bucketStart } from '../../warehouse/grain.js';
import { timeOfInstant } from '../arden/run/time.js';
import { dayText } from '../facts/rows/bounds.js';
import type { Act } from './acts.js';
import { hex } from './result-keys.js';

/** What was last done about a result, as a caller may know it. */
export interface Acknowledgement {
  readonly by: string | null;
  readonly at: string;
  readonly outcome: string;
  readonly reasonCode: string | null;
  readonly comment: string | null;
}

/** What was last done, by the keys of results that the caller may see. Analysts see the week, and neither who nor what was said. */
export function acknowledgementsOf(
  keys: readonly Uint8Array[],
  latest: ReadonlyMap<string, Act>,
  { plan: { grant, identifiers } }: Pick<LoadContext, 'plan'>,
): ReadonlyMap<string, Acknowledgement> {
  const inFull = grant.role === 'clinician';
  const staff = identifiers.of('staff');
  return new Map(
    keys.flatMap((key): [string, Acknowledgement][] => {
      const act = latest.get(hex(key));
      if (!act) return [];
      const [by = null] = inFull ? staff.encode([staffKey(act.by)]) : [];
      return [
        [
          hex(key),
          {
            by,
            at: inFull ? `${new Date(act.recordedAt).toISOString().slice(0, 19)}Z` : weekOf(act.recordedAt),
            outcome: act.outcome.toUpperCase(),
            reasonCode: act.reasonCode,
            comment: inFull ? act.comment : null,
          },
        ],
      ];
    }),
  );
}

const weekOf = (instant: string): string =>
  midnight(bucketStart('WEEK', dayText(timeOfInstant(Date.parse(instant)))));

/**
 * What stands for somebody, before it is encrypted for the recipient. A user is named with the tenant by the cards of CDS Hooks, and
 * without by mutations.
 */
function staffKey(by: string): Uint8Array {
  const who = by.startsWith('cds-client/') ? by : (by.split('/').at(-1) ?? by);
  return createHash('sha256').update(`maplewood/act-by/v1/${who}`).digest().subarray(0, 16);
}
