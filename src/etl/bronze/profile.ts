import type { DuckDBConnection } from '@duckdb/node-api';
import type { Contract } from '../contracts/contract.js';
import { typed } from '../silver/typed.js';
import { name } from '../sql.js';
import { onePath } from './bronze-sql.js';
import type { FileRefusal } from './columns.js';

/** What the checks of later runs need to know of a delivered file. */
export interface FileProfile {
  /** Newest plausible day of the contract's freshness column, `YYYY-MM-DD`; null where there is none. */
  readonly newest: string | null;
  /** Surplus rows of keys within the file. */
  readonly repeatedKeys: number;
}

/** About so many rows are looked at first; only where they look bad, all are. */
const sampled = 20_000;
/** Fewer values than this say nothing about a column. */
const fewest = 20;

/**
 * Looks once over a bronze file: its newest day, its repeated keys, and whether some column as a whole is not of
 * its type (then the file is refused; single bad values are left to the rules over rows).
 * `uncastablePct`: share of a column's values, in percent, above which the file is refused.
 */
export async function profile(
  path: string,
  contract: Contract,
  columns: readonly { readonly name: string; readonly type: string }[],
  rows: number,
  loadedAt: string,
  uncastablePct: number,
  connection: DuckDBConnection,
): Promise<FileProfile | FileRefusal> {
  const file = `read_parquet(${onePath(path)})`;
  const doubtful = convertible(contract, columns);
  const step = Math.max(1, Math.floor(rows / sampled));
  const suspects = await shares(connection, `${file} where _row % ${step} = 0`, doubtful, uncastablePct / 2);
  const wrong =
    step === 1
      ? suspects.filter(({ share }) => share > uncastablePct)
      : await shares(connection, file, suspects, uncastablePct);
  const [first] = wrong;
  if (first) {
    return {
      rule: 'COLUMN_TYPE',
      column: first.column,
      reason: `${first.share.toFixed(0)} % of the values of ${first.column} are not ${kinds[first.kind] ?? 'of its type'}; over ${uncastablePct} % the file is not loaded. Deliver the column in its own type`,
    };
  }
  const delivered = new Map(columns.map((column) => [column.name, column.type]));
  const { freshness } = contract;
  const newest =
    freshness !== undefined && delivered.has(freshness)
      ? `cast(max(day) filter (day between DATE '1890-01-01' and DATE '${loadedAt.slice(0, 10)}') as varchar)`
      : 'cast(null as varchar)';
  const day =
    freshness !== undefined && delivered.has(freshness)
      ? `try_cast(left(cast(${name(freshness)} as varchar), 10) as date)`
      : 'cast(null as date)';
  const keyed = contract.key.every((column) => delivered.has(column));
  const keys = contract.key.map((column) => `trim(cast(${name(column)} as varchar))`);
  const key = keys.length === 1 ? keys[0] : `(${keys.join(', ')})`;
  // Hashes of 64 bits stand for the keys: a chance collision in a file would only raise a warning by one row.
  const repeated = keyed ? 'count(key) - count(distinct case when key is not null then hash(key) end)' : '0';
  const found = await connection.runAndReadAll(
    `select ${newest} as newest, cast(${repeated} as double) as repeated from (select ${day} as day, ${keyed ? key : 'null'} as key from ${file})`,
  );
  const [row] = found.getRowObjectsJS();
  return {
    newest: row?.['newest'] === null || row === undefined ? null : String(row['newest']),
    repeatedKeys: Number(row?.['repeated'] ?? 0),
  };
}

interface Convertible {
  readonly column: string;
  readonly kind: string;
  readonly raw: string;
  readonly invalid: string;
}

const kinds: Readonly<Record<string, string>> = {
  integer: 'whole numbers',
  decimal: 'numbers',
  boolean: 'true or false',
  date: 'dates YYYY-MM-DD',
  localTime: 'local times YYYY-MM-DD hh:mm:ss',
};

/** The columns whose delivered type is not that of the contract, so that values have to be converted. */
function convertible(
  contract: Contract,
  columns: readonly { readonly name: string; readonly type: string }[],
): Convertible[] {
  return columns.flatMap(({ name: column, type: physical }) => {
    const declared = Object.hasOwn(contract.columns, column) ? contract.columns[column] : undefined;
    const kind = declared?.type.kind;
    if (!declared || kind === 'text' || kind === 'codes' || kind === undefined) return [];
    if (/^(TINY|SMALL|BIG|U|)INT(EGER)?$/.test(physical)) {
      // Whole numbers that are too large are a matter of rows.
      if (kind === 'integer' || kind === 'decimal') return [];
    }
    const { raw, invalid } = typed(column, declared, physical);
    return invalid === undefined ? [] : [{ column, kind, raw, invalid }];
  });
}

/** The columns of which more than `limit` percent of the values cannot be converted. */
async function shares(
  connection: DuckDBConnection,
  from: string,
  columns: readonly Convertible[],
  limit: number,
): Promise<(Convertible & { readonly share: number })[]> {
  if (columns.length === 0) return [];
  const counts = columns.map(
    ({ raw, invalid }, index) =>
      `cast(count(${raw}) as double) as n${index}, cast(count(*) filter (${invalid}) as double) as bad${index}`,
  );
  const found = await connection.runAndReadAll(`select ${counts.join(', ')} from ${from}`);
  const [row] = found.getRowObjectsJS();
  return columns.flatMap((column, index) => {
    const values = Number(row?.[`n${index}`] ?? 0);
    const share = values < fewest ? 0 : (100 * Number(row?.[`bad${index}`] ?? 0)) / values;
    return share > limit ? [{ ...column, share }] : [];
  });
}
