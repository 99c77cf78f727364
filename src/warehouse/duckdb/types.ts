import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import { MaplewoodError } from '../../errors.js';
import type { ColumnType } from '../table.js';
import type { TypedValue } from '../value.js';

/** Column type as DuckDB DDL. Instants are TIMESTAMP holding UTC: TIMESTAMPTZ would depend on a session's zone. */
export function columnType(type: ColumnType): string {
  switch (type.kind) {
    case 'text':
      return 'VARCHAR';
    case 'int32':
      return 'INTEGER';
    case 'int64':
      return 'BIGINT';
    case 'double':
      return 'DOUBLE';
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'instant':
      return 'TIMESTAMP';
    case 'key128':
      return 'BLOB';
  }
}

/** DuckDB's own type and value of a parameter. Error: `BAD_USER_INPUT` for text that is no such value. */
export function toDuckdb(parameter: TypedValue): { type: DuckDBType; value: DuckDBValue } {
  const { type, value } = parameter;
  const wrap = (duckdbType: DuckDBType, make: () => DuckDBValue) => ({
    type: duckdbType,
    value: value === null ? null : make(),
  });
  switch (type.kind) {
    case 'text':
      return wrap(VARCHAR, () => String(value));
    // A decimal travels as text and is compared as a decimal by the cast beside it.
    case 'decimal':
      return wrap(VARCHAR, () => String(value));
    case 'int32':
      return wrap(INTEGER, () => Number(value));
    case 'int64':
      return wrap(BIGINT, () => BigInt(value as number | bigint | string));
    case 'double':
      return wrap(DOUBLE, () => Number(value));
    case 'boolean':
      return wrap(BOOLEAN, () => Boolean(value));
    case 'date':
      return wrap(DATE, () => new DuckDBDateValue(daysSinceEpoch(String(value))));
    case 'instant':
      return wrap(TIMESTAMP, () => new DuckDBTimestampValue(BigInt(millis(String(value))) * 1000n));
    case 'key128':
      return wrap(BLOB, () => new DuckDBBlobValue(value as Uint8Array));
  }
}

function millis(iso: string): number {
  const found = Date.parse(iso);
  if (Number.isNaN(found))
    throw new MaplewoodError('BAD_USER_INPUT', 'A date-time is not a valid ISO 8601 instant.');
  return found;
}

function daysSinceEpoch(day: string): number {
  return Math.floor(millis(`${day}T00:00:00Z`) / 86_400_000);
}
