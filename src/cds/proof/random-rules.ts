import fc from 'fast-check';
import { tsqlDialect } from '../../warehouse/mssql/dialect.js';
import { lintTsql } from '../../warehouse/mssql/lint.js';
import { parseFile } from '../arden/parse.js';
import type { Mlm } from '../arden/syntax.js';
import { type Compiled, compileRule, isCompiled } from '../sql/compile.js';
import { firedQuery } from '../sql/fired.js';
import { differences } from './differences.js';
import { Engine, optionsAt } from './engines.js';
import { proofRegistry } from './facts.js';
import { nows, populationOf, timeOf } from './patients.js';
import { rules } from './rule-text.js';
import { smallest } from './smallest.js';

export interface RandomProofOptions {
  readonly seed: number;
  /** Number of rules. */
  readonly rules: number;
  /** Counts, evidence and T-SQL of every rule; else of some, since they come of the same parts of a statement. */
  readonly whole?: boolean;
  /** A rule with which the engines differ is made as small as it goes. */
  readonly shrink?: boolean;
}

export interface RandomProof {
  /** Rules that were made, and those of them that are left to the interpreter. */
  readonly rules: number;
  readonly left: number;
  /** The smallest rule and rows with which the engines differ, and after how many rules; undefined where they agree. */
  readonly difference?: { readonly after: number; readonly text: string };
}

/**
 * Random rules over random patients: the interpreter and the statements must agree on who fires, variables, primary times,
 * messages, returned values and evidence, patient by patient. The same seed gives the same rules and patients.
 */
export async function proveRandomRules(options: RandomProofOptions): Promise<RandomProof> {
  const engines = await Promise.all(
    nows.map((now, at) => Engine.of(populationOf(options.seed + at, timeOf(now)))),
  );
  try {
    return await proved(engines, options);
  } finally {
    for (const engine of engines) engine.close();
  }
}

/** A rule, and the population that it is run over. */
interface Made {
  readonly text: string;
  readonly place: number;
}

async function proved(
  engines: readonly Engine[],
  { seed, rules: numRuns, whole = false, shrink = true }: RandomProofOptions,
): Promise<RandomProof> {
  const made = fc.record({ text: rules, place: fc.nat({ max: engines.length - 1 }) });
  const all = fc.sample(made, { numRuns, seed });
  let left = 0;
  let failed = all.length;
  // Those of one population one after the other: its engine works while rules of others are compiled and interpreted.
  const proveAt = async (engine: Engine, place: number): Promise<void> => {
    for (const [at, { text, place: of }] of all.entries()) {
      if (of !== place) continue;
      if (at > failed) return;
      const also = whole ? everything : { counts: at % 10 === 9, evidence: at % 4 === 3 };
      const found = await problemsOf(text, engine, also, whole || at % 10 === 9);
      if (!found) left += 1;
      else if (found.length > 0) failed = Math.min(failed, at);
    }
  };
  await Promise.all(engines.map(proveAt));
  const first = all[failed];
  const proof = { rules: Math.min(failed + 1, all.length), left };
  if (!first) return proof;
  const { text, place } = shrink ? await smallestRule(made, first, { seed, numRuns }, engines) : first;
  return {
    ...proof,
    difference: { after: failed + 1, text: await explained(text, engineAt(engines, place)) },
  };
}

/** The rule that fails, made as small as it goes while the engines differ. */
async function smallestRule(
  made: fc.Arbitrary<Made>,
  first: Made,
  runs: { readonly seed: number; readonly numRuns: number },
  engines: readonly Engine[],
): Promise<Made> {
  let isReached = false;
  const agrees = fc.asyncProperty(made, async (each) => {
    // The same come in the same order again: what is before it agrees.
    isReached ||= each.text === first.text && each.place === first.place;
    if (!isReached) return;
    const found = await problemsOf(each.text, engineAt(engines, each.place), everything, true);
    if (found && found.length > 0) throw new Error(found.join('\n'));
  });
  const { counterexample } = await fc.check(agrees, runs);
  return counterexample?.[0] ?? first;
}

/** Where the engines differ over a rule, or what a dedicated pool would not take of it; undefined: it is left to the interpreter. */
async function problemsOf(
  text: string,
  engine: Engine,
  also: Also,
  pool: boolean,
): Promise<string[] | undefined> {
  try {
    const compiled = compiledOf(text, engine);
    if (!compiled) return undefined;
    return [...(await differing(compiled, engine, also)), ...(pool ? notOfPool(compiled, engine) : [])];
  } catch (error) {
    return [String(error)];
  }
}

type Also = Parameters<Engine['run']>[1];
const everything: Also = { counts: true, evidence: true };

/** The rule of a text. Error: it is none that the language has. */
function parsed(text: string): Mlm {
  const { mlms, diagnostics } = parseFile(Buffer.from(text), { mode: 'strict' });
  const [mlm] = mlms;
  if (!mlm || diagnostics.length > 0) throw new Error(`${JSON.stringify(diagnostics[0])}\n${text}`);
  return mlm;
}

async function differing(compiled: Compiled, engine: Engine, also = everything): Promise<string[]> {
  // The engine works beside the interpreter.
  const running = engine.run(compiled, also);
  const outcomes = engine.interpret(compiled.mlm);
  return differences(compiled, engine.population.now, outcomes, await running);
}

/** What a dedicated pool would not take of the T-SQL. */
function notOfPool(compiled: Compiled, { population }: Engine): readonly string[] {
  const options = { ...optionsAt(population.now), dialect: tsqlDialect('synapse') };
  return lintTsql(firedQuery(compiled, options).statement.sql).map((problem) => JSON.stringify(problem));
}

/** A rule that is compiled, or undefined where it is left to the interpreter. */
function compiledOf(text: string, { population }: Engine): Compiled | undefined {
  const compiled = compileRule(parsed(text), proofRegistry, { now: population.now });
  return isCompiled(compiled) ? compiled : undefined;
}

function engineAt(engines: readonly Engine[], place: number): Engine {
  const engine = engines[place];
  if (!engine) throw new Error('no engine');
  return engine;
}

/** The smallest rows with which the engines differ, and the rule. */
async function explained(text: string, engine: Engine): Promise<string> {
  const compiled = compiledOf(text, engine);
  if (!compiled) return text;
  const { population } = engine;
  let found: readonly string[];
  try {
    found = await differing(compiled, engine);
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown };
    return `${String(error)} ${String(cause ?? '')}\n${text}`;
  }
  if (found.length === 0) return text;
  const rows = await smallest(population, found, (each) => differing(compiled, each));
  return `${found.slice(0, 3).join('\n')}\n${rows}\n${text}`;
}
