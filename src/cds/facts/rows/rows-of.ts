import type { Row } from '../../arden/host.js';
import { timeAt, timeOfInstant } from '../../arden/run/time.js';
import type { Datum, Time } from '../../arden/value.js';
import type { Fact, FactColumn, FactReference } from '../fact.js';
import type { Registry } from '../registry.js';
import { type FactValue, type FactValues, matches } from './matches.js';

/** A row of a fact: its columns by name, and its key where it is a row of gold. */
export interface FactRowValues {
  readonly values: FactValues;
  /** Names the row, compared bytewise. */
  readonly key?: string;
}

/**
 * The rows of a reference among rows of its fact, as they were known at a time, in the order of a READ: by primary time,
 * then by key, or where there are no keys as given. The same as `factRelation` gives of the same rows.
 */
export function rowsOf(
  { fact, columns, where }: FactReference,
  rows: readonly FactRowValues[],
  now: Time,
  valueSets: Registry['valueSets'],
): Row[] {
  const kept: Row[] = [];
  for (const { values, key } of rows) {
    const time = fact.time ? timeOf(fact.time.stored, values[fact.time.column] ?? null) : null;
    if (fact.time && (time === null || time.instant > now.instant)) continue;
    const known = (name: string): FactValue => asKnown(fact, name, values, now);
    const holds = where.every((condition) => {
      const declared = fact.columns[condition.column];
      return declared !== undefined && matches(condition, declared, known(condition.column), valueSets);
    });
    if (!holds) continue;
    kept.push({
      time,
      values: columns.map((name) => datumOf(fact.columns[name], known(name))),
      ...(key === undefined ? {} : { key }),
    });
  }
  return kept.sort(inOrder);
}

const inOrder = (a: Row, b: Row): number =>
  (a.time?.instant ?? 0) - (b.time?.instant ?? 0) || byKey(a.key ?? '', b.key ?? '');
const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A column, null while the time at which it becomes known is still to come. */
function asKnown(fact: Fact, name: string, values: FactValues, now: Time): FactValue {
  const value = values[name] ?? null;
  const knownAt = fact.columns[name]?.knownAt;
  if (knownAt === undefined) return value;
  const stored = fact.columns[knownAt]?.stored;
  const time = stored === undefined ? null : timeOf(stored, values[knownAt] ?? null);
  return time !== null && time.instant <= now.instant ? value : null;
}

/** A stored day or instant as a time; null for null. */
function timeOf(stored: 'date' | 'instant', value: FactValue): Time | null {
  if (value === null) return null;
  const millis = Date.parse(stored === 'date' ? `${value}T00:00:00Z` : String(value));
  if (stored === 'instant') return timeOfInstant(millis);
  return timeAt(millis) ?? null;
}

/** A value as a rule reads it. */
function datumOf(column: FactColumn | undefined, value: FactValue): Datum {
  if (value === null || column === undefined) return { type: 'null' };
  switch (column.type) {
    case 'boolean':
      return { type: 'boolean', value: Boolean(value) };
    case 'number':
      return { type: 'number', value: Number(value) };
    case 'string':
    case 'codes':
      return { type: 'string', value: String(value) };
    case 'time': {
      const time = timeOf(column.stored ?? 'date', value);
      return time ? { type: 'time', value: time } : { type: 'null' };
    }
  }
}
