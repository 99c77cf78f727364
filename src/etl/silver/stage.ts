import type { Contract } from '../contracts/contract.js';
import { name, parquet } from '../sql.js';
import { badValue, type StageRules } from './rules.js';
import { absent, silverType, typed } from './typed.js';

/** A file of delivered rows in the lake: where it lies and what it has. It has `_batch`, `_row` and `_loaded_at`. */
export interface StagedFile {
  readonly path: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Its column `_op` says what each row does to its key. */
  readonly changes: boolean;
}

/** Columns that stand beside those of the contract in a staged row, before it is judged against other datasets. */
const ownColumns = '_batch, _row, _loaded_at, _op, _own, _own_raw, _own_flags';

/**
 * Delivered rows, typed, each with the first reason of its own to refuse it and with its own warnings. Columns: those
 * of the contract (as delivered, sentinels not yet nulled), where the row is from, `_op` (`D` deletes the key, null a
 * row of a plain delivery), `_own`, `_own_raw`, `_own_flags`.
 */
export function freshRows(contract: Contract, rules: StageRules, files: readonly StagedFile[]): string {
  const columns = Object.keys(contract.columns).map(name).join(', ');
  const { refuse, flags } = rules.own;
  const keyless = contract.key.map((key) => `t.${name(key)} is null`).join(' or ');
  // A deletion names a key; the rest of the row is what was, and is not judged.
  const reject = `case when t._op = 'D' then case when ${keyless} then 1 else 0 end
    ${refuse.map(({ test }, index) => `when ${test} then ${index + 1}`).join('\n    ')} else 0 end`;
  const raw = `case when t._op = 'D' then null
    ${refuse.map(({ test, raw }) => `when ${test} then ${raw}`).join('\n    ')} end`;
  return `select ${columns}, _batch, _row, _loaded_at, _op,
    cast(${reject} as smallint) as _own, cast(${raw} as varchar) as _own_raw,
    cast(case when t._op = 'D' then 0 else ${bits(flags)} end as bigint) as _own_flags
  from (${files.map((file) => fileRows(contract, file)).join('\nunion all\n')}) t`;
}

/** Rows of the log as they were before they were judged against other datasets. `stage` has the columns of a log. */
export function rowsAgain(contract: Contract, rules: StageRules, stage: string): string {
  const columns = Object.keys(contract.columns).map(name).join(', ');
  const last = rules.own.refuse.length;
  const mask = rules.own.flags.reduce((sum, { bit }) => sum + 2 ** bit, 0);
  return `select ${columns}, _batch, _row, _loaded_at, _op,
    case when _reject <= ${last} then _reject else cast(0 as smallint) end as _own,
    case when _reject <= ${last} then _reject_raw end as _own_raw, _flags & ${mask} as _own_flags
  from ${stage}`;
}

/**
 * Rows as the log keeps them, from `rows` (of `freshRows` or `rowsAgain`): judged against the other datasets too.
 * Columns: those of the contract, `_batch`, `_row`, `_loaded_at`, `_op`, `_reject`, `_reject_raw`, `_flags`, `_gen`.
 */
export function judged(rules: StageRules, rows: string, generation: number): string {
  const { refuse, flags, joins } = rules.linked;
  const first = rules.own.refuse.length + 1;
  const cases = (pick: (refusal: (typeof refuse)[number], index: number) => string): string =>
    refuse.map((refusal, index) => `when ${refusal.test} then ${pick(refusal, index)}`).join('\n    ');
  return `select t.* exclude (_own, _own_raw, _own_flags),
    cast(case when t._own > 0 then t._own when t._op = 'D' then 0 ${cases((_refusal, index) => String(first + index))} else 0 end as smallint) as _reject,
    case when t._own > 0 then t._own_raw when t._op = 'D' then null ${cases(({ raw }) => raw)} end as _reject_raw,
    t._own_flags | cast(case when t._op = 'D' then 0 else ${bits(flags)} end as bigint) as _flags,
    cast(${generation} as integer) as _gen
  from (${rows}) t
  ${joins.join('\n  ')}`;
}

const bits = (flags: readonly { bit: number; test: string }[]): string =>
  flags.map(({ bit, test }) => `case when ${test} then ${2 ** bit} else 0 end`).join(' + ') || '0';

function fileRows(contract: Contract, file: StagedFile): string {
  const physical = new Map(file.columns.map((column) => [column.name, column.type]));
  const selected = Object.entries(contract.columns).flatMap(([columnName, column]) => {
    const type = physical.get(columnName);
    const expressions = type === undefined ? absent(column) : typed(columnName, column, type);
    const bad = expressions.invalid
      ? `case when ${expressions.invalid} then left(${expressions.raw}, 200) end`
      : 'cast(null as varchar)';
    return [
      `cast(${expressions.value} as ${silverType(column.type)}) as ${name(columnName)}`,
      `${bad} as ${name(badValue(columnName))}`,
    ];
  });
  const op = file.changes
    ? "case when upper(trim(_op)) in ('I', 'U', 'D') then upper(trim(_op)) else '?' end"
    : 'cast(null as varchar)';
  return `select ${selected.join(',\n    ')},\n    _batch, _row, _loaded_at, ${op} as _op\n  from ${parquet([file.path])}`;
}

/** A table of `freshRows` or `rowsAgain`, by name. */
export const rowsOf = (contract: Contract, table: string): string =>
  `select ${Object.keys(contract.columns).map(name).join(', ')}, ${ownColumns} from ${table}`;
