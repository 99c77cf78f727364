import { MaplewoodError } from '../../errors.js';
import { patientsInCare } from '../../loaders/in-care.js';
import type { LoadContext } from '../../loaders/load.js';
import { addDays } from '../../warehouse/grain.js';
import { hostOfRows } from '../arden/host.js';
import { endOfDay } from '../arden/run/literal.js';
import type { Outcome } from '../arden/run/run.js';
import { FactPlans } from '../facts/rows/fact-plan.js';
import { titleOf, versionOf } from '../results/slots.js';
import { type Indicator, indicatorOf, urgencyOf } from '../results/urgency.js';
import type { Rules } from '../rules/read-rules.js';
import { rowsInGold } from './gold-rows.js';
import { patientOf } from './known-patient.js';
import { type OfferedRule, offeredRules, rulesOffered } from './offered-rules.js';
import { type InTurn, oneByOne } from './one-by-one.js';
import { knowsOnlyNow } from './reads.js';
import { rowsRead, seenRows } from './seen-rows.js';
import { type ShownNode, type ShownTo, type ShownVariable, shownRun } from './shown-run.js';

export interface EvaluationQuestion {
  /** As the caller sees it. */
  readonly patientId: string;
  /** Names of rules; undefined: all. */
  readonly rules: readonly string[] | undefined;
  /** Day as of the end of which they are run; undefined: the last one with data. */
  readonly asOf: string | undefined;
  /** Members of an evaluation that are asked for: those that tell how a run went are made for nobody else. */
  readonly wanted: ReadonlySet<string>;
}

/** What one rule says of a patient. */
export interface Evaluation extends HowItWent {
  readonly ruleName: string;
  readonly ruleTitle: string;
  readonly ruleVersion: string;
  readonly asOf: string;
  readonly outcome: 'FIRED' | 'NOT_FIRED' | 'UNDECIDED' | 'FAILED';
  /** Code of why it failed. */
  readonly failure: string | null;
  readonly message: string | null;
  readonly urgency: number | null;
  readonly indicator: Indicator | null;
}

/** Null where nobody has asked, and of rules that read what the caller sees through results alone, or name a listed diagnosis. */
interface HowItWent {
  readonly variables: readonly ShownVariable[] | null;
  readonly trace: readonly ShownNode[] | null;
  readonly isTraceComplete: boolean | null;
  readonly blockers: readonly ShownNode[] | null;
  readonly missing: readonly string[] | null;
}

const untold: HowItWent = {
  variables: null,
  trace: null,
  isTraceComplete: null,
  blockers: null,
  missing: null,
};
const ofTrace: readonly (keyof HowItWent)[] = ['trace', 'isTraceComplete', 'blockers', 'missing'];

/**
 * Runs rules for one patient. Nothing for a patient who is unknown, malformed, of another recipient or out of scope. Errors:
 * `BAD_USER_INPUT` for a day or a rule that there is none of, `QUERY_TOO_COMPLEX` for too many rules.
 */
export type PatientEvaluator = (
  question: EvaluationQuestion,
  context: LoadContext,
  inTurn: InTurn,
) => Promise<readonly Evaluation[]>;

/** `listed`: three-character categories of diagnoses that are shown to nobody. */
export function patientEvaluator(rules: Rules, listed: ReadonlySet<string>): PatientEvaluator {
  const offered = offeredRules(rules, listed);
  const plans = new FactPlans();

  return async ({ patientId, rules: names, asOf, wanted }, context, inTurn) => {
    const { plan, account, signal } = context;
    const { dataAsOf } = plan.release;
    const day = dayOf(asOf, dataAsOf);
    const asked = rulesOffered(offered, names, addDays(plan.yesterday, 1));
    const patient = await patientOf(patientId, context);
    if (!patient) return [];
    const { number } = patient;
    const needCare = asked.some(({ needsCare }) => needsCare);
    const isInCare = needCare && (await patientsInCare([number], context)).has(number);
    const due = asked.filter(({ needsCare }) => isInCare || !needsCare);
    account.addColumns(due.map(({ name }) => ({ name: `CdsEvaluation.${name}`, class: 'S' })));
    account.rows += due.length;

    const now = endOfDay(day);
    const runnable = new Set(due.filter((rule) => day === dataAsOf || !knowsOnlyNow(rule)));
    const found = await rowsInGold([...runnable], [number], now, rules.registry, context, plans);
    const rows = found.get(number);
    const isTraced = ofTrace.some((name) => wanted.has(name));
    const outcomes = await inTurn(() =>
      oneByOne(due, signal, (rule) =>
        runnable.has(rule) ? rule.run(isTraced)(hostOfRows(now, (braces) => rows?.get(braces))) : undefined,
      ),
    );

    const told = Object.keys(untold).some((name) => wanted.has(name))
      ? due.filter(({ needsCare, told: { isTold } }) => !needsCare && isTold)
      : [];
    const seen = await seenRows(
      told.flatMap((rule) => rowsRead(rule, number, rows)),
      context,
    );
    return inTurn(() =>
      oneByOne([...due.entries()], signal, ([at, rule]): Evaluation => {
        const outcome = outcomes[at];
        const isOpen = rowsRead(rule, number, rows).every((row) => seen.has(row));
        return {
          ...saidBy(rule, outcome),
          asOf: day,
          ...(outcome && told.includes(rule)
            ? howItWent(rule, outcome, { isOpen, told: rule.told, now }, wanted)
            : untold),
        };
      }),
    );
  };
}

/** Birth dates before it are taken for mistakes. */
const earliest = '1900-01-01';

function dayOf(asOf: string | undefined, dataAsOf: string): string {
  if (asOf === undefined) return dataAsOf;
  if (asOf < earliest || asOf > dataAsOf)
    throw new MaplewoodError('BAD_USER_INPUT', `asOf must be from ${earliest} to ${dataAsOf}.`);
  return asOf;
}

/** What a rule says; `outcome` is undefined where it reads what is known of today alone, and was asked of an earlier day. */
function saidBy(
  { name, mlm }: OfferedRule,
  outcome: Outcome | undefined,
): Omit<Evaluation, 'asOf' | keyof HowItWent> {
  const failure = outcome ? failureOf(outcome) : 'KNOWS_ONLY_NOW';
  const fired = failure === null && outcome?.concluded === true ? outcome : undefined;
  const decided = outcome?.concluded === false ? 'NOT_FIRED' : 'UNDECIDED';
  const urgency = fired ? urgencyOf(fired.urgency) : null;
  return {
    ruleName: name,
    ruleTitle: titleOf(mlm),
    ruleVersion: versionOf(mlm),
    outcome: failure !== null ? 'FAILED' : fired ? 'FIRED' : decided,
    failure,
    message: fired ? fired.written.map(({ text }) => text).join('\n') : null,
    urgency,
    indicator: urgency === null ? null : indicatorOf(urgency),
  };
}

/** What a run that has something to tell has failed by; a trace that lacks its end is no failure. */
const failureOf = ({ diagnostics }: Outcome): string | null =>
  diagnostics.find(({ code }) => code !== 'TRACE')?.code ?? null;

function howItWent(rule: OfferedRule, outcome: Outcome, to: ShownTo, wanted: ReadonlySet<string>): HowItWent {
  const shown = shownRun(rule, outcome, to);
  const trace = wanted.has('trace') || wanted.has('isTraceComplete') ? shown.trace() : undefined;
  const blockers = wanted.has('blockers') || wanted.has('missing') ? shown.blockers() : undefined;
  return {
    variables: wanted.has('variables') ? shown.variables() : null,
    trace: trace?.nodes ?? null,
    isTraceComplete: trace?.isComplete ?? null,
    blockers: blockers?.nodes ?? null,
    missing: blockers?.missing ?? null,
  };
}
