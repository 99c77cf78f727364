import { type Compilable, sql } from 'kysely';
import { MaplewoodError } from '../../errors.js';
import { queryOf } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { type Compiled, isCompiled } from '../sql/compile.js';
import { named, type QueryOptions } from '../sql/rows.js';
import type { Again } from './again.js';
import { type ResultsEngine, rowsOf } from './engine.js';
import type { Evaluation, Said } from './evaluation.js';
import { interpret } from './interpret.js';
import type { PreparedRule } from './rule-rows.js';
import {
  evidenceInsert,
  factsRead,
  firedColumns,
  firedOrUndecided,
  firedPatients,
  firedTable,
  keysQuery,
  keyTable,
  readRows,
  readTable,
  resultsInsert,
  variablesInsert,
} from './rule-steps.js';

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

const nothing: Said = { fired: 0, rows: 0, undecided: 0, failed: 0 };

/** Runs a rule and keeps what it finds: of everybody, or of those who are looked at `again`. It leaves nothing where it fails. */
export async function runRule(
  engine: ResultsEngine,
  evaluation: Evaluation,
  { rule, compiled }: PreparedRule,
  evaluated: number,
  again: Again | undefined,
): Promise<RuleReport> {
  const began = evaluation.elapsed();
  const byStatement = isCompiled(compiled) && evaluation.interpret !== true;
  let said = nothing;
  let failure: string | undefined;
  try {
    const before =
      byStatement && again ? await askBefore(engine, evaluation, { rule, compiled }, again) : undefined;
    await engine.atOnce(async () => {
      said = byStatement
        ? await ask(engine, evaluation, { rule, compiled }, before)
        : await interpret(engine, evaluation, { rule, compiled }, began + longestRule);
    }, longestRule);
  } catch (error) {
    failure = error instanceof MaplewoodError ? error.code : 'INTERNAL';
  }
  return {
    rule: rule.name,
    evaluated: failure === undefined ? evaluated : 0,
    ...(failure === undefined ? said : { ...nothing, failure }),
    engine: byStatement ? 'statement' : 'interpreter',
    milliseconds: Math.round(evaluation.elapsed() - began),
  };
}

interface CompiledRule extends PreparedRule {
  readonly compiled: Compiled;
}

const optionsOf = ({ rules, now, gold, dialect }: Evaluation): QueryOptions => ({
  gold,
  dialect,
  now,
  valueSets: rules.registry.valueSets,
});

/** What was said in the release before: of everybody, and of the patients who are looked at again. */
interface Before {
  readonly ofAll: Said;
  readonly ofThese: Said;
}

/** What a rule said before. Of these patients it is asked where that is not known. */
async function askBefore(
  engine: ResultsEngine,
  evaluation: Evaluation,
  prepared: CompiledRule,
  { narrowed, said }: Again,
): Promise<Before | undefined> {
  const before = said.get(prepared.rule.name);
  if (!before) return undefined;
  let { ofThese } = before;
  // In a transaction of its own: until one that has failed is over, tables cannot be given their usual names back.
  if (!ofThese)
    await narrowed.inBefore(() =>
      engine.atOnce(async () => {
        ofThese = await findings(engine, prepared, optionsOf(evaluation));
      }, longestRule),
    );
  return ofThese && { ofAll: before.ofAll, ofThese };
}

/** Asks a rule and keeps what it says. Where some patients are looked at again, what it says of everybody changes by the difference. */
async function ask(
  engine: ResultsEngine,
  evaluation: Evaluation,
  prepared: CompiledRule,
  before: Before | undefined,
): Promise<Said> {
  const options = optionsOf(evaluation);
  const are = await findings(engine, prepared, options);
  if (are.fired > 0) await keep(engine, evaluation, prepared, options);
  if (!before) return are;
  const { ofAll, ofThese } = before;
  const changed = (figure: keyof Said): number => ofAll[figure] + are[figure] - ofThese[figure];
  return { fired: changed('fired'), rows: changed('rows'), undecided: changed('undecided'), failed: 0 };
}

/** Makes the tables of the patients for whom the rule fires or comes to no decision, and of the rows that it read of the first. */
async function findings(
  engine: ResultsEngine,
  { compiled }: CompiledRule,
  options: QueryOptions,
): Promise<Said> {
  const { dialect, now } = options;
  await engine.make(firedTable, dialect.compile(firedOrUndecided(compiled.planAt(now), options)));
  const [all = 0, fired = 0] = await countsOf(engine, options, [named(firedTable, 't'), firedPatients]);
  const read = fired > 0 ? readRows(compiled, options) : undefined;
  if (read) await engine.make(readTable, dialect.compile(read));
  const [rows = 0] = await countsOf(engine, options, read ? [named(readTable, 't')] : []);
  return { fired, rows, undecided: all - fired, failed: 0 };
}

/** Keeps the results, values and evidence of what was found. */
async function keep(
  engine: ResultsEngine,
  { rules, before }: Evaluation,
  { rule, compiled }: CompiledRule,
  options: QueryOptions,
): Promise<void> {
  const { dialect, now } = options;
  const plan = compiled.planAt(now);
  const insert = async (statement?: Compilable): Promise<void> => {
    if (statement) await engine.run(dialect.compile(statement));
  };
  await engine.make(keyTable, dialect.compile(keysQuery(rule, rules.registry, firedColumns(plan), options)));
  await insert(resultsInsert(rule, before, options));
  await insert(variablesInsert(plan, options));
  if (plan.reads.length > 0) await insert(evidenceInsert(factsRead(plan), options));
}

/** The number of patients of the release. */
export async function patientsIn(
  engine: ResultsEngine,
  { gold, dialect }: Pick<Evaluation, 'gold' | 'dialect'>,
): Promise<number> {
  const [patients = 0] = await countsOf(engine, { dialect }, [queryOf(gold, `${dimPatient.name} as t`)]);
  return patients;
}

/** The numbers of rows of queries, in their order. */
async function countsOf(
  engine: ResultsEngine,
  { dialect }: Pick<QueryOptions, 'dialect'>,
  queries: readonly DynamicQuery[],
): Promise<number[]> {
  const type = { kind: 'int64' } as const;
  const output = ['place', 'n'].map((name) => ({ name, type }));
  const [first, ...others] = queries.map((query, place) =>
    query.select([
      dialect.output(sql.lit(place), type).as('place'),
      dialect.output(dialect.countAll(), type).as('n'),
    ]),
  );
  if (!first) return [];
  const query = others.reduce((all, one) => all.unionAll(one), first);
  const counts = queries.map(() => 0);
  for (const row of await rowsOf(engine, dialect.compile(query), output))
    counts[Number(row.get('place'))] = Number(row.get('n'));
  return counts;
}
