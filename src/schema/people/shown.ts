import { type RawBuilder, sql } from 'kysely';
import type { Role } from '../../access/role.js';
import { sensitiveMark } from '../../access/sensitive.js';
import type { rowColumns } from '../../warehouse/gold/dimensions.js';
import type { RowOfPerson, Shown, ShownTo } from '../declare/metadata.js';

/** What roles see of a column of rows of people (the field × role table of the access model). */

/** The same for several roles. */
export const forRoles = (roles: readonly Role[], shown: Shown): ShownTo =>
  Object.fromEntries(roles.map((role) => [role, shown]));

/** A column of the dataset's table as it is. */
export const own = (column: string): Shown => ({ value: (row) => row.own(column) });

/** A column of a joined table as it is. */
export const joined = (join: string, column: string): Shown => ({ value: (row) => row.joined(join, column) });

export const hiddenNote = 'Null where too few patients would show the same.';

/**
 * A row column of the patient. It is that of now whatever day is asked for: with the attributes of several days side by
 * side a patient would show what nobody else does, however many show the same on each of them.
 */
export const generalised = (column: keyof typeof rowColumns): Shown => ({
  value: (row) => row.patient(column),
  as: hiddenNote,
});

/** A row column for both roles that see no other. */
export const same = (column: keyof typeof rowColumns): Generalised => ({
  analyst: generalised(column),
  finance: generalised(column),
});

/** Another place of the patient: shown where rows show the postcode area, at the finest level. */
export const atFinest = ({ value }: Shown): Shown => ({
  value: (row) => sql`(case when ${row.patient('row_level')} = 0 then ${value(row)} end)`,
  as: 'Null where the postcode area is hidden.',
});

type Generalised = Readonly<Record<'analyst' | 'finance', Shown>>;

/** An attribute of patients: clinicians see that of everybody, the others a row column. */
export const attribute = (roles: readonly Role[], everybody: Shown, rows: Generalised): ShownTo =>
  Object.fromEntries(
    Object.entries({ ...rows, clinician: everybody }).filter(([role]) => roles.includes(role as Role)),
  );

/** A day: analysts see the week, finance the month, clinicians the day. */
export const day = (
  column: string,
  roles: readonly Role[] = ['analyst', 'finance', 'clinician'],
): ShownTo => {
  const all: ShownTo = {
    analyst: {
      value: ({ dialect, own: of }) => dialect.bucket('WEEK', of(column)),
      as: 'The Monday of its ISO week.',
    },
    finance: {
      value: ({ dialect, own: of }) => dialect.bucket('MONTH', of(column)),
      as: 'The first day of its month.',
    },
    clinician: own(column),
  };
  return Object.fromEntries(Object.entries(all).filter(([role]) => roles.includes(role as Role)));
};

/** The number of an event among those of its patient, by `order`: it keeps the order that a week hides. */
export const sequence = (...order: readonly string[]): Shown => ({
  value: (row) =>
    sql`row_number() over (partition by ${row.own('patient_no')} order by ${sql.join(order.map((column) => row.own(column)))})`,
});

/** A number cut off at the limit of the release. */
const cut = (row: RowOfPerson, value: RawBuilder<unknown>, limit: string): RawBuilder<unknown> =>
  sql`(case when ${value} > ${row.limit(limit)} then ${row.limit(limit)} else ${value} end)`;

const cutNote = 'Above the 99.5th percentile of the release that percentile.';

export const cutOff = (value: Shown['value'], limit: string): Shown => ({
  value: (row) => cut(row, value(row), limit),
  as: cutNote,
});

/** Minutes rounded to 15. */
export const quarterHours = (column: string): Shown => ({
  value: (row) => row.dialect.roundTo(15, cut(row, row.own(column), column)),
  as: `Rounded to 15. ${cutNote}`,
});

/** Pounds rounded to 10. Of a value without pence the halves are the same, so they are dropped first. */
export const tenPounds = (column: string): Shown => ({
  value: (row) => row.dialect.roundTo(10, sql`floor(${cut(row, row.own(column), column)})`),
  as: `Rounded to £10. ${cutNote}`,
});

/** Costs: rounded for analysts, exact for finance, for nobody else. */
export const cost = (column: string): ShownTo => ({ analyst: tenPounds(column), finance: own(column) });

export const sensitiveNote = `${sensitiveMark} in a row whose primary diagnosis is a listed one.`;

/** The category of a code, in rows whose primary diagnosis is not a listed one. */
export const category = (column: string, known?: string): Shown => ({
  value: (row) => unlessSensitive(row, categoryOf(row, column, known)),
  as: `Its first three characters. ${sensitiveNote}`,
});

const categoryOf = (row: RowOfPerson, column: string, known?: string): RawBuilder<unknown> =>
  known === undefined
    ? sql`left(${row.own(column)}, 3)`
    : sql`case when ${row.own(known)} = 1 then left(${row.own(column)}, 3) end`;

/** A value that a row with a listed primary diagnosis does not show. */
export const masked = (value: Shown['value']): Shown => ({
  value: (row) => unlessSensitive(row, value(row)),
  as: sensitiveNote,
});

const unlessSensitive = (row: RowOfPerson, value: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(case when ${row.own('is_sensitive')} = 1 then ${sql.lit(sensitiveMark)} else ${value} end)`;
