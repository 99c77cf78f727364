import type { Contract } from '../contracts/contract.js';
import { name } from '../sql.js';
import { isSentinel } from './rules.js';

/**
 * Current rows of a dataset from its log `stage`: one a key, typed, sentinels nulled. Columns: those of the contract,
 * `_batch`, `_row`, `_loaded_at`, `_flags`.
 */
export const currentRows = (contract: Contract, stage: string): string =>
  `select ${silverForm(contract)}, t._batch, t._row, t._loaded_at, t._flags from ${stage} t where t._reject = 0 and t._fate is null`;

/** Select list of the contract's columns of a staged row `t` in their silver form. */
export function silverForm(contract: Contract): string {
  const nullified = new Map(
    contract.rules.filter((rule) => rule.nullify).map((rule) => [rule.column, rule.violated]),
  );
  return Object.entries(contract.columns)
    .map(([columnName, column]) => {
      let value = `t.${name(columnName)}`;
      if (column.sentinels) value = `case when not ${isSentinel(columnName, column)} then ${value} end`;
      const violated = nullified.get(columnName);
      if (violated) value = `case when not coalesce(${violated}, false) then ${value} end`;
      if (column.type.kind === 'codes') {
        // Repeated codes are counted and then kept once, in the order supplied.
        value = `case when ${value} like '%,%' then array_to_string(list_filter(string_split(${value}, ','), lambda x, i: list_position(string_split(${value}, ','), x) = i), ',') else ${value} end`;
      }
      return `${value} as ${name(columnName)}`;
    })
    .join(', ');
}
