import { sql } from 'kysely';
import { tableAlias } from '../schema/people/relation.js';
import type { DynamicQuery } from '../warehouse/dialect.js';
import { dimPatient } from '../warehouse/gold/dimensions.js';
import { bind } from '../warehouse/value.js';
import type { LoadContext } from './load.js';
import { mostParents } from './plan/people.js';
import { inOwnCare } from './plan/scope.js';

/** Those of some patients, at most 1,500, who are in care at the trusts of the grant. */
export async function patientsInCare(
  numbers: readonly number[],
  { plan, handle, signal, requestId }: LoadContext,
): Promise<ReadonlySet<number>> {
  if (numbers.length === 0) return new Set();
  if (numbers.length > mostParents) throw new Error(`more than ${mostParents} patients at once`);
  const { gold, dialect } = plan;
  const number = { name: 'patient_no', type: { kind: 'int32' } } as const;
  const column = sql.ref(`${tableAlias}.patient_no`);
  const among = sql.join(numbers.map((one) => bind(number.type, one)));
  const patients = (
    gold.selectFrom(`${dimPatient.name} as ${tableAlias}` as never) as unknown as DynamicQuery
  ).where(sql<boolean>`${column} in (${among})`);
  const query = inOwnCare(patients, plan).select(dialect.output(column, number.type).as(number.name));
  const { columns } = await handle.read(dialect.compile(query), [number], {
    signal,
    requestId,
    lane: 'point',
  });
  return new Set((columns[0] ?? []).map(Number));
}
