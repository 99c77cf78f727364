import fc from 'fast-check';
import { tsqlDialect } from '../../warehouse/mssql/dialect.js';
import { lintTsql } from '../../warehouse/mssql/lint.js';
import { parseFile } from '../arden/parse.js';
import type { Mlm } from '../arden/syntax.js';
import { type Compiled, compileRule, isCompiled } from '../sql/compile.js';
import { firedQuery } from '../sql/fired.js';
import { differences } from './differences.js';
import { Engine, interpreted, optionsAt } from './engines.js';
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

async function proved(
  engines: readonly Engine[],
  { seed, rules: numRuns, whole = false, shrink = true }: RandomProofOptions,
): Promise<RandomProof> {
  let made = 0;
  let left = 0;
  const agrees = fc.asyncProperty(rules, fc.nat({ max: engines.length - 1 }), async (text, place) => {
    const compiled = compiledOf(parsed(text));
    made += 1;
    left += compiled ? 0 : 1;
    if (!compiled) return;
    const some = { counts: made % 10 === 0, evidence: made % 4 === 0 };
    const engine = engineAt(engines, place);
    const found = await differing(compiled, engine, whole ? everything : some);
    if (whole || made % 10 === 0) found.push(...notOfPool(compiled, engine));
    if (found.length > 0) throw new Error(found.join('\n'));
  });
  const result = await fc.check(agrees, { numRuns, seed, endOnFailure: !shrink });
  const proof = { rules: made, left };
  if (!result.failed) return proof;
  const { counterexample } = result;
  const text = counterexample
    ? await explained(counterexample[0], engineAt(engines, counterexample[1]))
    : 'no rule could be made';
  return { ...proof, difference: { after: result.numRuns, text } };
}

const everything = { counts: true, evidence: true };

/** The rule of a text. Error: it is none that the language has. */
function parsed(text: string): Mlm {
  const { mlms, diagnostics } = parseFile(Buffer.from(text), { mode: 'strict' });
  const [mlm] = mlms;
  if (!mlm || diagnostics.length > 0) throw new Error(`${JSON.stringify(diagnostics[0])}\n${text}`);
  return mlm;
}

async function differing(compiled: Compiled, engine: Engine, also = everything): Promise<string[]> {
  const { population } = engine;
  const result = await engine.run(compiled, also);
  return differences(compiled, population.now, interpreted(compiled.mlm, population), result);
}

/** What a dedicated pool would not take of the T-SQL. */
function notOfPool(compiled: Compiled, { population }: Engine): readonly string[] {
  const options = { ...optionsAt(population.now), dialect: tsqlDialect('synapse') };
  return lintTsql(firedQuery(compiled, options).statement.sql).map((problem) => JSON.stringify(problem));
}

/** A rule that is compiled, or undefined where it is left to the interpreter. */
function compiledOf(mlm: Mlm): Compiled | undefined {
  const compiled = compileRule(mlm, proofRegistry);
  return isCompiled(compiled) ? compiled : undefined;
}

function engineAt(engines: readonly Engine[], place: number): Engine {
  const engine = engines[place];
  if (!engine) throw new Error('no engine');
  return engine;
}

/** The smallest rows with which the engines differ, and the rule. */
async function explained(text: string, engine: Engine): Promise<string> {
  const compiled = compiledOf(parsed(text));
  if (!compiled) return text;
  const { population } = engine;
  const found = await differing(compiled, engine);
  if (found.length === 0) return text;
  const rows = await smallest(population, found, (each) => differing(compiled, each));
  return `${found.slice(0, 3).join('\n')}\n${rows}\n${text}`;
}
