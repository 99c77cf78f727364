import type { TableDeclaration } from '../../warehouse/table.js';
import type { Contract } from '../contracts/contract.js';
import type { CodeLists } from '../silver/rules.js';
import { name } from '../sql.js';
import { code, member } from './expressions.js';

/** Where gold takes its rows from: relations of current rows and of versions, and `patient_key`. */
export interface GoldContext {
  /** Relation with the rows of a dataset that become rows of gold: all current ones, or those that have moved. */
  rows(dataset: string): string;
  /** The same of the versions of a dataset. */
  versions(dataset: string): string;
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly codeLists: CodeLists;
  /** Bit of a warning in `_flags` of a silver row; 0 where the dataset has no such rule. */
  flagBit(dataset: string, rule: string): number;
  /** ICD-10 categories of three characters that are shown to nobody. */
  readonly sensitive: readonly string[];
  /** Last day with data, `YYYY-MM-DD`. */
  readonly dataAsOf: string;
}

/** A table of gold and the SELECT that fills it, column by column in order. */
export interface TableFill {
  readonly table: TableDeclaration;
  readonly select: string;
}

/** A table whose rows come one by one from silver. */
export interface GoldFill extends TableFill {
  /** What the select gives for each column of the table, as SQL. */
  readonly columns: Readonly<Record<string, string>>;
  /** The select binds the two halves of the warehouse key. */
  readonly keyed: boolean;
  /** How rows are found again by the keys of their dataset. A table without is made anew. */
  readonly origin?: RowOrigin;
}

/** `column` of a table holds `key`, an expression over a row `s` that has the dataset's key column. */
export interface RowOrigin {
  readonly dataset: string;
  readonly column: string;
  readonly key: string;
  /** Of a fact: its column with the day of the event. */
  readonly day?: string;
}

/** Relation of a fact of the release by its name: all of its rows, or those of some patients. */
export type FactRelation = (fact: string) => string;

/** The rows of a derived table that come from one fact. */
export interface Slice {
  readonly fact: string;
  /** SQL condition on the table that they meet. */
  readonly rows: string;
  /** Column of the fact that is the `day` of the row, where each row comes from one row of the fact alone. */
  readonly day?: string;
  /** SELECT of the `patient_no` of those whose rows also depend on the last day with data. */
  readonly toTheEnd?: string;
}

export const patientKey = 'join patient_key p on s.patient_id = p.patient_id';

/** The number of a patient, who need not be a current one. */
export const patientNo = '(select k.patient_no from patient_number k where k.patient_id = s.patient_id)';

/** What the fills are written with. */
export interface Filler {
  readonly context: GoldContext;
  readonly dataAsOf: string;
  fill(
    table: TableDeclaration,
    columns: Readonly<Record<string, string>>,
    from: string,
    origin?: RowOrigin,
  ): GoldFill;
  /** A code of the contract's list, or the unknown member. */
  coded(dataset: string, column: string): string;
  codedOrNull(dataset: string, column: string): string;
  rows(dataset: string): string;
  versions(dataset: string): string;
}

export function fillerOf(context: GoldContext): Filler {
  const { codeLists } = context;
  const contractOf = (dataset: string): Contract => {
    const found = context.contracts.get(dataset);
    if (!found) throw new Error(`no contract for ${dataset}`);
    return found;
  };
  return {
    context,
    dataAsOf: `DATE '${context.dataAsOf}'`,
    fill: filled,
    coded: (dataset, column) => member(contractOf(dataset), codeLists, column),
    codedOrNull: (dataset, column) => code(contractOf(dataset), codeLists, column),
    rows: context.rows,
    versions: context.versions,
  };
}

function filled(
  table: TableDeclaration,
  columns: Readonly<Record<string, string>>,
  from: string,
  origin?: RowOrigin,
): GoldFill {
  const names = Object.keys(table.columns);
  const missing = names.filter((column) => !(column in columns));
  if (missing.length > 0) throw new Error(`gold table ${table.name}: nothing fills ${missing.join(', ')}`);
  const select = `select ${names.map((column) => `${columns[column]} as ${name(column)}`).join(',\n  ')}\nfrom ${from}`;
  const order = table.sortedBy.length > 0 ? `\norder by ${table.sortedBy.map(name).join(', ')}` : '';
  return {
    table,
    select: `${select}${order}`,
    columns,
    keyed: select.includes('$inner'),
    ...(origin ? { origin } : {}),
  };
}
