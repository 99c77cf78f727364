import { type RawBuilder, sql } from 'kysely';
import type { RowDataset } from '../../schema/declare/dataset.js';
import { tableAlias } from '../../schema/people/relation.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { factEdAttendance, factSpell } from '../../warehouse/gold/facts.js';
import { addDays } from '../../warehouse/grain.js';
import { literalCode, literalDay, literalInstant } from '../../warehouse/value.js';
import { midnight } from './as-of.js';
import type { PlanContext } from './plan.js';

/**
 * The rows of a relation that lie in the scope of the grant, at the base table:
 * - events with a trust: those of the own trusts;
 * - patients: those with a spell or an attendance at one of them; by their costs no narrowed finance role sees them;
 * - events without a trust: for clinicians those of patients in care, for others whose trusts are narrowed none.
 */
export function inScope(rows: DynamicQuery, dataset: RowDataset, context: PlanContext): DynamicQuery {
  const { role, trusts } = context.grant;
  if (trusts === null && role !== 'clinician') return rows;
  const own = trusts ?? [];
  if (own.length === 0) return rows.where(never);
  const { scopeOfPatient, careOnly } = dataset.people ?? {};
  if (dataset.people?.trust !== undefined)
    return rows.where(atTrusts(`${tableAlias}.${dataset.people.trust}`, own));
  if (dataset.people?.cohort && role === 'finance') return rows.where(never);
  if (dataset.table.name === dimPatient.name || scopeOfPatient) {
    const seen = seenIn(
      rows,
      patientsOf(context, factSpell.name, own),
      patientsOf(context, factEdAttendance.name, own),
    );
    return role === 'clinician' && careOnly !== undefined ? inCare(seen, own, context, careOnly) : seen;
  }
  return role === 'clinician' ? inCare(rows, own, context) : rows.where(never);
}

/** Rows of patients in care at the own trusts, whatever they are rows of. */
export function inOwnCare(rows: DynamicQuery, context: PlanContext): DynamicQuery {
  const own = context.grant.trusts ?? [];
  return own.length === 0 ? rows.where(never) : inCare(rows, own, context);
}

const never = sql<boolean>`1 = 0`;

/** Condition of rows at one of the trusts, by the column that holds the trust. At none of them, or without one, there is no row. */
export const atTrusts = (column: string | undefined, trusts: readonly string[]): RawBuilder<boolean> =>
  column === undefined || trusts.length === 0
    ? never
    : sql<boolean>`${sql.ref(column)} in (${sql.join(trusts.map(literalCode))})`;

const patientsOf = ({ gold }: PlanContext, fact: string, trusts: readonly string[]): DynamicQuery =>
  (gold.selectFrom(`${fact} as f` as never) as unknown as DynamicQuery)
    .where(atTrusts('f.trust_code', trusts))
    .select('f.patient_no');

/**
 * Patients in care: with a spell or an attendance at an own trust that is open, or has ended at most so many days before
 * the last day with data. `only`: column that is 0 in rows for which this does not matter.
 */
function inCare(
  rows: DynamicQuery,
  trusts: readonly string[],
  context: PlanContext,
  only?: string,
): DynamicQuery {
  const since = addDays(context.release.dataAsOf, -context.careDays);
  const spells = patientsOf(context, factSpell.name, trusts).where(
    sql<boolean>`(f.discharge_date is null or f.discharge_date >= ${literalDay(since)})`,
  );
  const attendances = patientsOf(context, factEdAttendance.name, trusts).where(
    sql<boolean>`f.departed_at >= ${literalInstant(context.dialect, midnight(since))}`,
  );
  return seenIn(rows, spells, attendances, only);
}

const seenIn = (
  rows: DynamicQuery,
  spells: DynamicQuery,
  attendances: DynamicQuery,
  unless?: string,
): DynamicQuery =>
  rows.where((eb) => {
    // One list of both: of a single patient the engine then looks for that one in it, and does not gather all of them first.
    const seen = eb(`${tableAlias}.patient_no`, 'in', spells.unionAll(attendances));
    return unless === undefined ? seen : eb.or([sql<boolean>`${sql.ref(unless)} = 0`, seen]);
  });
