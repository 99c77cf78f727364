import { type Compilable, type RawBuilder, sql } from 'kysely';
import { type GoldBuilder, queryOf } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import {
  cdsEvidence,
  cdsResult,
  cdsRule,
  cdsRuleText,
  cdsRun,
  cdsVariable,
} from '../../warehouse/gold/cds.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import { bind } from '../../warehouse/value.js';
import { foundResults } from './found.js';
import { insertFrom, type Values } from './insert.js';

/** The release before, whose results go on. */
export interface Before {
  readonly gold: GoldBuilder;
}

const carriedTable = 'cds_carried';
const text = { kind: 'text', length: 80 } as const;
const of = (alias: string, column: string): RawBuilder<unknown> => sql.ref(`${alias}.${column}`);

/** A step of taking over. */
export type CarryStep =
  | { readonly kind: 'make'; readonly table: string; readonly query: DynamicQuery }
  | { readonly kind: 'insert'; readonly statement: Compilable };

/**
 * Takes over what the release before knew and this one has not found: results of rules that were run now are resolved, those
 * of others stay as they are. Patients are found again by their pseudonym; results of who is no patient any more end here.
 */
export function carrySteps(
  gold: GoldBuilder,
  dialect: Dialect,
  before: Before,
  run: { readonly asOf: string; readonly rules: readonly string[] },
): CarryStep[] {
  const at = bind({ kind: 'instant' }, run.asOf);
  const wasRun =
    run.rules.length > 0 ? sql<boolean>`${of('b', 'rule')} in (${list(run.rules)})` : sql<boolean>`1 = 0`;
  const carried = queryOf(before.gold, `${cdsResult.name} as o`).selectAll('o');
  const query = queryOf(gold, carried.as('b'))
    .innerJoin(`${dimPatient.name} as d`, 'd.patient_sk', 'b.patient_sk')
    .leftJoin(`${foundResults.name} as n`, 'n.result_key', 'b.result_key')
    .where(sql<boolean>`${of('n', 'result_key')} is null`)
    .select(
      Object.keys(cdsResult.columns).map((column) =>
        (column === 'patient_no'
          ? of('d', column)
          : column === 'resolved_at'
            ? sql`case when ${of('b', column)} is null and ${wasRun} then ${at} else ${of('b', column)} end`
            : of('b', column)
        ).as(column),
      ),
    ) as unknown as DynamicQuery;
  const parts = [cdsVariable, cdsEvidence].map((table) => {
    const rows = queryOf(before.gold, `${table.name} as o`).selectAll('o');
    const from = queryOf(gold, `${carriedTable} as c`).innerJoin(
      rows.as('b') as never,
      'b.result_key' as never,
      'c.result_key' as never,
    ) as unknown as DynamicQuery;
    return insertFrom(gold, dialect, table, from, {
      ...copied(table, 'b'),
      patient_no: of('c', 'patient_no'),
    });
  });
  return [
    { kind: 'make', table: carriedTable, query },
    ...[
      insertFrom(gold, dialect, foundResults, queryOf(gold, `${carriedTable} as c`), copied(cdsResult, 'c')),
      ...parts,
    ].map(inserting),
  ];
}

const inserting = (statement: Compilable): CarryStep => ({ kind: 'insert', statement });

/** Takes over the texts that results still speak of, and what came of earlier runs. */
export const earlierSteps = (gold: GoldBuilder, dialect: Dialect, before: Before): CarryStep[] =>
  [
    ...texts(gold, dialect, before),
    insertFrom(
      gold,
      dialect,
      cdsRun,
      queryOf(gold, queryOf(before.gold, `${cdsRun.name} as o`).selectAll('o').as('b')),
      copied(cdsRun, 'b'),
    ),
  ].map(inserting);

export const carriedTables = [carriedTable] as const;

/** Texts of rules that results still speak of, and that are not there any more. */
function texts(gold: GoldBuilder, dialect: Dialect, before: Before): Compilable[] {
  return [cdsRuleText, cdsRule].map((table) => {
    const spoken = queryOf(gold, `${foundResults.name} as r`)
      .distinct()
      .select([of('r', 'rule').as('rule'), of('r', 'text_sha256').as('text_sha256')]);
    const rows = queryOf(before.gold, `${table.name} as o`).selectAll('o');
    const from = queryOf(gold, rows.as('b'))
      .innerJoin(spoken.as('s'), (join) =>
        join.on(
          sql<boolean>`${of('s', 'rule')} = ${of('b', 'rule')} and ${of('s', 'text_sha256')} = ${of('b', 'text_sha256')}`,
        ),
      )
      .leftJoin(`${cdsRule.name} as n`, (join) =>
        join.on(
          sql<boolean>`${of('n', 'rule')} = ${of('b', 'rule')} and ${of('n', 'text_sha256')} = ${of('b', 'text_sha256')}`,
        ),
      )
      .where(sql<boolean>`${of('n', 'rule')} is null`) as unknown as DynamicQuery;
    const values = copied(table, 'b');
    const earlier =
      table.name === cdsRule.name
        ? { is_current: truth(dialect, false), is_expired: truth(dialect, true) }
        : {};
    return insertFrom(gold, dialect, table, from, { ...values, ...earlier });
  });
}

const truth = (dialect: Dialect, value: boolean): RawBuilder<unknown> =>
  sql`cast(${sql.lit(value ? 1 : 0)} as ${sql.raw(dialect.columnType({ kind: 'boolean' }))})`;

const copied = (table: TableDeclaration, alias: string): Values =>
  Object.fromEntries(Object.keys(table.columns).map((name) => [name, of(alias, name)]));

const list = (values: readonly string[]): RawBuilder<unknown> =>
  sql.join(values.map((value) => bind(text, value)));
