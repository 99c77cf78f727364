import { type RawBuilder, sql } from 'kysely';
import type { Dialect } from '../../warehouse/dialect.js';
import type { Plan } from '../sql/compile.js';
import { type Fired, fired, outputsOf } from '../sql/fired.js';
import type { Term } from '../sql/term.js';

/** A row of cds_variable for each result of a rule: a variable, or a value that its message needs. */
export interface StoredVariable {
  readonly name: string;
  readonly value?: Term;
  readonly time?: Term;
}

/** Columns of cds_variable that hold a value. */
export const valueColumns = ['number_value', 'text_value', 'time_value', 'boolean_value'] as const;
export type ValueColumn = (typeof valueColumns)[number];

/** Name of a term in the table of those for whom a rule fires. */
export const columnOf = ({ id }: Term): string => `c${id}`;

/** What the engine computes of a rule, each term once; in the same order for the same text and time. */
export const neededTerms = (plan: Plan): readonly Term[] => outputsOf(plan).terms;

/** What is kept of a rule. */
export function storedVariables(plan: Plan): StoredVariable[] {
  const needed = new Set(neededTerms(plan));
  if (plan.subject) needed.delete(plan.subject);
  const rest = new Set(needed);
  const variables = [...plan.variables].flatMap(([name, { value, time }]): StoredVariable[] => {
    const kept = {
      ...(needed.has(value) ? { value } : {}),
      ...(time && needed.has(time) ? { time } : {}),
    };
    for (const term of Object.values(kept)) rest.delete(term);
    return Object.keys(kept).length === 0 ? [] : [{ name, ...kept }];
  });
  return [...variables, ...[...rest].map((value, at) => ({ name: `#${at + 1}`, value }))];
}

export function valueColumnOf({ type }: Term): ValueColumn {
  switch (type) {
    case 'boolean':
      return 'boolean_value';
    case 'string':
      return 'text_value';
    case 'day':
    case 'instant':
    case 'wall':
      return 'time_value';
    default:
      return 'number_value';
  }
}

/** A term, computed in a column, in the form in which it is kept. */
export function storedForm(term: Term, column: RawBuilder<unknown>, dialect: Dialect): RawBuilder<unknown> {
  switch (valueColumnOf(term)) {
    case 'boolean_value':
      return sql`cast(${column} as ${sql.raw(dialect.columnType({ kind: 'boolean' }))})`;
    case 'text_value':
      return sql`left(${column}, 2000)`;
    case 'time_value':
      return term.type === 'day' ? dialect.midnight(column) : column;
    case 'number_value':
      return dialect.toDouble(column);
  }
}

/** A row of cds_variable as it is read. */
export interface VariableRow {
  readonly name: string;
  readonly value_type: string | null;
  readonly number_value: number | null;
  readonly text_value: string | null;
  readonly time_value: string | null;
  readonly boolean_value: boolean | null;
  readonly primary_time: string | null;
  readonly time_type: string | null;
}

/** What a rule said of a patient, out of what was kept of it. `plan`: the text that fired, at the time when it did. */
export function firedFrom(plan: Plan, rows: readonly VariableRow[]): Fired {
  const byName = new Map(rows.map((row) => [row.name, row]));
  const values = new Map<string, unknown>([['patient_no', 0]]);
  for (const { name, value, time } of storedVariables(plan)) {
    const row = byName.get(name);
    if (value) values.set(columnOf(value), row ? readForm(value, row[valueColumnOf(value)]) : null);
    if (time) values.set(columnOf(time), row ? readForm(time, row.primary_time) : null);
  }
  return fired(plan, outputsOf(plan), values);
}

/** A kept value in the form in which it would have left the engine. */
function readForm({ type }: Term, value: number | string | boolean | null): unknown {
  if (value === null) return null;
  switch (type) {
    case 'boolean':
      return value === true ? 1 : 0;
    case 'day':
      return String(value).slice(0, 10);
    case 'wall':
      return Date.parse(String(value)) / 1000;
    default:
      return value;
  }
}
