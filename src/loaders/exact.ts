import { sql } from 'kysely';
import { MaplewoodError } from '../errors.js';
import type { ExactRows } from '../schema/identified/declare.js';
import type { DynamicQuery } from '../warehouse/dialect.js';
import { dimPatient } from '../warehouse/gold/dimensions.js';
import { bind } from '../warehouse/value.js';
import type { LoadContext } from './load.js';
import { olderRelease } from './release-tables.js';
import type { Row } from './rows.js';

/*
 * Exact rows of one patient. No grant of a role leads here: who calls these has found an open grant of a broken glass for
 * this patient.
 */

/** The number of a current patient in the release, by key; undefined for others and for those whose rows are denied. */
export async function numberOfPatient(key: Uint8Array, context: LoadContext): Promise<number | undefined> {
  const { gold, dialect } = context.plan;
  const rows = gold.selectFrom(`${dimPatient.name} as p` as never) as unknown as DynamicQuery;
  const number = { name: 'patient_no', type: { kind: 'int32' } } as const;
  const query = rows
    .where(sql<boolean>`${sql.ref('p.patient_sk')} = ${bind({ kind: 'key128' }, key)}`)
    .where(sql.ref('p.is_restricted'), '=', sql.lit(0))
    .select(dialect.output(sql.ref('p.patient_no'), number.type).as(number.name))
    .top(1);
  const { signal, requestId, handle } = context;
  const found = await handle.read(dialect.compile(query), [number], { signal, requestId, lane: 'point' });
  return found.columns[0]?.[0] as number | undefined;
}

/** All rows of a patient with the columns asked for, in order of time. Errors: `RESULT_TOO_LARGE`, `WAREHOUSE_UNAVAILABLE`. */
export async function exactRows(
  { table, beside, columns }: ExactRows,
  patient: number,
  names: readonly string[],
  most: number,
  context: LoadContext,
): Promise<readonly Row[]> {
  const { gold, dialect, release } = context.plan;
  const selected = names.map((name) => {
    const found = columns.get(name);
    if (!found) throw new MaplewoodError('POLICY_VIOLATION');
    return found;
  });
  if (selected.some((one) => !release.tables.get(one.table)?.has(one.column))) throw olderRelease();
  const output = selected.map(({ name, type }) => ({ name, type }));
  const expressionOf = ({ table: of, column, inTenths }: (typeof selected)[number]) => {
    const value = sql.ref(`${of === table.name ? 't' : 's'}.${column}`);
    return inTenths ? sql`${dialect.toDouble(value)} / 10` : value;
  };
  let query = (gold.selectFrom(`${table.name} as t` as never) as unknown as DynamicQuery)
    .where(sql<boolean>`${sql.ref('t.patient_no')} = ${bind({ kind: 'int32' }, patient)}`)
    .select([
      dialect.output(sql.ref('t.patient_no'), { kind: 'int32' }).as('__patient'),
      ...selected.map((one) => dialect.output(expressionOf(one), one.type).as(one.name)),
    ])
    .top(most + 1);
  if (beside && selected.some((one) => one.table === beside.table.name))
    query = query.leftJoin(`${beside.table.name} as s`, `s.${beside.key}`, `t.${beside.key}`);
  for (const column of table.sortedBy) query = query.orderBy(`t.${column}`);
  const { signal, requestId, handle, rowMakers } = context;
  const all = [{ name: '__patient', type: { kind: 'int32' } } as const, ...output];
  const result = await handle.read(dialect.compile(query), all, { signal, requestId });
  if (result.rowCount > most) throw new MaplewoodError('RESULT_TOO_LARGE');
  return rowMakers.rows(all, [], result, result.rowCount);
}
