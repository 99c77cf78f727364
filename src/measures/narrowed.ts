import type { DynamicQuery } from '../warehouse/dialect.js';
import type { Condition } from './aggregate.js';
import { conditionSql } from './condition.js';
import { columnType, type EventSource } from './source.js';

/** The source with only the events that meet the condition. */
export function narrowed(source: EventSource, condition: Condition): EventSource {
  const where = conditionSql(condition, (column) => columnType(source, column));
  if (where === undefined) return source;
  return {
    ...source,
    relation: (gold, dialect, acts) =>
      (gold.selectFrom(source.relation(gold, dialect, acts).as('n')) as unknown as DynamicQuery)
        .selectAll('n')
        .where(where),
  };
}
