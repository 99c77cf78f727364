import { timeAt } from '../../arden/run/time.js';
import { normalCode } from '../codes.js';
import type { Fact, FactColumn } from '../fact.js';
import { instantText } from './bounds.js';
import type { FactValue, FactValues } from './matches.js';

/** Procedure codes that a supplier writes into the diagnosis of planned spells: they are no diagnoses there. */
const procedures: readonly unknown[] = ['H01', 'J27', 'T87', 'W37'];
const planned: readonly unknown[] = ['11', '12', '13'];

/**
 * A row of a fact that comes from elsewhere than gold (a fixture, a prefetch), in the form in which gold would have it:
 * codes normalised, what is no code of its system null, instants in UTC. A time without zone is one of Europe/London.
 * Columns left out are null. Gives what is wrong with the row, a line each, where anything is.
 */
export function givenValues(
  fact: Fact,
  given: Readonly<Record<string, unknown>>,
): { readonly values: FactValues } | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const values: Record<string, FactValue> = {};
  for (const [name, value] of Object.entries(given)) {
    const column = Object.hasOwn(fact.columns, name) ? fact.columns[name] : undefined;
    const found = column ? goldValue(column, value) : undefined;
    if (!column) problems.push(`${fact.name} has no column ${name}: ${Object.keys(fact.columns).join(', ')}`);
    else if (found === undefined) problems.push(`${fact.name}: ${name} is no ${describe(column)}`);
    else values[name] = found;
  }
  if (planned.includes(given['admission_method']) && procedures.includes(given['primary_diagnosis']))
    values['primary_diagnosis'] = null;
  if (fact.time && (values[fact.time.column] ?? null) === null)
    problems.push(`${fact.name}: ${fact.time.column} is its primary time and is missing`);
  for (const [name, value] of Object.entries(values)) {
    const knownAt = fact.columns[name]?.knownAt;
    if (value !== null && knownAt !== undefined && (values[knownAt] ?? null) === null)
      problems.push(`${fact.name}: ${name} is known at ${knownAt}, which is missing`);
  }
  return problems.length > 0 ? { problems } : { values };
}

/** A value in the form of gold; undefined where it is of another type. */
function goldValue(column: FactColumn, value: unknown): FactValue | undefined {
  if (value === null) return null;
  switch (column.type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    case 'string': {
      if (typeof value !== 'string') return undefined;
      return column.system ? normalCode(column.system, value) : value;
    }
    case 'codes': {
      if (typeof value !== 'string') return undefined;
      const items = value.split(',').map((item) => item.trim());
      const { system } = column;
      const kept = system ? items.flatMap((item) => normalCode(system, item) ?? []) : items;
      return kept.length === 0 ? null : kept.join(',');
    }
    case 'time':
      return column.stored === 'instant' ? instantValue(value) : dayValue(value);
  }
}

const dayForm = /^\d{4}-\d{2}-\d{2}$/;
const localForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/;
const zonedForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/;

function dayValue(value: unknown): string | undefined {
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? undefined : value.toISOString().slice(0, 10);
  return typeof value === 'string' && dayForm.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
}

function instantValue(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (zonedForm.test(value)) {
    const instant = Date.parse(value);
    return Number.isNaN(instant) ? undefined : instantText({ wall: instant, instant });
  }
  const wall = localForm.test(value) ? Date.parse(`${value}Z`) : Number.NaN;
  const time = Number.isNaN(wall) ? undefined : timeAt(wall);
  return time && instantText(time);
}

const describe = ({ type, stored }: FactColumn): string =>
  type === 'time' ? (stored === 'instant' ? 'time YYYY-MM-DDThh:mm:ss' : 'day YYYY-MM-DD') : type;
