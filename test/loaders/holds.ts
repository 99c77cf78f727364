import type { Filter, FilterValue } from '../../src/loaders/filter.js';

export type Value = string | number | boolean | null;

/** Names of the columns that a filter tests. */
export const namesIn = (filter: Filter): string[] =>
  filter.kind === 'test'
    ? [filter.column]
    : filter.kind === 'not'
      ? namesIn(filter.part)
      : filter.parts.flatMap(namesIn);

export const partsOf = (filter: Filter | undefined): readonly Filter[] =>
  filter === undefined ? [] : filter.kind === 'and' ? filter.parts.flatMap(partsOf) : [filter];

/** A decimal is text, and is compared as a number. */
export const comparable = (value: Value): Value =>
  typeof value === 'string' && /^-?\d+\.\d+$/.test(value) ? Number(value) : value;

/** true, false, or null for unknown: null equals nothing, and only `ne` and `isNull` are true for it. */
export function holds(filter: Filter, valueIn: (column: string) => Value): boolean | null {
  if (filter.kind === 'not') {
    const inner = holds(filter.part, valueIn);
    return inner === null ? null : !inner;
  }
  if (filter.kind !== 'test') {
    const inner = filter.parts.map((part) => holds(part, valueIn));
    const decisive = filter.kind === 'or';
    return inner.includes(decisive) ? decisive : inner.includes(null) ? null : !decisive;
  }
  const found = comparable(valueIn(filter.column));
  const plain = (value: FilterValue): Value =>
    typeof found === 'number' && typeof value === 'string' ? Number(value) : comparable(value as Value);
  const given = plain(filter.value as FilterValue);
  switch (filter.op) {
    case 'isNull':
      return (found === null) === given;
    case 'eq':
      return found !== null && found === given;
    case 'ne':
      return found !== given;
    case 'in':
      return found !== null && (filter.value as readonly FilterValue[]).map(plain).includes(found);
    default:
  }
  if (found === null || given === null) return null;
  switch (filter.op) {
    case 'lt':
      return found < given;
    case 'lte':
      return found <= given;
    case 'gt':
      return found > given;
    case 'gte':
      return found >= given;
    case 'startsWith':
      return String(found).startsWith(String(given));
    case 'endsWith':
      return String(found).endsWith(String(given));
    case 'contains':
      return String(found).includes(String(given));
    default:
      throw new Error(`no meaning for ${filter.op}`);
  }
}
