import { type RawBuilder, sql } from 'kysely';
import type { RowOfPerson } from '../declare/metadata.js';

/**
 * Status of a result: see `statusOf` of the results of decision support, which says the same of one. What was done holds
 * until the rule has fired again after the days for which it rests, or has become more urgent.
 */
export function resultStatus({
  own: of,
  joined: with_,
  act,
  dialect,
}: Pick<RowOfPerson, 'own' | 'joined' | 'act' | 'dialect'>): RawBuilder<unknown> {
  const [outcome, fired] = [act('outcome'), of('last_fired_at')];
  const holds = sql`(${act('urgency')} is null or ${of('urgency')} <= ${act('urgency')})`;
  const byHand = sql`${outcome} = ${sql.lit('suppressed')}`;
  const rests = dialect.addSeconds(act('at'), sql`(${with_('rule', 'suppress_days')} * 86400e0)`);
  return sql`(case when ${of('resolved_at')} is not null then ${sql.lit('RESOLVED')}
when ${with_('rule', 'is_expired')} = 1 then ${sql.lit('EXPIRED')}
when ${holds} and not (${byHand}) and ${fired} <= ${act('at')} then upper(${outcome})
when ${holds} and ((${byHand} and ${fired} < ${act('until')}) or (not (${byHand}) and ${fired} < ${rests})) then ${sql.lit('SUPPRESSED')}
when ${of('is_outranked')} = 1 then ${sql.lit('SUPPRESSED')} else ${sql.lit('OPEN')} end)`;
}

/** What the statuses mean, for the reader. */
export const statusMeanings =
  'OPEN · ACKNOWLEDGED, ACTIONED or OVERRIDDEN by somebody · SUPPRESSED: fired again while it rests after that, held back by hand, or less urgent than another rule of its group · RESOLVED: no longer true · EXPIRED: the rule has expired.';
