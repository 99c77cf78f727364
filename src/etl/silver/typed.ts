import { longestToken, type SourceColumn, type SourceType } from '../contracts/contract.js';
import { name } from '../sql.js';

/** How a delivered column becomes a typed one. */
export interface TypedExpressions {
  /** The value as the silver type; null where it is missing or not convertible. */
  readonly value: string;
  /** TRUE where a value was delivered that the type does not take; undefined where that cannot be. */
  readonly invalid?: string;
  /** The delivered value as trimmed text, null where empty: for the shape shown in quarantine. */
  readonly raw: string;
}

/** TRUE for an id that is a FHIR token `namespace|value`. */
export const isToken = (value: string): string => `contains(${value}, '|')`;

/** DuckDB type of a silver column. */
export function silverType(type: SourceType): string {
  switch (type.kind) {
    case 'text':
    case 'codes':
      return 'VARCHAR';
    case 'integer':
      return 'BIGINT';
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'localTime':
      return 'TIMESTAMP';
  }
}

/**
 * Typed form of a delivered column. DuckDB's own casts are lenient ('12.7' would become 13, 'inf' a number), so
 * text is matched against the whole pattern first. A Parquet column that already has the type is taken as it is.
 */
export function typed(columnName: string, column: SourceColumn, physical: string): TypedExpressions {
  const ref = name(columnName);
  const raw = physical === 'VARCHAR' ? `nullif(trim(${ref}), '')` : `cast(${ref} as varchar)`;
  const { type } = column;
  const whenMatches = (pattern: string, value: string): TypedExpressions => ({
    value: `case when regexp_full_match(${raw}, '${pattern}') then ${value} end`,
    invalid: `${raw} is not null and coalesce(case when regexp_full_match(${raw}, '${pattern}') then ${value} end, null) is null`,
    raw,
  });
  switch (type.kind) {
    case 'text': {
      const token = isToken(raw);
      const upper = column.token ? `case when ${token} then ${raw} else upper(${raw}) end` : `upper(${raw})`;
      const longest = column.token
        ? `case when ${token} then ${longestToken} else ${type.length} end`
        : `${type.length}`;
      return { value: column.upper ? upper : raw, invalid: `length(${raw}) > ${longest}`, raw };
    }
    case 'codes':
      return {
        value: `nullif(${column.upper === false ? '' : 'upper'}(replace(${raw}, ' ', '')), '')`,
        invalid: `length(${raw}) > ${type.length}`,
        raw,
      };
    case 'integer': {
      if (/^(TINY|SMALL|BIG|U|)INT(EGER)?$/.test(physical)) {
        const value = `cast(${ref} as bigint)`;
        return { value, invalid: outside(value, type.min, type.max), raw };
      }
      const found = whenMatches('[+-]?\\d{1,15}(\\.0*)?', `try_cast(try_cast(${raw} as double) as bigint)`);
      return { ...found, invalid: `(${found.invalid} or ${outside(found.value, type.min, type.max)})` };
    }
    case 'decimal': {
      const pattern = `[+-]?\\d{1,${type.precision - type.scale}}(\\.\\d*)?([eE][+-]?\\d{1,2})?`;
      return whenMatches(pattern, `try_cast(${raw} as ${silverType(type)})`);
    }
    case 'boolean':
      if (physical === 'BOOLEAN') return { value: ref, raw };
      return whenMatches('(?i)(true|false|t|f|1|0)(\\.0)?', `lower(left(${raw}, 1)) in ('t', '1')`);
    case 'date':
      if (physical === 'DATE') return { value: ref, raw };
      return whenMatches(
        '\\d{4}-\\d{2}-\\d{2}([ T]00:00(:00(\\.0*)?)?)?',
        `cast(try_strptime(left(${raw}, 10), '%Y-%m-%d') as date)`,
      );
    case 'localTime':
      if (physical.startsWith('TIMESTAMP') && !physical.includes('ZONE'))
        return { value: `cast(${ref} as timestamp)`, raw };
      return whenMatches(
        '\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?',
        `try_cast(replace(${raw}, 'T', ' ') as timestamp)`,
      );
  }
}

/** Negative numbers are left to the rule NEGATIVE_VALUE, which names what is wrong. */
function outside(value: string, min: number, max: number): string {
  return `(${value} > ${max} or (${value} < ${min} and ${value} >= 0))`;
}

/** A column that no file of the batch has. */
export const absent = (column: SourceColumn): TypedExpressions => ({
  value: `cast(null as ${silverType(column.type)})`,
  raw: 'cast(null as varchar)',
});
