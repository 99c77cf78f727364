import { type Compilable, type RawBuilder, sql } from 'kysely';
import { queryOf, subquery } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { cdsEvidence, cdsResult, cdsVariable } from '../../warehouse/gold/cds.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { bind } from '../../warehouse/value.js';
import type { Registry } from '../facts/registry.js';
import { instantText } from '../facts/rows/bounds.js';
import type { Rule } from '../rules/read-rules.js';
import type { Compiled, Plan } from '../sql/compile.js';
import { evidenceRelation } from '../sql/evidence.js';
import { layOut, reading, renderingOf } from '../sql/layers.js';
import { named, type QueryOptions } from '../sql/rows.js';
import type { Term } from '../sql/term.js';
import type { Before } from './carry.js';
import { foundResults } from './found.js';
import { resultKey } from './identity.js';
import { insertFrom, insertFromAll } from './insert.js';
import { versionOf } from './slots.js';
import { columnOf, neededTerms, storedForm, storedVariables, valueColumnOf } from './stored.js';
import { subjectFact } from './subject.js';
import { windowBytes } from './window.js';

/** Tables that the statements of one rule make for each other. */
export const firedTable = 'cds_fired';
export const keyTable = 'cds_key';
export const readTable = 'cds_read';
export const tablesOfOneRule = [firedTable, keyTable, readTable] as const;
/** Made once for all rules: see `latestTrusts`. */
export const trustTable = 'cds_patient_trust';

const [instant, text] = [{ kind: 'instant' } as const, { kind: 'text', length: 80 } as const];
const of = (alias: string, column: string): RawBuilder<unknown> => sql.ref(`${alias}.${column}`);

/** One row for each patient for whom a rule fires or comes to no decision: `concluded`, and what its result is made of. */
export function firedOrUndecided(plan: Plan, options: QueryOptions): DynamicQuery {
  const terms = neededTerms(plan);
  const everybody = queryOf(options.gold, `${dimPatient.name} as d`).select('d.patient_no');
  const { parts, last } = layOut([plan.concluded, ...terms], everybody, options);
  const rendering = renderingOf(last, options);
  const concluded = rendering.value(plan.concluded);
  return reading(parts, last.name, 'p')
    .where(sql<boolean>`(${rendering.predicate(plan.concluded)} or ${concluded} is null)`)
    .select('p.patient_no')
    .select(concluded.as('concluded'))
    .select(terms.map((term) => rendering.value(term).as(columnOf(term))));
}

/** What stands in the table of those for whom a rule fires, beside `patient_no` and `concluded`. */
export interface FiredColumns {
  /** Name of the key of the row that the result is about. */
  readonly subject?: string;
  /** 1 to 99. */
  readonly urgency: RawBuilder<unknown>;
}

export const firedColumns = (plan: Plan): FiredColumns => ({
  ...(plan.subject ? { subject: columnOf(plan.subject) } : {}),
  urgency: urgencyOf(plan),
});

/** One row for each patient for whom the rule fires: the key of the result, its trust and urgency. */
export function keysQuery(
  rule: Pick<Rule, 'name' | 'mlm' | 'gem'>,
  registry: Registry,
  fired: FiredColumns,
  { gold, dialect, now }: QueryOptions,
): DynamicQuery {
  const fact = subjectFact(rule, registry);
  const subject = fired.subject === undefined ? undefined : of('f', fired.subject);
  const start = queryOf(gold, `${firedTable} as f`)
    .innerJoin(`${dimPatient.name} as d`, 'd.patient_no', 'f.patient_no')
    .leftJoin(`${trustTable} as t`, 't.patient_no', 'f.patient_no')
    .where(sql<boolean>`${of('f', 'concluded')} = 1`) as unknown as DynamicQuery;
  const withTrust = fact?.trust !== undefined && fired.subject !== undefined;
  const joined = withTrust
    ? (start.leftJoin(
        fact.relation(gold, dialect, new Set()).as('s') as never,
        's.row_key' as never,
        `f.${fired.subject}` as never,
      ) as unknown as DynamicQuery)
    : start;
  const trust = withTrust
    ? sql`coalesce(${of('s', fact.trust)}, ${of('t', 'trust_code')})`
    : of('t', 'trust_code');
  const about = subject ?? bind({ kind: 'key128' }, windowBytes(rule.gem.delivery, now));
  return joined.select([
    of('f', 'patient_no').as('patient_no'),
    of('d', 'patient_sk').as('patient_sk'),
    resultKey(rule.name, of('d', 'patient_sk'), about, dialect).as('result_key'),
    (subject ?? sql`cast(null as ${sql.raw(dialect.columnType({ kind: 'key128' }))})`).as('subject_key'),
    trust.as('trust_code'),
    fired.urgency.as('urgency'),
  ]);
}

/** Of a rule whose urgency is no number. */
export const usualUrgency = 50;

/** Between 1 and 99; what is no number counts as the usual urgency. */
function urgencyOf({ urgency: { value } }: Plan): RawBuilder<unknown> {
  if (value.kind === 'literal')
    return sql.lit(value.datum.type === 'number' ? clamped(value.datum.value) : usualUrgency);
  if (value.type !== 'number') return sql.lit(usualUrgency);
  const given = of('f', columnOf(value));
  return sql`cast(case when ${given} is null then ${sql.lit(usualUrgency)} when ${given} < 1 then 1 when ${given} > 99 then 99 else floor(${given}) end as ${sql.raw('integer')})`;
}

export const clamped = (urgency: number): number => Math.floor(Math.min(99, Math.max(1, urgency)));

/** The results of a rule; one that was known goes on. */
export function resultsInsert(
  rule: Pick<Rule, 'name' | 'sha256' | 'mlm'>,
  before: Before | undefined,
  { gold, dialect, now }: QueryOptions,
) {
  const at = bind(instant, instantText(now));
  const keys = queryOf(gold, `${keyTable} as k`);
  const from = before
    ? (keys.leftJoin(
        queryOf(before.gold, `${cdsResult.name} as o`)
          .where(sql<boolean>`${of('o', 'rule')} = ${bind(text, rule.name)}`)
          .selectAll('o')
          .as('b') as never,
        'b.result_key' as never,
        'k.result_key' as never,
      ) as unknown as DynamicQuery)
    : keys;
  const known = sql<boolean>`${of('b', 'result_key')} is not null`;
  return insertFrom(gold, dialect, foundResults, from, {
    result_key: of('k', 'result_key'),
    rule: bind(text, rule.name),
    text_sha256: bind(text, rule.sha256),
    version: bind(text, versionOf(rule.mlm)),
    patient_no: of('k', 'patient_no'),
    patient_sk: of('k', 'patient_sk'),
    subject_key: of('k', 'subject_key'),
    trust_code: of('k', 'trust_code'),
    urgency: of('k', 'urgency'),
    first_fired_at: before ? sql`case when ${known} then ${of('b', 'first_fired_at')} else ${at} end` : at,
    last_fired_at: at,
    occurrences: before
      ? sql`case when not (${known}) then 1 when ${of('b', 'last_fired_at')} = ${at} then ${of('b', 'occurrences')} else ${of('b', 'occurrences')} + 1 end`
      : sql.lit(1),
    is_outranked: sql`cast(0 as ${sql.raw(dialect.columnType({ kind: 'boolean' }))})`,
  });
}

/** What is kept of the values of a rule; undefined where it has none. */
export function variablesInsert(plan: Plan, { gold, dialect }: QueryOptions): Compilable | undefined {
  const column = (term: Term): RawBuilder<unknown> => of('f', columnOf(term));
  const parts = storedVariables(plan).map(({ name, value, time }) => {
    const present = [value, time].flatMap((term) => (term ? [sql`${column(term)} is not null`] : []));
    const from = queryOf(gold, `${keyTable} as k`)
      .innerJoin(`${firedTable} as f`, 'f.patient_no', 'k.patient_no')
      .where(sql<boolean>`(${sql.join(present, sql` or `)})`) as unknown as DynamicQuery;
    return {
      from,
      values: {
        result_key: of('k', 'result_key'),
        patient_no: of('k', 'patient_no'),
        name: bind(text, name),
        ...(value
          ? {
              value_type: typeIfThere(value, column(value)),
              [valueColumnOf(value)]: storedForm(value, column(value), dialect),
            }
          : {}),
        ...(time
          ? {
              time_type: typeIfThere(time, column(time)),
              primary_time: storedForm(time, column(time), dialect),
            }
          : {}),
      },
    };
  });
  return parts.length === 0 ? undefined : insertFromAll(gold, dialect, cdsVariable, parts);
}

const typeIfThere = ({ type }: Term, column: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`case when ${column} is not null then ${bind(text, type)} end`;

/** The rows of `firedTable` of those for whom the rule fires, as `f`. */
export const firedPatients: DynamicQuery = named(firedTable, 'f').where(
  sql<boolean>`${of('f', 'concluded')} = 1`,
);

/** The rows that a rule read of those for whom it fires; undefined where it reads nothing. */
export const readRows = (compiled: Compiled, options: QueryOptions): DynamicQuery | undefined =>
  evidenceRelation(compiled, { ...options, patients: firedPatients.select('f.patient_no') });

/** Names of the facts of the READs of a rule, in the order of `read_no`. */
export const factsRead = ({ reads }: Plan): string[] => reads.map(({ reference }) => reference.fact.name);

/** Keeps them, each once, whatever the number of READs. `names`: the facts by `read_no`; not empty. */
export function evidenceInsert(names: readonly string[], { gold, dialect }: QueryOptions) {
  const facts = names.map(
    (name, read) => sql`when ${of('e', 'read_no')} = ${sql.lit(read)} then ${bind(text, name)}`,
  );
  const rows = queryOf(gold, `${readTable} as e`)
    .innerJoin(`${keyTable} as k`, 'k.patient_no', 'e.patient_no')
    .select([
      of('k', 'result_key').as('result_key'),
      of('e', 'patient_no').as('patient_no'),
      sql`case ${sql.join(facts, sql` `)} end`.as('fact'),
      of('e', 'row_key').as('row_key'),
      of('e', 'row_day').as('row_day'),
      of('e', 'row_instant').as('row_instant'),
    ]) as unknown as DynamicQuery;
  return insertFrom(gold, dialect, cdsEvidence, subquery(gold, rows, 'r').distinct(), {
    result_key: of('r', 'result_key'),
    patient_no: of('r', 'patient_no'),
    fact: of('r', 'fact'),
    row_key: of('r', 'row_key'),
    event_day: of('r', 'row_day'),
    event_time: of('r', 'row_instant'),
  });
}
