import fc from 'fast-check';
import { parseFile } from '../../../src/cds/arden/parse.js';
import type { Mlm } from '../../../src/cds/arden/syntax.js';
import { type Compiled, compileRule, isCompiled } from '../../../src/cds/sql/compile.js';
import { firedQuery } from '../../../src/cds/sql/fired.js';
import { tsqlDialect } from '../../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../../src/warehouse/mssql/lint.js';
import { differences } from './differences.js';
import { Engine, interpreted, optionsAt } from './engines.js';
import { proofRegistry } from './facts.js';
import { nows, populationOf, timeOf } from './patients.js';
import { rules } from './rule-text.js';
import { smallest } from './smallest.js';

const full = process.env['MAPLEWOOD_TEST_FULL'] === '1';
const runs = Number(process.env['MAPLEWOOD_TEST_CASES'] ?? (full ? 10_000 : 2_000));
/** Where somebody asks for a number of rules, that there is a difference is enough. */
const isShrunk = process.env['MAPLEWOOD_TEST_CASES'] === undefined;
const seed = Number(process.env['MAPLEWOOD_TEST_SEED'] ?? 20_230_630);

let engines: Engine[];

beforeAll(async () => {
  engines = await Promise.all(nows.map((now, at) => Engine.of(populationOf(seed + at, timeOf(now)))));
});

afterAll(() => {
  for (const engine of engines) engine.close();
});

let left = 0;
let tried = 0;

const everything = { counts: true, evidence: true };
/** Counts and evidence come of the same parts of a statement: of every rule in the full test, of some in the short one. */
const sometimes = () => (full ? everything : { counts: tried % 10 === 0, evidence: tried % 4 === 0 });

/** The rule of a text. Error: it is none that the language has. */
function parsed(text: string): Mlm {
  const { mlms, diagnostics } = parseFile(Buffer.from(text), { mode: 'strict' });
  const [mlm] = mlms;
  if (!mlm || diagnostics.length > 0) throw new Error(`${JSON.stringify(diagnostics[0])}\n${text}`);
  return mlm;
}

async function differing(mlm: Mlm, compiled: Compiled, engine: Engine, also = everything): Promise<string[]> {
  const { population } = engine;
  const result = await engine.run(compiled, also);
  return differences(compiled, population.now, interpreted(mlm, population), result);
}

/** A rule that is compiled, or undefined where it is left to the interpreter. */
function compiledOf(mlm: Mlm): Compiled | undefined {
  const compiled = compileRule(mlm, proofRegistry);
  return isCompiled(compiled) ? compiled : undefined;
}

function engineAt(place: number): Engine {
  const engine = engines[place];
  if (!engine) throw new Error('no engine');
  return engine;
}

/** The smallest rule and rows with which the engines differ. */
async function explained([text, place]: readonly [string, number]): Promise<string> {
  const mlm = parsed(text);
  const compiled = compiledOf(mlm);
  if (!compiled) return text;
  const { population } = engineAt(place);
  const found = await differing(mlm, compiled, engineAt(place));
  const rows = await smallest(population, found, (each) => differing(mlm, compiled, each));
  return `${found.slice(0, 3).join('\n')}\n${rows}\n${text}`;
}

const agrees = fc.asyncProperty(rules, fc.nat({ max: nows.length - 1 }), async (text, place) => {
  const engine = engineAt(place);
  const mlm = parsed(text);
  const compiled = compiledOf(mlm);
  tried += 1;
  left += compiled ? 0 : 1;
  if (!compiled) return;
  expect(await differing(mlm, compiled, engine, sometimes())).toEqual([]);
  if (!full && tried % 10 !== 0) return;
  const tsql = { ...optionsAt(engine.population.now), dialect: tsqlDialect('synapse') };
  expect(lintTsql(firedQuery(compiled, tsql).statement.sql)).toEqual([]);
});

describe('interpreter and statements', () => {
  it(`agrees on fired patients, variables, primary times, messages, returned values and evidence (seed ${seed})`, async () => {
    const result = await fc.check(agrees, { numRuns: runs, seed, endOnFailure: !isShrunk });
    if (result.failed) {
      const { counterexample, numRuns } = result;
      const smallestCase = counterexample ? await explained(counterexample) : '';
      throw new Error(`Property failed after ${numRuns} tests\n${smallestCase}`);
    }
    expect(left / tried).toBeLessThan(0.1);
  }, 900_000);
});
