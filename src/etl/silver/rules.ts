import type { Contract, SourceColumn } from '../contracts/contract.js';
import { name, quoted } from '../sql.js';
import { isToken } from './typed.js';

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

/** A refusal as SQL: when it holds, and the value at fault as text. */
interface RefusalTest {
  readonly test: string;
  readonly raw: string;
}

/**
 * The rules of a contract over one row. Those that need nothing but the row come first and are final; those that look
 * at other datasets are judged again whenever a row they look at comes, goes or changes.
 */
export interface StageRules {
  readonly refusals: readonly Refusal[];
  readonly flags: readonly Flag[];
  /** Tests over a typed row `t` alone: refusals 1 … own.refuse.length, and the flags of the bits named. */
  readonly own: {
    readonly refuse: readonly RefusalTest[];
    readonly flags: readonly { bit: number; test: string }[];
  };
  /** Tests over `t` and the tables that `joins` adds. */
  readonly linked: {
    readonly refuse: readonly RefusalTest[];
    readonly flags: readonly { bit: number; test: string }[];
    readonly joins: readonly string[];
  };
}

/** Earliest plausible date of anything about a living patient. */
const earliest = "DATE '1890-01-01'";

/** Name of the small table with the keys of a dataset that others refer to. */
export const referenceTable = (dataset: string): string => `ref_${dataset}`;

/** Codes of a column's list, or undefined where it has none. */
export type CodeLists = (column: SourceColumn) => readonly string[] | undefined;

/** TRUE for a value that means "not known". */
export function isSentinel(columnName: string, column: SourceColumn): string {
  const values = column.sentinels?.values ?? [];
  return `coalesce(t.${name(columnName)} in (${values.map(quoted).join(', ')}), false)`;
}

export function stageRules(contract: Contract, codeLists: CodeLists): StageRules {
  const columns = Object.entries(contract.columns);
  const refusals: Refusal[] = [];
  const own = { refuse: [] as RefusalTest[], flags: [] as { bit: number; test: string }[] };
  const linked = {
    refuse: [] as RefusalTest[],
    flags: [] as { bit: number; test: string }[],
    joins: [] as string[],
  };
  const flags: Flag[] = [];
  const refuse = (to: typeof own, refusal: Refusal, test: string, raw = 'cast(null as varchar)'): void => {
    refusals.push(refusal);
    to.refuse.push({ test, raw });
  };
  const flag = (to: typeof own, added: Flag, test: string): void => {
    to.flags.push({ bit: flags.length, test });
    flags.push(added);
  };
  const textOf = (column: string): string => `cast(t.${name(column)} as varchar)`;

  for (const key of contract.key) {
    refuse(
      own,
      { rule: 'KEY_MISSING', column: key, reason: `${key} is the key of ${contract.dataset} and is empty` },
      `t.${name(key)} is null`,
    );
  }
  refuse(
    own,
    { rule: 'OPERATION_INVALID', column: null, reason: '_op of a change file is none of I, U and D' },
    `t._op = '?'`,
  );
  for (const [columnName, column] of columns) {
    refuse(
      own,
      { rule: 'TYPE_INVALID', column: columnName, reason: `${columnName} does not hold ${describe(column)}` },
      `t.${name(badValue(columnName))} is not null`,
      `t.${name(badValue(columnName))}`,
    );
  }
  for (const [columnName, column] of columns) {
    if (!column.required || contract.key.includes(columnName)) continue;
    refuse(
      own,
      { rule: 'VALUE_MISSING', column: columnName, reason: `${columnName} is required and is empty` },
      `t.${name(columnName)} is null`,
    );
  }
  for (const [columnName, column] of columns) {
    if (column.type.kind !== 'date' && column.type.kind !== 'localTime') continue;
    const event = column.bound === 'event';
    const late = event ? ` or cast(t.${name(columnName)} as date) > cast(t._loaded_at as date)` : '';
    refuse(
      own,
      {
        rule: 'DATE_IMPLAUSIBLE',
        column: columnName,
        reason: `${columnName} lies before 1890${event ? ' or after the day of load' : ''}`,
      },
      `(t.${name(columnName)} < ${earliest}${late})`,
      textOf(columnName),
    );
  }
  for (const rule of contract.rules) {
    const test = `(${rule.violated})`;
    if (rule.action === 'reject') {
      refuse(own, { rule: rule.id, column: rule.column, reason: rule.reason }, test, textOf(rule.column));
    } else {
      flag(
        own,
        { rule: rule.id, column: rule.column, severity: rule.action, description: rule.reason },
        test,
      );
    }
  }
  contract.references.forEach((reference, index) => {
    const alias = `r${index}`;
    linked.joins.push(
      `left join ${referenceTable(reference.dataset)} ${alias} on t.${name(reference.column)} = ${alias}.key`,
    );
    const test = `(t.${name(reference.column)} is not null and ${alias}.key is null)`;
    const reason = `${reference.column} is no key of ${reference.dataset}`;
    if (reference.action === 'reject') {
      refuse(
        linked,
        { rule: reference.rule, column: reference.column, reason: `${reason}; tried again on the next run` },
        test,
        textOf(reference.column),
      );
    } else {
      flag(
        linked,
        { rule: reference.rule, column: reference.column, severity: 'warn', description: reason },
        test,
      );
    }
    const event = columns.find(([, column]) => column.bound === 'event')?.[0];
    if (reference.dataset === 'patients' && event) {
      refuse(
        linked,
        { rule: 'BIRTH_AFTER_EVENT', column: event, reason: `${event} lies before the patient's birth` },
        `(cast(t.${name(event)} as date) < ${alias}.date_of_birth)`,
        textOf(event),
      );
    }
  });
  for (const [columnName, column] of columns) {
    const known = column.sentinels ? ` and not ${isSentinel(columnName, column)}` : '';
    if (column.sentinels) {
      flag(
        own,
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
      flag(
        own,
        {
          rule: 'CODE_UNKNOWN',
          column: columnName,
          severity: 'warn',
          description: `${columnName} is not in its code list`,
        },
        `(t.${name(columnName)} not in (${codes.map(quoted).join(', ')})${known})`,
      );
    }
    if (column.pattern) {
      flag(
        own,
        {
          rule: 'FORMAT_UNUSUAL',
          column: columnName,
          severity: 'warn',
          description: `${columnName} has not the usual form`,
        },
        `(not regexp_full_match(${textOf(columnName)}, ${quoted(column.pattern)})${column.token ? ` and not ${isToken(`t.${name(columnName)}`)}` : ''}${known})`,
      );
    }
  }
  return { refusals, flags, own, linked };
}

/** Column of a typed row that holds a delivered value which its type does not take. */
export const badValue = (columnName: string): string => `_bad_${columnName}`;

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
