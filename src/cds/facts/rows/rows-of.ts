import type { Row } from '../../arden/host.js';
import { timeAt, timeOfInstant } from '../../arden/run/time.js';
import type { Datum, Time } from '../../arden/value.js';
import type { Fact, FactColumn, FactReference } from '../fact.js';
import type { Registry } from '../registry.js';
import { type FactValue, type FactValues, matcher } from './matches.js';

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
export const rowsOf = (
  reference: FactReference,
  rows: readonly FactRowValues[],
  now: Time,
  valueSets: Registry['valueSets'],
): Row[] => rowsAmong(reference, knownRowsOf(reference.fact, rows, now), valueSets);

/** Rows of a fact as they were known at a time, in the order of a READ, for any number of references to it. */
export function knownRowsOf(fact: Fact, rows: readonly FactRowValues[], now: Time): readonly KnownRow[] {
  const known: KnownRow[] = [];
  for (const row of rows) {
    const time = fact.time ? timeOf(fact.time.stored, row.values[fact.time.column] ?? null) : null;
    if (!fact.time || (time !== null && time.instant <= now.instant))
      known.push(new KnownRow(fact, row, time, now));
  }
  return known.sort(inOrder);
}

/** The rows of a reference among those of its fact that were known. */
export function rowsAmong(
  { fact, columns, where }: FactReference,
  known: readonly KnownRow[],
  valueSets: Registry['valueSets'],
): Row[] {
  if (known.length === 0) return [];
  const tests = where.map((condition) => {
    const declared = fact.columns[condition.column];
    const holds = declared ? matcher(condition, declared, valueSets) : () => false;
    return (row: KnownRow): boolean => holds(row.value(condition.column));
  });
  return known
    .filter((row) => tests.every((holds) => holds(row)))
    .map((row) => ({
      time: row.time,
      values: columns.map((name) => row.datum(name)),
      ...(row.key === undefined ? {} : { key: row.key }),
    }));
}

/** A row as it was known at a time. A value is made once of what is stored, whatever the number of READs. */
class KnownRow {
  private readonly data = new Map<string, Datum>();
  private readonly times = new Map<string, Time | null>();

  constructor(
    private readonly fact: Fact,
    private readonly row: FactRowValues,
    readonly time: Time | null,
    private readonly now: Time,
  ) {}

  get key(): string | undefined {
    return this.row.key;
  }

  /** A column as it is stored, null while the time at which it becomes known is still to come. */
  value(name: string): FactValue {
    const value = this.row.values[name] ?? null;
    const knownAt = this.fact.columns[name]?.knownAt;
    if (value === null || knownAt === undefined) return value;
    const time = this.timeIn(knownAt);
    return time !== null && time.instant <= this.now.instant ? value : null;
  }

  /** The same as a rule reads it. */
  datum(name: string): Datum {
    const made = this.data.get(name) ?? datumOf(this.fact.columns[name], this.value(name));
    this.data.set(name, made);
    return made;
  }

  /** The time that is stored in a column, known or not. */
  private timeIn(name: string): Time | null {
    const made = this.times.get(name);
    if (made !== undefined) return made;
    const stored = this.fact.columns[name]?.stored;
    const time = stored === undefined ? null : timeOf(stored, this.row.values[name] ?? null);
    this.times.set(name, time);
    return time;
  }
}

const inOrder = (a: KnownRow, b: KnownRow): number =>
  (a.time?.instant ?? 0) - (b.time?.instant ?? 0) || byKey(a.key ?? '', b.key ?? '');
const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

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
