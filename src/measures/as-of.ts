import { sql } from 'kysely';
import type { DynamicQuery } from '../warehouse/dialect.js';
import { versionsOf } from '../warehouse/gold/versions.js';
import type { ColumnType } from '../warehouse/table.js';
import { bind } from '../warehouse/value.js';
import type { GoldBuilder } from './source.js';

const instant: ColumnType = { kind: 'instant' };

/**
 * A dimension as it was known at an instant (exclusive), ISO 8601 in UTC: the versions that had been loaded before it and
 * were replaced at it or later. Without an instant, and of a table without versions, the table as it is.
 */
export function dimensionAsOf(gold: GoldBuilder, table: string, asOf: string | undefined): DynamicQuery {
  const versions = asOf === undefined ? undefined : versionsOf.get(table);
  if (asOf === undefined || versions === undefined)
    return gold.selectFrom(table as never) as unknown as DynamicQuery;
  const moment = bind(instant, asOf);
  return (gold.selectFrom(versions as never) as unknown as DynamicQuery)
    .where(sql<boolean>`valid_from < ${moment}`)
    .where(sql<boolean>`(valid_to is null or valid_to >= ${moment})`);
}
