import type { Contract } from '../contracts/contract.js';
import { name, quoted } from '../sql.js';
import { fateTable } from './fate.js';
import { isSentinel, type Stage } from './stage.js';

/**
 * SQL that writes the silver file of a dataset: the rows that stay, one a key, typed, sentinels nulled, in the
 * order received. Columns: those of the contract, `_batch`, `_row`, `_flags`.
 */
export function silverSql(contract: Contract, staged: Stage, path: string): string {
  const nullified = new Map(
    contract.rules.filter((rule) => rule.nullify).map((rule) => [rule.column, rule.violated]),
  );
  const columns = Object.entries(contract.columns).map(([columnName, column]) => {
    let value = `t.${name(columnName)}`;
    if (column.sentinels) value = `case when not ${isSentinel(columnName, column)} then ${value} end`;
    const violated = nullified.get(columnName);
    if (violated) value = `case when not coalesce(${violated}, false) then ${value} end`;
    if (column.type.kind === 'codes') {
      // Repeated codes are counted and then kept once, in the order supplied.
      value = `case when ${value} like '%,%' then array_to_string(list_filter(string_split(${value}, ','), lambda x, i: list_position(string_split(${value}, ','), x) = i), ',') else ${value} end`;
    }
    return `${value} as ${name(columnName)}`;
  });
  return `copy (
  select ${columns.join(', ')}, t._batch, t._row, t._flags
  from ${staged.table} t anti join ${fateTable(contract.dataset)} f on t._batch = f._batch and t._row = f._row
  where t._reject = 0
) to ${quoted(path)} (format parquet, compression zstd)`;
}
