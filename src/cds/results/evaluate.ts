import {
  cdsEvidence,
  cdsResult,
  cdsRule,
  cdsRuleText,
  cdsRun,
  cdsVariable,
  resultTables,
} from '../../warehouse/gold/cds.js';
import { valueSet } from '../../warehouse/gold/findings.js';
import type { Registry } from '../facts/registry.js';
import { dayText, instantText } from '../facts/rows/bounds.js';
import { compileRule } from '../sql/compile.js';
import { type Again, askedAgain, type Told } from './again.js';
import { carriedTables, carrySteps, earlierSteps } from './carry.js';
import type { ResultsEngine } from './engine.js';
import type { Evaluation } from './evaluation.js';
import { foundResults, noResults, rankedInsert } from './found.js';
import { isExpired, type PreparedRule, ruleRow, textRows } from './rule-rows.js';
import { tablesOfOneRule, trustTable } from './rule-steps.js';
import { patientsIn, type RuleReport, runRule } from './run-rule.js';
import { versionOf } from './slots.js';
import { latestTrusts } from './trusts.js';

/**
 * Runs the rules over a release in the making and fills its tables of results, which hold what the release before had, or
 * nothing. A rule that fails leaves nothing behind, and stops no other one.
 */
export async function evaluate(engine: ResultsEngine, evaluation: Evaluation): Promise<RuleReport[]> {
  const { rules, only, now } = evaluation;
  const prepared = rules.rules.map((rule): PreparedRule => {
    const { subject } = rule.gem.delivery;
    return {
      rule,
      compiled: compileRule(rule.mlm, rules.registry, subject === undefined ? {} : { subject }),
    };
  });
  const due = prepared.filter(({ rule }) => (only ? only.includes(rule.name) : !isExpired(rule, now)));
  const told: Told = {
    rules: prepared.map((one) => ruleRow(one, rules.registry, now)),
    texts: prepared.flatMap(({ rule }) => textRows(rule)),
    valueSets: valueSetRows(rules.registry),
  };
  const evaluated = await patientsIn(engine, evaluation);
  const again = await askedAgain(engine, evaluation, due, told);
  if (!again) {
    await tellAnew(engine, told);
    return run(engine, evaluation, due, evaluated);
  }
  const { narrowed } = again;
  try {
    await narrowed.takeOut(cdsResult, cdsVariable, cdsEvidence);
    return await narrowed.inRelease(() => run(engine, evaluation, due, evaluated, again));
  } finally {
    await narrowed.end();
  }
}

/** Runs rules and keeps what they find, of everybody or of those who are looked at `again`. `evaluated`: patients of the release. */
async function run(
  engine: ResultsEngine,
  evaluation: Evaluation,
  due: readonly PreparedRule[],
  evaluated: number,
  again?: Again,
): Promise<RuleReport[]> {
  const { now, gold, dialect } = evaluation;
  await engine.make(foundResults.name, dialect.compile(noResults(gold)));
  await engine.make(trustTable, dialect.compile(latestTrusts(gold, dayText(now))));
  const reports: RuleReport[] = [];
  for (const [done, one] of due.entries()) {
    evaluation.progress?.(one.rule.name, done, due.length);
    reports.push(await runRule(engine, evaluation, one, evaluated, again));
  }
  await engine.drop(trustTable, ...tablesOfOneRule);
  await engine.append(
    cdsRun,
    due.flatMap(({ rule }, at) => runRow(rule, reports[at], evaluation)),
  );
  await takeOver(engine, evaluation, reports, again);
  await engine.run(dialect.compile(rankedInsert(gold, dialect)));
  await engine.drop(foundResults.name);
  return reports;
}

type Rule = PreparedRule['rule'];

/** Fills the tables of rules, and leaves nothing in those of what came of them. */
async function tellAnew(engine: ResultsEngine, { rules, texts, valueSets }: Told): Promise<void> {
  await engine.empty(...resultTables);
  await engine.append(cdsRule, rules);
  await engine.append(cdsRuleText, texts);
  await engine.append(valueSet, valueSets);
}

/** Takes over what the release before knew of those who were looked at. */
async function takeOver(
  engine: ResultsEngine,
  { gold, dialect, before, now }: Evaluation,
  reports: readonly RuleReport[],
  again: Again | undefined,
): Promise<void> {
  if (!before) return;
  const ran = reports.flatMap(({ rule, failure }) => (failure === undefined ? [rule] : []));
  const run = { asOf: instantText(now), rules: ran };
  for (const step of [
    ...carrySteps(gold, dialect, before, run),
    // Where only some are looked at again, the tables have them already.
    ...(again ? [] : earlierSteps(gold, dialect, before)),
  ]) {
    if (step.kind === 'make') await engine.make(step.table, dialect.compile(step.query));
    else await engine.run(dialect.compile(step.statement));
  }
  await engine.drop(...carriedTables);
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
