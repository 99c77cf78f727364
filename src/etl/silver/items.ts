import type { Contract, SourceColumn } from '../contracts/contract.js';
import { name, quoted } from '../sql.js';
import type { Flag } from './rules.js';

/** A coded item of a dataset: a column of the contract with a code list or a form. */
const isItem = ({ codes, pattern }: SourceColumn): boolean => codes !== undefined || pattern !== undefined;

/**
 * SQL that counts each coded item of a dataset by VODIM class, one row an item, in one pass. Relation: typed rows
 * with `_flags`, sentinels as delivered or already null. A value counts once: Missing, else Other or Default by the
 * contract, else Invalid if a rule about its form or list marks it, else Valid. Undefined where there is no item.
 */
export function vodimSql(contract: Contract, flags: readonly Flag[], relation: string): string | undefined {
  const items = Object.entries(contract.columns).filter(([, column]) => isItem(column));
  if (items.length === 0) return undefined;
  const counts = items.map(([columnName, column], index) => {
    const marked = maskOf(contract, flags, columnName, column);
    const value = `cast(${name(columnName)} as varchar)`;
    const isMarked = `(_flags & ${marked}) <> 0`;
    const among = (values: readonly string[] | undefined): string =>
      values && values.length > 0 ? `${value} in (${values.map(quoted).join(', ')})` : 'false';
    const other = `count(*) filter (${among(column.notStated)})`;
    const defaulted = `count(*) filter (${among(column.defaults)})`;
    const missing = `count(*) filter (${name(columnName)} is null and not ${isMarked})`;
    const invalid = `count(*) filter (${isMarked} and not coalesce(${among([...(column.notStated ?? []), ...(column.defaults ?? [])])}, false))`;
    return `${other} as o${index}, ${defaulted} as d${index}, ${invalid} as i${index}, ${missing} as m${index}`;
  });
  const rows = items.map(
    ([columnName], index) =>
      `select ${quoted(contract.dataset)} as dataset, ${quoted(columnName)} as column_name, n - o${index} - d${index} - i${index} - m${index} as valid, o${index} as other, d${index} as defaulted, i${index} as invalid, m${index} as missing, n as denominator from counted`,
  );
  return `with counted as (select count(*) as n, ${counts.join(', ')} from ${relation})\n${rows.join('\nunion all\n')}`;
}

/** Bits of the flags that say of a value of the column that it is not valid. */
function maskOf(
  contract: Contract,
  flags: readonly Flag[],
  columnName: string,
  column: SourceColumn,
): number {
  const nullified = contract.rules
    .filter((rule) => rule.column === columnName && rule.nullify)
    .map(({ id }) => id);
  const rules = new Set(['CODE_UNKNOWN', 'FORMAT_UNUSUAL', ...nullified]);
  if (column.sentinels) rules.add(column.sentinels.rule);
  return flags.reduce(
    (mask, flag, bit) => (flag.column === columnName && rules.has(flag.rule) ? mask + 2 ** bit : mask),
    0,
  );
}

const classes = ['valid', 'other', 'defaulted', 'invalid', 'missing', 'denominator'] as const;

/** The same counts with the other sign: of rows that no longer count. */
export const itemsGone = (items: string): string =>
  `select dataset, column_name, ${classes.map((each) => `0 - ${each} as ${each}`).join(', ')} from (${items})`;

/** Counts of several sets of rows together. */
export const itemsTogether = (items: string): string =>
  `select dataset, column_name, ${classes.map((each) => `cast(sum(${each}) as bigint) as ${each}`).join(', ')} from ${items} group by dataset, column_name`;
