import { type RawBuilder, sql } from 'kysely';
import { type GoldBuilder, subquery } from '../../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../../warehouse/dialect.js';
import type { Time } from '../../arden/value.js';
import type { Fact, FactReference } from '../fact.js';
import { wantedColumns } from '../reference/wanted.js';
import type { Registry } from '../registry.js';
import { upperBound } from './bounds.js';
import { conditionSql } from './conditions.js';

/**
 * The rows of a reference as they were known at a time, without look-ahead: a row is there when its primary time is not
 * later, and a column is null until it becomes known. Columns: `patient_no`, `row_key`, `primary_time` (null where the
 * fact has none), `trust` where it has one, and the columns of the reference by name. Conditions see what was known.
 * `patients`: those whose rows are read, a query of `patient_no`; all by default.
 */
export function factRelation(
  reference: FactReference,
  gold: GoldBuilder,
  dialect: Dialect,
  now: Time,
  valueSets: Registry['valueSets'],
  patients?: DynamicQuery,
): DynamicQuery {
  const { fact, columns, where } = reference;
  const wanted = wantedColumns(reference);
  const relation = fact.relation(gold, dialect, wanted, patients);
  const rows = knownRows(fact, wanted, subquery(gold, relation, 'g'), now);
  const conditions = where.map((condition) => {
    const declared = fact.columns[condition.column];
    if (!declared) throw new Error(`${fact.name} has no column ${condition.column}`);
    return conditionSql(condition, declared, sql.ref(`k.${condition.column}`), dialect, valueSets);
  });
  let query = subquery(gold, rows, 'k')
    .select(['k.patient_no', 'k.row_key'])
    .select(primaryTime(fact, 'k').as('primary_time'))
    .select(columns.map((column) => sql.ref(`k.${column}`).as(column)));
  if (fact.trust !== undefined) query = query.select(sql.ref(`k.${fact.trust}`).as('trust'));
  for (const condition of conditions) query = query.where(condition);
  return query;
}

/** The primary time of a row of a fact, under the alias of its relation. */
const primaryTime = ({ time }: Fact, alias: string): RawBuilder<unknown> =>
  time ? sql.ref(`${alias}.${time.column}`) : sql`cast(null as date)`;

/** The rows of a fact, as `g`, and the columns wanted, as they were known at a time. */
function knownRows(fact: Fact, wanted: ReadonlySet<string>, rows: DynamicQuery, now: Time): DynamicQuery {
  const known = rows
    .select(['g.patient_no', 'g.row_key'])
    .select([...wanted].map((column) => asKnown(fact, column, 'g', now).as(column)));
  if (!fact.time) return known;
  return known.where(
    sql<boolean>`${sql.ref(`g.${fact.time.column}`)} <= ${upperBound(fact.time.stored, now)}`,
  );
}

/** A column, null while the time at which it becomes known is still to come. */
function asKnown(fact: Fact, column: string, alias: string, now: Time): RawBuilder<unknown> {
  const value = sql.ref(`${alias}.${column}`);
  const knownAt = fact.columns[column]?.knownAt;
  const stored = knownAt === undefined ? undefined : fact.columns[knownAt]?.stored;
  if (knownAt === undefined || stored === undefined) return sql`${value}`;
  return sql`case when ${sql.ref(`${alias}.${knownAt}`)} <= ${upperBound(stored, now)} then ${value} end`;
}
