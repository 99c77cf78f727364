import type { LoadContext } from '../../loaders/load.js';
import { cdsResult, cdsVariable } from '../../warehouse/gold/cds.js';
import { printLiteral } from '../arden/run/literal.js';
import { timeOfInstant } from '../arden/run/time.js';
import { hourText } from '../patient/shown-run.js';
import { type Told, toldOf } from '../patient/told.js';
import { readReferences } from '../rules/references.js';
import { type Compiled, compileRule, isCompiled, type Plan } from '../sql/compile.js';
import { goldRows, type Row } from './gold-rows.js';
import { interpretedSaying, isInterpreted, type Saying } from './interpreted.js';
import { hex, keysAre } from './result-keys.js';
import { keptRegistry, ruleTexts } from './rule-texts.js';
import { firedFrom, type VariableRow } from './stored.js';

/** What a result says, made of the values that were kept when it fired. */
export interface ResultDetail {
  /** Null where the text of the rule is not there any more, or is not understood. */
  readonly message: string | null;
  readonly variables: readonly {
    readonly name: string;
    /** As the language writes it. */
    readonly value: string;
    readonly primaryTime: string | null;
  }[];
}

/** Reads what results say, by the keys of results that the caller may see. */
export type DetailsReader = (
  keys: readonly Uint8Array[],
  context: LoadContext,
) => Promise<ReadonlyMap<string, ResultDetail>>;

/** A rule at a time, and which of its values may be told. */
interface KeptPlan {
  /** Undefined where no statement can run the rule. */
  readonly plan: Plan | undefined;
  readonly told: Told;
}

const nothing: ResultDetail = { message: null, variables: [] };
/** Plans that are kept: a rule at a time is one. */
const mostPlans = 500;

/**
 * A reader that keeps what it has made of the texts of rules. `listed`: three-character categories of diagnoses that are shown to
 * nobody.
 */
export function detailsReader(listed: ReadonlySet<string>): DetailsReader {
  const plans = new Map<string, KeptPlan | undefined>();
  return async (keys, context) => {
    if (keys.length === 0) return new Map();
    const [results, variables] = await Promise.all([
      goldRows(cdsResult, ['result_key', 'rule', 'text_sha256', 'last_fired_at'], keysAre(keys), context),
      goldRows(cdsVariable, Object.keys(cdsVariable.columns), keysAre(keys), context),
    ]);
    const missing = new Set(
      results.flatMap((row) => (plans.has(planKey(row)) ? [] : [String(row['text_sha256'])])),
    );
    const compiled =
      missing.size > 0 ? await compiledRules([...missing], listed, context) : new Map<string, CompiledText>();
    if (plans.size > mostPlans) plans.clear();
    const byKey = new Map<string, VariableRow[]>();
    for (const row of variables) {
      const key = hex(row['result_key']);
      byKey.set(key, [...(byKey.get(key) ?? []), row as unknown as VariableRow]);
    }
    return new Map(
      results.map((row) => {
        const at = planKey(row);
        const rule = compiled.get(String(row['text_sha256']));
        if (!plans.has(at)) {
          const firedAt = timeOfInstant(Date.parse(String(row['last_fired_at'])));
          plans.set(at, rule && { plan: rule.compiled?.planAt(firedAt), told: rule.told });
        }
        const key = hex(row['result_key']);
        return [key, detailOf(plans.get(at), byKey.get(key) ?? [])];
      }),
    );
  };
}

const planKey = (row: Row): string => `${String(row['text_sha256'])} ${String(row['last_fired_at'])}`;

/** The message says what the rule wants said; of the variables those that may be told. */
function detailOf(rule: KeptPlan | undefined, kept: readonly VariableRow[]): ResultDetail {
  if (!rule) return nothing;
  const said = isInterpreted(kept) ? interpretedSaying(kept) : rule.plan && sayingOf(rule.plan, kept);
  if (!said) return nothing;
  const { told } = rule;
  return {
    message: said.message,
    variables: said.variables
      .filter(({ name }) => told.isTold && told.variable(name))
      .map(({ name, value, time }) => ({ name, value, primaryTime: hourText(time) })),
  };
}

/** What a statement has kept. */
function sayingOf(plan: Plan, kept: readonly VariableRow[]): Saying {
  const { written, variables } = firedFrom(plan, kept);
  return {
    message: written.map(({ text }) => text).join('\n'),
    variables: [...variables].map(([name, item]) => ({
      name,
      value: printLiteral(item),
      time: item.primaryTime,
    })),
  };
}

interface CompiledText {
  /** Undefined where no statement can run the rule. */
  readonly compiled: Compiled | undefined;
  readonly told: Told;
}

/** The rules of some texts that this build understands, as it compiles them. */
async function compiledRules(
  texts: readonly string[],
  listed: ReadonlySet<string>,
  context: LoadContext,
): Promise<ReadonlyMap<string, CompiledText>> {
  const [found, registry] = await Promise.all([ruleTexts(texts, context), keptRegistry(context)]);
  return new Map(
    [...found].flatMap(([sha256, { mlm }]): [string, CompiledText][] => {
      if (!mlm) return [];
      const compiled = compileRule(mlm, registry);
      const told = toldOf(mlm, readReferences(mlm, registry), registry, listed);
      return [[sha256, { compiled: isCompiled(compiled) ? compiled : undefined, told }]];
    }),
  );
}
