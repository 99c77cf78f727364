import { type Compilable, sql } from 'kysely';
import { type GoldBuilder, queryOf } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import { cdsResult, cdsRule } from '../../warehouse/gold/cds.js';
import { insertFrom } from './insert.js';

/** The results while they are collected: which of a group is the most urgent is known when all are there. */
export const foundResults = { ...cdsResult, name: 'cds_found' } as const;

/** No result yet. */
export const noResults = (gold: GoldBuilder): DynamicQuery =>
  queryOf(gold, `${cdsResult.name} as r`).where(sql<boolean>`1 = 0`).selectAll('r');

/** The collected results, with those marked that a more urgent rule of their group outranks. */
export function rankedInsert(gold: GoldBuilder, dialect: Dialect): Compilable {
  const isOpen = sql`${sql.ref('f.resolved_at')} is null`;
  const greatest = sql`max(case when ${isOpen} then ${sql.ref('f.urgency')} end) over (partition by ${sql.ref('f.patient_no')}, ${sql.ref('r.rule_group')})`;
  const from = queryOf(gold, `${foundResults.name} as f`).leftJoin(`${cdsRule.name} as r`, (join) =>
    join.on(
      sql<boolean>`${sql.ref('r.rule')} = ${sql.ref('f.rule')} and ${sql.ref('r.text_sha256')} = ${sql.ref('f.text_sha256')}`,
    ),
  ) as unknown as DynamicQuery;
  const own = Object.fromEntries(Object.keys(cdsResult.columns).map((name) => [name, sql.ref(`f.${name}`)]));
  const boolean = sql.raw(dialect.columnType({ kind: 'boolean' }));
  return insertFrom(gold, dialect, cdsResult, from, {
    ...own,
    is_outranked: sql`cast(case when ${sql.ref('r.rule_group')} is not null and ${isOpen} and ${greatest} > ${sql.ref('f.urgency')} then 1 else 0 end as ${boolean})`,
  });
}
