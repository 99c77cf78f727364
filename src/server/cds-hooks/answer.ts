import { randomUUID } from 'node:crypto';
import type { Row } from '../../cds/arden/host.js';
import { endOfDay } from '../../cds/arden/run/literal.js';
import { timeOfInstant } from '../../cds/arden/run/time.js';
import type { Time } from '../../cds/arden/value.js';
import type { FactPlans } from '../../cds/facts/rows/fact-plan.js';
import { type Card, cardOf } from '../../cds/hooks/cards.js';
import { prefetchWithOrders, rowsWithOrders } from '../../cds/hooks/draft-orders.js';
import { type Candidate, dueCards } from '../../cds/hooks/due.js';
import { type Fired, firedBy, isTold, rowsGiven } from '../../cds/hooks/evaluate.js';
import { factsOf } from '../../cds/hooks/fhir/prefetch.js';
import type { HookRequest } from '../../cds/hooks/request.js';
import { resultKey } from '../../cds/hooks/result-key.js';
import type { HookRule, Service } from '../../cds/hooks/services.js';
import { rowsInGold } from '../../cds/patient/gold-rows.js';
import { patientOf } from '../../cds/patient/known-patient.js';
import { type InTurn, oneByOne } from '../../cds/patient/one-by-one.js';
import { MaplewoodError } from '../../errors.js';
import type { LoadContext } from '../../loaders/load.js';
import type { CdsHooksParts } from './parts.js';

/** One call of a service. */
export interface Call {
  readonly service: Service;
  readonly request: HookRequest;
  readonly load: LoadContext;
  readonly inTurn: InTurn;
  /** Names who reads the cards, in the state. */
  readonly reader: string;
  readonly cardsPerDay: number;
  readonly now: Date;
  readonly today: string;
}

export interface Answer {
  readonly cards: readonly Card[];
  readonly extension?: { readonly 'maplewood.heldBack': number };
}

/** What answers are made with. */
interface Parts extends Pick<CdsHooksParts, 'rules' | 'reasons' | 'feedback'> {
  readonly plans: FactPlans;
}

/**
 * The cards of a call: of a patient whom the caller may see here as of the end of the data, else by the prefetch as of now,
 * as far as it tells what the rules read. Error: `PREFETCH_MISSING` where no rule can be run.
 */
export async function answerTo(call: Call, parts: Parts): Promise<Answer> {
  const { fired, asOf } = await firedFor(call, parts);
  const known = await parts.feedback.known();
  const seen = known.shownOn(call.reader, call.today);
  const { shown, heldBack } = dueCards(fired, known, seen, call.cardsPerDay, asOf);
  const tokens = call.load.plan.identifiers.of('event');
  const cards: Card[] = [];
  const demoted = known.demoted();
  for (const candidate of shown) {
    const { resultKey: key, rule, urgency } = candidate;
    const uuid = key === undefined ? randomUUID() : tokens.uuid(Buffer.from(key, 'hex'));
    cards.push(cardOf(candidate, uuid, asOf, parts.reasons, demoted.has(rule.name)));
    if (key !== undefined && seen.has(key)) continue;
    const at = call.now.toISOString();
    await parts.feedback.keep(
      {
        ...(key === undefined ? {} : { resultKey: key }),
        cardUuid: uuid,
        rule: rule.name,
        outcome: 'shown',
        urgency,
        reasonCode: null,
        comment: null,
        at,
        by: call.reader,
        client: call.load.plan.grant.recipient,
      },
      at,
    );
  }
  return { cards, ...(heldBack === 0 ? {} : { extension: { 'maplewood.heldBack': heldBack } }) };
}

interface FiredAt {
  readonly fired: readonly Candidate[];
  readonly asOf: Time;
}

async function firedFor(call: Call, { rules, plans }: Parts): Promise<FiredAt> {
  const { service, request, load, now, inTurn } = call;
  const patient = await patientOf(request.patientId, load);
  if (patient) {
    const asOf = endOfDay(load.handle.info.dataAsOf);
    const found = await rowsInGold(service.rules, [patient.number], asOf, rules.registry, load, plans);
    const inGold = found.get(patient.number);
    const rows = rowsWithOrders((braces) => inGold?.get(braces), request.draftOrders, {
      prefetch: request.prefetch,
      rules: service.rules,
      now: asOf,
      registry: rules.registry,
    });
    const fired = await inTurn(() => evaluated(service.rules, asOf, () => rows, load.signal));
    return {
      asOf,
      fired: fired.map((one): Candidate => {
        const key = resultKey(one.rule, patient.key, one.outcome, asOf);
        return { ...one, ...(key === null ? {} : { resultKey: key.toString('hex') }) };
      }),
    };
  }
  const asOf = timeOfInstant(Math.floor(now.getTime() / 1000) * 1000);
  const fired = await inTurn(async () => {
    const sent = prefetchWithOrders(request.prefetch ?? {}, request.draftOrders, asOf);
    const given = factsOf(sent, request.patientId, rules.registry);
    const told = service.rules.filter((rule) => isTold(rule, given));
    if (told.length === 0) throw new MaplewoodError('PREFETCH_MISSING');
    return evaluated(told, asOf, (rule) => rowsGiven(rule, given, asOf, rules.registry), load.signal);
  });
  return { asOf, fired };
}

/** The rules that fire. */
async function evaluated(
  rules: readonly HookRule[],
  asOf: Time,
  rowsFor: (rule: HookRule) => (braces: string) => readonly Row[] | undefined,
  signal: AbortSignal,
): Promise<readonly Fired[]> {
  const said = await oneByOne(rules, signal, (rule) => firedBy(rule, asOf, rowsFor(rule)));
  return said.filter((one) => one !== undefined);
}
