import { type Contract, isExpected } from '../contracts/contract.js';

/** Why a whole file is not loaded. The reason names columns of the contract, never text of the file. */
export interface FileRefusal {
  readonly rule:
    | 'COLUMN_MISSING'
    | 'COLUMN_DUPLICATE'
    | 'COLUMN_RESERVED'
    | 'COLUMN_TYPE'
    | 'FILE_UNREADABLE'
    | 'ENCODING_INVALID';
  readonly reason: string;
  /** The column at fault, where it is one whose values are not of its type. */
  readonly column?: string;
}

export interface MatchedColumns {
  /** Name in bronze of each delivered column, in the order delivered. */
  readonly names: readonly string[];
  /** Those that the contract does not declare; kept in bronze. */
  readonly extra: readonly string[];
  /** Optional columns of the contract that were not delivered; those that are not expected are not named. */
  readonly missing: readonly string[];
}

/** Columns that bronze adds to every row. */
export const bronzeColumns: readonly string[] = [
  '_batch',
  '_file',
  '_sha256',
  '_row',
  '_row_hash',
  '_loaded_at',
];

/**
 * Columns of a change file beside those of the table: `I`, `U` or `D`; the row before as JSON; when the change was
 * noticed; its number. Only the first is needed.
 */
export const changeColumns: readonly string[] = ['_op', '_before', '_captured_at', '_sequence'];

/** Longest column name that is taken; a longer one is no name but a row of data. */
const longestName = 128;

/** Every name in lower case under which a delivery may carry a column → the column. */
export function declaredNames(contract: Contract): ReadonlyMap<string, string> {
  const declared = new Map<string, string>();
  for (const [column, { aliases = [] }] of Object.entries(contract.columns)) {
    for (const alias of aliases) declared.set(alias.toLowerCase(), column);
  }
  for (const column of Object.keys(contract.columns)) declared.set(column, column);
  return declared;
}

/**
 * Finds the contract's columns among those delivered: in any order, any case, with blanks around, or under a
 * declared alias. What is left over keeps its name.
 */
export function matchColumns(
  contract: Contract,
  delivered: readonly string[],
  changes = false,
): MatchedColumns | FileRefusal {
  const declared = declaredNames(contract);
  const names: string[] = [];
  const extra: string[] = [];
  const seen = new Set<string>();
  for (const [index, raw] of delivered.entries()) {
    const trimmed = raw.trim();
    const column = declared.get(trimmed.toLowerCase());
    const name = column ?? (trimmed === '' ? `unnamed_${index + 1}` : trimmed);
    if (name.length > longestName) {
      return {
        rule: 'FILE_UNREADABLE',
        reason: `column ${index + 1} has a name of over ${longestName} characters; is the first line a header?`,
      };
    }
    const ofChange = changeColumns.includes(name.toLowerCase());
    if (ofChange && !changes) {
      return {
        rule: 'COLUMN_RESERVED',
        reason: `column ${index + 1} has a name of change files (${changeColumns.join(', ')}); call a file of changes <name>.changes.csv or .parquet`,
      };
    }
    if (bronzeColumns.includes(name.toLowerCase())) {
      return {
        rule: 'COLUMN_RESERVED',
        reason: `column ${index + 1} has a name that bronze adds itself (${bronzeColumns.join(', ')})`,
      };
    }
    if (seen.has(name.toLowerCase())) {
      const what = column === undefined ? `column ${index + 1}` : column;
      return { rule: 'COLUMN_DUPLICATE', reason: `${what} is delivered more than once` };
    }
    seen.add(name.toLowerCase());
    names.push(ofChange ? name.toLowerCase() : name);
    if (column === undefined && !ofChange) extra.push(name);
  }
  if (changes && !names.includes('_op'))
    return { rule: 'COLUMN_MISSING', reason: 'a change file needs the column _op, which holds I, U or D' };
  const absent = Object.entries(contract.columns).filter(([column]) => !seen.has(column));
  const needed = absent.filter(([, { mustExist }]) => mustExist).map(([column]) => column);
  if (needed.length > 0) {
    const hint =
      extra.length > 0
        ? `; ${extra.length} of ${delivered.length} delivered columns are not known under their name`
        : '';
    return { rule: 'COLUMN_MISSING', reason: `required columns are missing: ${needed.join(', ')}${hint}` };
  }
  return {
    names,
    extra,
    missing: absent.filter(([, column]) => isExpected(column)).map(([column]) => column),
  };
}

export const isRefusal = (outcome: object): outcome is FileRefusal =>
  'rule' in outcome && 'reason' in outcome;
