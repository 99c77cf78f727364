import type { Identifiers } from '../../access/identifiers.js';
import { MaplewoodError } from '../../errors.js';
import { type LoadContext, load } from '../../loaders/load.js';
import { midnight } from '../../loaders/plan/as-of.js';
import { datasetOf } from '../../schema/declare/dataset.js';
import { CdsResult } from '../../schema/people/cds-results.js';
import type { StateStore } from '../../state/store.js';
import { addDays } from '../../warehouse/grain.js';
import { type Act, type ActOutcome, eventOf } from './acts.js';

/** What somebody does about a result. */
export interface GivenAct {
  /** The id of the result as the caller sees it. */
  readonly id: string;
  readonly outcome: ActOutcome;
  readonly reasonCode: string | null;
  readonly comment: string | null;
  /** Of a suppression: the day from which on the result may be open again. */
  readonly until?: string;
}

/**
 * Records that what somebody did is about to be kept, or with an error that it could not be: what the audit cannot take is not
 * done. Error: `AUDIT_UNAVAILABLE`.
 */
export type RecordAct = (error?: unknown) => Promise<void>;

/** Who does it. */
export interface Actor {
  readonly subject: string;
  readonly client: string;
}

export interface ResultActs {
  /**
   * Keeps what is done about a result that the grant shows. False where there is none: unknown, malformed, of another recipient,
   * or out of scope. It is recorded first. Errors: `BAD_USER_INPUT`, `AUDIT_UNAVAILABLE`, `STATE_UNAVAILABLE`.
   */
  act(given: GivenAct, actor: Actor, context: LoadContext, record: RecordAct): Promise<boolean>;
}

export interface ResultActsParts {
  readonly state: StateStore;
  /** Codes that may be given as the reason. */
  readonly reasons: ReadonlySet<string>;
  readonly now: () => Date;
}

const longestComment = 1_000;

export const resultActs = ({ state, reasons, now }: ResultActsParts): ResultActs => ({
  async act(given, actor, context, record) {
    const reasonCode = checkedReason(given, reasons);
    const comment = checkedComment(given.comment);
    const until = checkedUntil(given, addDays(context.plan.yesterday, 1));
    const found = await resultOf(given.id, context);
    const key = keyOf(given.id, context.plan.identifiers);
    if (!found || !key) return false;
    const act: Act = {
      resultKey: key,
      rule: found.rule,
      outcome: given.outcome,
      urgency: found.urgency,
      reasonCode,
      comment,
      by: actor.subject,
      client: actor.client,
      until,
      recordedAt: now().toISOString(),
    };
    await record();
    await state.append(eventOf(act)).catch(async (error: unknown) => {
      await record(error);
      throw error;
    });
    return true;
  },
});

function checkedReason({ outcome, reasonCode }: GivenAct, known: ReadonlySet<string>): string | null {
  if (reasonCode === null) {
    if (outcome !== 'overridden') return null;
    throw new MaplewoodError('BAD_USER_INPUT', 'reasonCode is missing: an override needs one.');
  }
  if (!known.has(reasonCode))
    throw new MaplewoodError('BAD_USER_INPUT', `reasonCode must be one of ${[...known].join(', ')}.`);
  return reasonCode;
}

/** Days for which a result can be suppressed by hand. */
const longestSuppression = 366;

/** The instant at which a day begins until which a result is suppressed. */
function checkedUntil({ outcome, until }: GivenAct, today: string): string | null {
  if (outcome !== 'suppressed') return null;
  const last = addDays(today, longestSuppression);
  if (until === undefined || until <= today || until > last)
    throw new MaplewoodError('BAD_USER_INPUT', `until must be after ${today} and not after ${last}.`);
  return midnight(until);
}

function checkedComment(comment: string | null): string | null {
  const text = comment?.trim() ?? '';
  if (text.length > longestComment || /\p{Cc}/u.test(text))
    throw new MaplewoodError(
      'BAD_USER_INPUT',
      `comment must be one line of at most ${longestComment} characters.`,
    );
  return text === '' ? null : text;
}

/** The result, if the grant shows it. */
async function resultOf(
  id: string,
  context: LoadContext,
): Promise<{ readonly rule: string; readonly urgency: number } | undefined> {
  const dataset = datasetOf(CdsResult);
  const page = await load(
    dataset,
    {
      kind: 'row',
      dataset: dataset.key,
      where: { kind: 'test', column: 'id', op: 'eq', value: id },
      orderBy: [],
      first: 1,
      select: ['ruleName', 'urgency'],
      total: false,
    },
    undefined,
    { ...context, lane: 'point' },
  );
  const [row] = page.rows;
  return row && { rule: String(row['ruleName']), urgency: Number(row['urgency']) };
}

const keyOf = (id: string, identifiers: Identifiers): string | undefined => {
  const key = identifiers.of('event').decode(id);
  return key === null ? undefined : Buffer.from(key).toString('hex');
};
