import { type Compilable, sql } from 'kysely';
import { MaplewoodError } from '../../errors.js';
import { queryOf } from '../../measures/source.js';
import { cdsRule, cdsRuleText, cdsRun } from '../../warehouse/gold/cds.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { valueSet } from '../../warehouse/gold/findings.js';
import type { Registry } from '../facts/registry.js';
import { dayText, instantText } from '../facts/rows/bounds.js';
import { compileRule, isCompiled } from '../sql/compile.js';
import type { QueryOptions } from '../sql/rows.js';
import { carriedTables, carrySteps } from './carry.js';
import { type ResultsEngine, rowsOf } from './engine.js';
import type { Evaluation, Said } from './evaluation.js';
import { foundResults, noResults, rankedInsert } from './found.js';
import { interpret } from './interpret.js';
import { isExpired, type PreparedRule, ruleRow, textRows } from './rule-rows.js';
import {
  evidenceInsert,
  factsRead,
  firedColumns,
  firedOrUndecided,
  firedTable,
  keysQuery,
  keyTable,
  readRows,
  readTable,
  resultsInsert,
  tablesOfOneRule,
  trustTable,
  variablesInsert,
} from './rule-steps.js';
import { versionOf } from './slots.js';
import { latestTrusts } from './trusts.js';

/** What came of a rule. */
export interface RuleReport extends Said {
  readonly rule: string;
  readonly evaluated: number;
  readonly engine: 'statement' | 'interpreter';
  readonly milliseconds: number;
  /** Code of the error with which it ended. */
  readonly failure?: string;
}

/** A rule that takes longer is ended, and reported. */
const longestRule = 300_000;

/**
 * Runs the rules over a release in the making, whose tables of results are empty, and fills them. A rule that fails leaves
 * nothing behind, and stops no other one.
 */
export async function evaluate(engine: ResultsEngine, evaluation: Evaluation): Promise<RuleReport[]> {
  const { rules, only, now, gold, dialect } = evaluation;
  const prepared = rules.rules.map((rule): PreparedRule => {
    const { subject } = rule.gem.delivery;
    return {
      rule,
      compiled: compileRule(rule.mlm, rules.registry, subject === undefined ? {} : { subject }),
    };
  });
  await engine.append(
    cdsRule,
    prepared.map((one) => ruleRow(one, rules.registry, now)),
  );
  await engine.append(
    cdsRuleText,
    prepared.flatMap(({ rule }) => textRows(rule)),
  );
  await engine.append(valueSet, valueSetRows(rules.registry));
  const due = prepared.filter(({ rule }) => (only ? only.includes(rule.name) : !isExpired(rule, now)));
  await engine.make(foundResults.name, dialect.compile(noResults(gold)));
  await engine.make(trustTable, dialect.compile(latestTrusts(gold, dayText(now))));
  const [evaluated = 0] = await countsOf(engine, evaluation, [dimPatient.name]);
  const reports: RuleReport[] = [];
  for (const [done, one] of due.entries()) {
    evaluation.progress?.(one.rule.name, done, due.length);
    reports.push(await reportOf(engine, evaluation, one, evaluated));
  }
  await engine.drop(trustTable, ...tablesOfOneRule);
  await engine.append(
    cdsRun,
    due.flatMap(({ rule }, at) => runRow(rule, reports[at], evaluation)),
  );
  if (evaluation.before) {
    const ran = reports.flatMap(({ rule, failure }) => (failure === undefined ? [rule] : []));
    const steps = carrySteps(gold, dialect, evaluation.before, { asOf: instantText(now), rules: ran });
    for (const step of steps) {
      if (step.kind === 'make') await engine.make(step.table, dialect.compile(step.query));
      else await engine.run(dialect.compile(step.statement));
    }
    await engine.drop(...carriedTables);
  }
  await engine.run(dialect.compile(rankedInsert(gold, dialect)));
  await engine.drop(foundResults.name);
  return reports;
}

type Rule = PreparedRule['rule'];

const nothing: Said = { fired: 0, rows: 0, undecided: 0, failed: 0 };

async function reportOf(
  engine: ResultsEngine,
  evaluation: Evaluation,
  prepared: PreparedRule,
  evaluated: number,
): Promise<RuleReport> {
  const began = evaluation.elapsed();
  const byStatement = isCompiled(prepared.compiled) && evaluation.interpret !== true;
  let said = nothing;
  let failure: string | undefined;
  try {
    await engine.atOnce(async () => {
      said = byStatement
        ? await runRule(engine, evaluation, prepared)
        : await interpret(engine, evaluation, prepared, began + longestRule);
    }, longestRule);
  } catch (error) {
    failure = error instanceof MaplewoodError ? error.code : 'INTERNAL';
  }
  return {
    rule: prepared.rule.name,
    evaluated: failure === undefined ? evaluated : 0,
    ...(failure === undefined ? said : { ...nothing, failure }),
    engine: byStatement ? 'statement' : 'interpreter',
    milliseconds: Math.round(evaluation.elapsed() - began),
  };
}

async function runRule(
  engine: ResultsEngine,
  evaluation: Evaluation,
  { rule, compiled }: PreparedRule,
): Promise<Said> {
  const { rules, now, gold, dialect, before } = evaluation;
  if (!isCompiled(compiled)) throw new Error('the rule is not compiled');
  const options: QueryOptions = { gold, dialect, now, valueSets: rules.registry.valueSets };
  const plan = compiled.planAt(now);
  const insert = async (statement?: Compilable): Promise<void> => {
    if (statement) await engine.run(dialect.compile(statement));
  };
  await engine.make(firedTable, dialect.compile(firedOrUndecided(plan, options)));
  await engine.make(keyTable, dialect.compile(keysQuery(rule, rules.registry, firedColumns(plan), options)));
  await insert(resultsInsert(rule, before, options));
  await insert(variablesInsert(plan, options));
  const read = readRows(compiled, options);
  if (read) {
    await engine.make(readTable, dialect.compile(read));
    await insert(evidenceInsert(factsRead(plan), options));
  }
  const [all = 0, fired = 0, rows = 0] = await countsOf(engine, evaluation, [
    firedTable,
    keyTable,
    ...(read ? [readTable] : []),
  ]);
  return { fired, rows, undecided: all - fired, failed: 0 };
}

/** The numbers of rows of tables, in their order. */
async function countsOf(
  engine: ResultsEngine,
  { gold, dialect }: Pick<Evaluation, 'gold' | 'dialect'>,
  tables: readonly string[],
): Promise<number[]> {
  const type = { kind: 'int64' } as const;
  const output = ['place', 'n'].map((name) => ({ name, type }));
  const [first, ...others] = tables.map((table, place) =>
    queryOf(gold, `${table} as t`).select([
      dialect.output(sql.lit(place), type).as('place'),
      dialect.output(dialect.countAll(), type).as('n'),
    ]),
  );
  if (!first) return [];
  const query = others.reduce((all, one) => all.unionAll(one), first);
  const counts = tables.map(() => 0);
  for (const row of await rowsOf(engine, dialect.compile(query), output))
    counts[Number(row.get('place'))] = Number(row.get('n'));
  return counts;
}

function runRow(
  { name, sha256, mlm }: Rule,
  report: RuleReport | undefined,
  { runId, now }: Evaluation,
): object[] {
  if (!report) return [];
  const { evaluated, fired, rows, undecided, failed, engine, milliseconds, failure } = report;
  return [
    {
      run_id: runId,
      rule: name,
      text_sha256: sha256,
      version: versionOf(mlm),
      as_of: instantText(now),
      engine,
      evaluated,
      fired,
      evidence_rows: rows,
      undecided,
      failed,
      milliseconds,
      failure: failure ?? null,
    },
  ];
}

const valueSetRows = ({ valueSets }: Registry): object[] =>
  [...valueSets.values()].flatMap(({ name, codes }) =>
    codes.map(({ system, code, match }) => ({ name, system, code, code_length: code.length, match })),
  );
