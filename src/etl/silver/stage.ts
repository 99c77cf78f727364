import type { Contract, SourceColumn } from '../contracts/contract.js';
import { name, parquet, quoted } from '../sql.js';
import { absent, isToken, silverType, typed } from './typed.js';

/** A loaded bronze file: where it lies and what it has. */
export interface StagedFile {
  /** Undefined where the file holds rows of several batches and names them itself, as `_batch`. */
  readonly batch: number | undefined;
  readonly path: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Why a row goes to quarantine. `_reject` of a staged row is the index in the list + 1; 0 means it stays. */
export interface Refusal {
  readonly rule: string;
  readonly column: string | null;
  readonly reason: string;
}

/** A warning or count. Bit i of `_flags` of a staged or silver row. */
export interface Flag {
  readonly rule: string;
  readonly column: string;
  readonly severity: 'warn' | 'info';
  readonly description: string;
}

export interface Stage {
  readonly table: string;
  readonly refusals: readonly Refusal[];
  readonly flags: readonly Flag[];
  /** SQL that makes the table. */
  readonly create: string;
}

/** Earliest plausible date of anything about a living patient. */
const earliest = "DATE '1890-01-01'";

/** Name of the small table with the keys of a dataset that others refer to. */
export const referenceTable = (dataset: string): string => `ref_${dataset}`;

/**
 * The staged rows of a dataset: all of its bronze rows, typed, each with the first reason to refuse it and with
 * its warnings. Columns: those of the contract (as delivered, sentinels not yet nulled), `_batch`, `_row`,
 * `_reject`, `_reject_raw`, `_flags`.
 */
export function stage(contract: Contract, files: readonly StagedFile[], codeLists: CodeLists): Stage {
  const columns = Object.entries(contract.columns);
  const refusals: Refusal[] = [];
  const refuse: { test: string; raw: string }[] = [];
  const addRefusal = (refusal: Refusal, test: string, raw = 'cast(null as varchar)'): void => {
    refusals.push(refusal);
    refuse.push({ test, raw });
  };
  const flags: Flag[] = [];
  const flagTests: string[] = [];
  const addFlag = (flag: Flag, test: string): void => {
    flags.push(flag);
    flagTests.push(test);
  };

  for (const key of contract.key) {
    addRefusal(
      { rule: 'KEY_MISSING', column: key, reason: `${key} is the key of ${contract.dataset} and is empty` },
      `t.${name(key)} is null`,
    );
  }
  for (const [columnName, column] of columns) {
    addRefusal(
      { rule: 'TYPE_INVALID', column: columnName, reason: `${columnName} does not hold ${describe(column)}` },
      `t.${name(`_bad_${columnName}`)} is not null`,
      `t.${name(`_bad_${columnName}`)}`,
    );
  }
  for (const [columnName, column] of columns) {
    if (!column.required || contract.key.includes(columnName)) continue;
    addRefusal(
      { rule: 'VALUE_MISSING', column: columnName, reason: `${columnName} is required and is empty` },
      `t.${name(columnName)} is null`,
    );
  }
  for (const [columnName, column] of columns) {
    if (column.type.kind !== 'date' && column.type.kind !== 'localTime') continue;
    const late = column.bound === 'event' ? ` or cast(t.${name(columnName)} as date) > t._loaded` : '';
    addRefusal(
      {
        rule: 'DATE_IMPLAUSIBLE',
        column: columnName,
        reason: `${columnName} lies before 1890${column.bound === 'event' ? ' or after the day of load' : ''}`,
      },
      `(t.${name(columnName)} < ${earliest}${late})`,
      `cast(t.${name(columnName)} as varchar)`,
    );
  }
  for (const rule of contract.rules) {
    if (rule.action === 'reject') {
      addRefusal(
        { rule: rule.id, column: rule.column, reason: rule.reason },
        `(${rule.violated})`,
        `cast(t.${name(rule.column)} as varchar)`,
      );
    } else
      addFlag(
        { rule: rule.id, column: rule.column, severity: rule.action, description: rule.reason },
        `(${rule.violated})`,
      );
  }
  const joins: string[] = [];
  contract.references.forEach((reference, index) => {
    const alias = `r${index}`;
    joins.push(
      `left join ${referenceTable(reference.dataset)} ${alias} on t.${name(reference.column)} = ${alias}.key`,
    );
    const test = `(t.${name(reference.column)} is not null and ${alias}.key is null)`;
    const reason = `${reference.column} is no key of ${reference.dataset}`;
    if (reference.action === 'reject') {
      addRefusal(
        { rule: reference.rule, column: reference.column, reason: `${reason}; tried again on the next run` },
        test,
        `cast(t.${name(reference.column)} as varchar)`,
      );
    } else
      addFlag(
        { rule: reference.rule, column: reference.column, severity: 'warn', description: reason },
        test,
      );
    const event = columns.find(([, column]) => column.bound === 'event')?.[0];
    if (reference.dataset === 'patients' && event) {
      addRefusal(
        { rule: 'BIRTH_AFTER_EVENT', column: event, reason: `${event} lies before the patient's birth` },
        `(cast(t.${name(event)} as date) < ${alias}.date_of_birth)`,
        `cast(t.${name(event)} as varchar)`,
      );
    }
  });
  for (const [columnName, column] of columns) {
    if (column.sentinels) {
      addFlag(
        {
          rule: column.sentinels.rule,
          column: columnName,
          severity: 'warn',
          description: `${columnName} holds a value that means "not known"`,
        },
        isSentinel(columnName, column),
      );
    }
    const codes = codeLists(column);
    if (codes) {
      addFlag(
        {
          rule: 'CODE_UNKNOWN',
          column: columnName,
          severity: 'warn',
          description: `${columnName} is not in its code list`,
        },
        `(t.${name(columnName)} not in (${codes.map(quoted).join(', ')})${column.sentinels ? ` and not ${isSentinel(columnName, column)}` : ''})`,
      );
    }
    if (column.pattern) {
      addFlag(
        {
          rule: 'FORMAT_UNUSUAL',
          column: columnName,
          severity: 'warn',
          description: `${columnName} has not the usual form`,
        },
        `(not regexp_full_match(cast(t.${name(columnName)} as varchar), ${quoted(column.pattern)})${column.token ? ` and not ${isToken(`t.${name(columnName)}`)}` : ''}${column.sentinels ? ` and not ${isSentinel(columnName, column)}` : ''})`,
      );
    }
  }

  const union = files.map((file) => fileSelect(contract, file)).join('\nunion all\n');
  const rejectCase = refuse.map(({ test }, index) => `when ${test} then ${index + 1}`).join('\n    ');
  const rawCase = refuse.map(({ test, raw }) => `when ${test} then ${raw}`).join('\n    ');
  const table = `stage_${contract.dataset}`;
  const create = `create or replace table ${table} as
select * exclude (_loaded${columns.map(([columnName]) => `, ${name(`_bad_${columnName}`)}`).join('')})
from (
  select t.*,
    cast(case ${rejectCase} else 0 end as smallint) as _reject,
    case ${rawCase} end as _reject_raw,
    cast(${flagTests.map((test, bit) => `case when ${test} then ${2 ** bit} else 0 end`).join(' + ') || '0'} as bigint) as _flags
  from (${union}) t
  ${joins.join('\n  ')}
)`;
  return { table, refusals, flags, create };
}

/** Codes of a column's list, or undefined where it has none. */
export type CodeLists = (column: SourceColumn) => readonly string[] | undefined;

/** TRUE for a value that means "not known". */
export function isSentinel(columnName: string, column: SourceColumn): string {
  const values = column.sentinels?.values ?? [];
  return `coalesce(t.${name(columnName)} in (${values.map(quoted).join(', ')}), false)`;
}

function fileSelect(contract: Contract, file: StagedFile): string {
  const physical = new Map(file.columns.map((column) => [column.name, column.type]));
  const selected = Object.entries(contract.columns).flatMap(([columnName, column]) => {
    const type = physical.get(columnName);
    const expressions = type === undefined ? absent(column) : typed(columnName, column, type);
    const bad = expressions.invalid
      ? `case when ${expressions.invalid} then left(${expressions.raw}, 200) end`
      : 'cast(null as varchar)';
    return [
      `cast(${expressions.value} as ${silverType(column.type)}) as ${name(columnName)}`,
      `${bad} as ${name(`_bad_${columnName}`)}`,
    ];
  });
  return `select ${selected.join(',\n    ')},\n    ${file.batch ?? '_batch'} as _batch, _row, cast(_loaded_at as date) as _loaded\n  from ${parquet([file.path])}`;
}

function describe(column: SourceColumn): string {
  const { type } = column;
  switch (type.kind) {
    case 'text':
    case 'codes':
      return `text of at most ${type.length} characters`;
    case 'integer':
      return `a whole number of at most ${type.max}`;
    case 'decimal':
      return `a number with at most ${type.precision - type.scale} digits before the point`;
    case 'boolean':
      return 'true or false';
    case 'date':
      return 'a date YYYY-MM-DD';
    case 'localTime':
      return 'a local time YYYY-MM-DD hh:mm:ss';
  }
}
