import { sql } from 'kysely';
import { queryOf, subquery } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import { cdsEvidence, cdsResult, cdsRule, cdsRuleText, cdsRun } from '../../warehouse/gold/cds.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { valueSet } from '../../warehouse/gold/findings.js';
import type { Narrowed } from '../../warehouse/narrowed.js';
import { columnOf, type TableDeclaration } from '../../warehouse/table.js';
import { bind } from '../../warehouse/value.js';
import type { OutputColumn } from '../../warehouse/warehouse.js';
import type { Fact } from '../facts/fact.js';
import { wantedColumns } from '../facts/reference/wanted.js';
import { dayText, instantText } from '../facts/rows/bounds.js';
import { readReferences } from '../rules/references.js';
import { isCompiled } from '../sql/compile.js';
import { plain } from '../sql/rows.js';
import type { Before } from './carry.js';
import { type ResultsEngine, rowsOf } from './engine.js';
import type { Evaluation, Said } from './evaluation.js';
import type { PreparedRule } from './rule-rows.js';
import { latestTrusts } from './trusts.js';

/** What is looked at where the rest of the results stays as it is. */
export interface Again {
  /** The patients of whom something has changed that a rule reads. */
  readonly narrowed: Narrowed;
  /** What was said by each rule, by its name. */
  readonly said: ReadonlyMap<string, SaidBefore>;
}

interface SaidBefore {
  readonly ofAll: Said;
  /** Undefined where the results that were kept do not tell it. */
  readonly ofThese: Said | undefined;
}

/** What the tables of a release say of the rules, apart from what came of them. */
export interface Told {
  readonly rules: readonly object[];
  readonly texts: readonly object[];
  readonly valueSets: readonly object[];
}

/**
 * What a run looks at that asks the same rules as of the same time as the release before, so that it can say nothing new of
 * patients of whom nothing has changed. Undefined where it asks something else, or an interpreter asks; all is new then.
 */
export async function askedAgain(
  engine: ResultsEngine,
  evaluation: Evaluation,
  due: readonly PreparedRule[],
  told: Told,
): Promise<Again | undefined> {
  const { before, narrow, dialect, interpret } = evaluation;
  if (!before || !narrow || interpret === true || !due.every(({ compiled }) => isCompiled(compiled)))
    return undefined;
  const said = await lastSaid(engine, evaluation, before, due);
  if (!said || !(await isAsTold(engine, dialect, before, told))) return undefined;
  const narrowed = await narrow(queriesOf(evaluation, due));
  if (!narrowed) return undefined;
  const kept = await keptFigures(engine, dialect, before);
  const ofThese = await narrowed.inBefore(() => keptFigures(engine, dialect, before, 'known patients'));
  return {
    narrowed,
    said: new Map(
      [...said].map(([rule, ofAll]) => {
        const { fired, rows } = kept(rule);
        // Nobody was undecided, and no row was read twice.
        const isKept = ofAll.undecided === 0 && ofAll.fired === fired && ofAll.rows === rows;
        return [rule, { ofAll, ofThese: isKept ? ofThese(rule) : undefined }];
      }),
    ),
  };
}

/** What the last run of each rule came to; undefined if one was of another text, as of another time, or failed. */
async function lastSaid(
  engine: ResultsEngine,
  { dialect, now }: Evaluation,
  before: Before,
  due: readonly PreparedRule[],
): Promise<ReadonlyMap<string, Said> | undefined> {
  const isNow = sql<boolean>`${sql.ref('r.as_of')} = ${bind({ kind: 'instant' }, instantText(now))}`;
  const runs = queryOf(before.gold, `${cdsRun.name} as r`)
    .orderBy('r.run_id')
    .select(selected(dialect, 'r', cdsRun, runColumns))
    .select(sql`case when ${isNow} then 1 else 0 end`.as('is_now'));
  const rows = await rowsOf(engine, dialect.compile(runs), [
    ...outputOf(cdsRun, runColumns),
    { name: 'is_now', type: { kind: 'int32' } },
  ]);
  const last = new Map(rows.map((row) => [row.get('rule'), row]));
  const said = new Map<string, Said>();
  for (const { rule } of due) {
    const run = last.get(rule.name);
    const number = (column: string): number => Number(run?.get(column));
    const isSame =
      number('is_now') === 1 &&
      run?.get('text_sha256') === rule.sha256 &&
      run.get('engine') === 'statement' &&
      run.get('failure') === null;
    if (!isSame) return undefined;
    said.set(rule.name, {
      fired: number('fired'),
      rows: number('evidence_rows'),
      undecided: number('undecided'),
      failed: 0,
    });
  }
  return said;
}

const runColumns = [
  'rule',
  'text_sha256',
  'engine',
  'fired',
  'evidence_rows',
  'undecided',
  'failure',
] as const;

/**
 * How many results of each rule are there that hold, with how many rows of evidence, in the release before: of everybody, or of
 * the patients whom the tables know that are in use.
 */
async function keptFigures(
  engine: ResultsEngine,
  dialect: Dialect,
  { gold }: Before,
  among?: 'known patients',
): Promise<(rule: string) => Said> {
  const type = { kind: 'int64' } as const;
  const count = dialect.output(dialect.countAll(), type).as('n');
  const every = subquery(plain, queryOf(gold, `${cdsResult.name} as o`).selectAll('o'), 'r').where(
    sql<boolean>`${sql.ref('r.resolved_at')} is null`,
  );
  const results = among
    ? (every.innerJoin(`${dimPatient.name} as d`, 'd.patient_no', 'r.patient_no') as unknown as DynamicQuery)
    : every;
  const evidence = queryOf(gold, `${cdsEvidence.name} as o`).selectAll('o').as('e');
  const rows = results.innerJoin(evidence as never, 'e.result_key' as never, 'r.result_key' as never);
  const counted = (query: unknown, place: number): DynamicQuery =>
    (query as DynamicQuery)
      .groupBy('r.rule')
      .select(['r.rule', dialect.output(sql.lit(place), type).as('place'), count]);
  const found = await rowsOf(engine, dialect.compile(counted(results, 0).unionAll(counted(rows, 1))), [
    ...outputOf(cdsRun, ['rule']),
    { name: 'place', type },
    { name: 'n', type },
  ]);
  const figures = new Map(
    found.map((row) => [`${row.get('rule')} ${row.get('place')}`, Number(row.get('n'))]),
  );
  return (rule) => ({
    fired: figures.get(`${rule} 0`) ?? 0,
    rows: figures.get(`${rule} 1`) ?? 0,
    undecided: 0,
    failed: 0,
  });
}

/** Whether the release before tells the same of the rules that it ran, in the same words, and of their lists of codes. */
async function isAsTold(
  engine: ResultsEngine,
  dialect: Dialect,
  { gold }: Before,
  told: Told,
): Promise<boolean> {
  const isCurrent = queryOf(gold, `${cdsRule.name} as r`).where(sql<boolean>`${sql.ref('r.is_current')} = 1`);
  const known: readonly (readonly [TableDeclaration, DynamicQuery, readonly object[]])[] = [
    [cdsRule, isCurrent, told.rules],
    [
      cdsRuleText,
      queryOf(gold, `${cdsRuleText.name} as r`).where(
        'r.text_sha256',
        'in',
        isCurrent.select('r.text_sha256'),
      ),
      told.texts,
    ],
    [valueSet, queryOf(gold, `${valueSet.name} as r`), told.valueSets],
  ];
  for (const [table, query, rows] of known) {
    const columns = Object.keys(table.columns);
    const statement = dialect.compile(query.select(selected(dialect, 'r', table, columns)));
    const were = await rowsOf(engine, statement, outputOf(table, columns));
    if (inWords(were.map(Object.fromEntries), columns) !== inWords(rows, columns)) return false;
  }
  return true;
}

/** Rows as a text, whatever their order. */
const inWords = (rows: readonly object[], columns: readonly string[]): string =>
  rows
    .map((row) =>
      JSON.stringify(columns.map((column) => String((row as Record<string, unknown>)[column] ?? null))),
    )
    .sort()
    .join('\n');

const outputOf = (table: TableDeclaration, columns: readonly string[]): OutputColumn[] =>
  columns.map((name) => ({ name, type: columnOf(table, name).type }));

const selected = (dialect: Dialect, alias: string, table: TableDeclaration, columns: readonly string[]) =>
  outputOf(table, columns).map(({ name, type }) =>
    dialect.output(sql.ref(`${alias}.${name}`), type).as(name),
  );

/** Queries of all that an answer of the rules may hang on: the patients, what is read of facts, and where they are cared for. */
function queriesOf(
  { rules: { registry }, gold, dialect, now }: Evaluation,
  due: readonly PreparedRule[],
): DynamicQuery[] {
  const wanted = new Map<Fact, Set<string>>();
  for (const { rule } of due)
    for (const reference of readReferences(rule.mlm, registry).values()) {
      const known = wanted.get(reference.fact) ?? new Set();
      for (const column of wantedColumns(reference)) known.add(column);
      wanted.set(reference.fact, known);
    }
  return [
    queryOf(gold, `${dimPatient.name} as d`).select(['d.patient_no', 'd.patient_sk']),
    latestTrusts(gold, dayText(now)),
    ...[...wanted].map(([fact, columns]) => fact.relation(gold, dialect, columns)),
  ];
}
