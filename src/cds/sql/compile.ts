import { timeAt } from '../arden/run/time.js';
import type { Mlm } from '../arden/syntax.js';
import type { Time } from '../arden/value.js';
import type { Registry } from '../facts/registry.js';
import { compileExpression } from './expression.js';
import { type Scalar, scalar, single } from './meaning.js';
import { NotCompilable, type Reason } from './reason.js';
import { Compilation, type GuardedRead, type Output } from './statements.js';
import { States } from './states.js';
import type { Term } from './term.js';
import { Terms } from './terms.js';

/** A rule at a time, as terms a patient. */
export interface Plan {
  /** TRUE, FALSE or NULL: what the rule concludes; FALSE where it comes to no conclusion. */
  readonly concluded: Term;
  /** Variables with one value, in the order in which they are first assigned, as they are where the rule ends. */
  readonly variables: ReadonlyMap<string, Scalar>;
  readonly outputs: readonly Output[];
  readonly reads: readonly GuardedRead[];
  readonly urgency: Scalar;
  /** Key of the row that the result is about. */
  readonly subject?: Term;
}

export interface CompileOptions {
  /** Variable of the READ whose row the result is about. */
  readonly subject?: string;
  readonly language?: string;
  /** A time at which it is run, where one is known. What can be compiled does not depend on it. */
  readonly now?: Time;
}

/** A rule that can be run over sets. */
export interface Compiled {
  readonly mlm: Mlm;
  readonly valueSets: Registry['valueSets'];
  /** The rule at a time: everything that depends on NOW and constants alone is computed here. */
  readonly planAt: (now: Time) => Plan;
}

/** Why a rule is left to the interpreter; one reason at least. */
export interface NotCompiled {
  readonly reasons: readonly Reason[];
}

export const isCompiled = (result: Compiled | NotCompiled): result is Compiled => 'planAt' in result;

/** A time like any other. */
const trial = Date.UTC(2024, 5, 30, 23, 59, 59);

/** Compiles a rule, or says what of it is left to the interpreter. Never throws for any tree. */
export function compileRule(
  mlm: Mlm,
  registry: Registry,
  options: CompileOptions = {},
): Compiled | NotCompiled {
  const now = options.now ?? timeAt(trial) ?? { wall: trial, instant: trial };
  const { plan, reasons } = planned(mlm, registry, options, now);
  if (reasons.length > 0) return { reasons };
  let latest = { time: now, plan };
  return {
    mlm,
    valueSets: registry.valueSets,
    planAt(time) {
      // The questions of one run are asked for one time.
      if (latest.time.wall === time.wall && latest.time.instant === time.instant) return latest.plan;
      const result = planned(mlm, registry, options, time);
      const [reason] = result.reasons;
      if (reason) throw new Error(`${mlm.name} cannot be compiled at this time: ${reason.code}`);
      latest = { time, plan: result.plan };
      return result.plan;
    },
  };
}

function planned(
  mlm: Mlm,
  registry: Registry,
  { subject, language = mlm.defaultLanguage }: CompileOptions,
  now: Time,
): { readonly plan: Plan; readonly reasons: readonly Reason[] } {
  const terms = new Terms();
  const texts = mlm.languages.find((each) => each.language === language)?.texts ?? {};
  const compilation = new Compilation({ terms, now, texts, registry, isVersion1: mlm.arden[0] === 1 });
  const start = new States(terms).initial();
  const data = compilation.run(mlm.data, start);
  const logic = compilation.run(mlm.logic, { ...data, ended: terms.false });
  const action = compilation.run(mlm.action, { ...logic, ended: terms.false });
  const urgency = compilation.attempt(mlm.urgency.span, 'urgency', () =>
    single(compileExpression(mlm.urgency, compilation.scope(logic))),
  );
  const variables = new Map<string, Scalar>();
  for (const [name, meaning] of action.names)
    if (typeof meaning !== 'string' && meaning.kind === 'scalar') variables.set(name, meaning);
  const about = subject === undefined ? undefined : variables.get(subject.toLowerCase());
  if (subject !== undefined && !about?.rowKey)
    compilation.attempt(mlm.span, 'subject', () => {
      throw new NotCompilable('NAME');
    });
  return {
    plan: {
      concluded: logic.concluded,
      variables,
      outputs: compilation.outputs,
      reads: compilation.reads,
      urgency: urgency ?? scalar(terms.null),
      ...(about?.rowKey ? { subject: about.rowKey } : {}),
    },
    reasons: compilation.reasons,
  };
}
