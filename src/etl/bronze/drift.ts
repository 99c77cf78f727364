import { type Contract, isExpected, type SourceColumn } from '../contracts/contract.js';
import { declaredNames } from './columns.js';
import type { DeliveredColumn } from './delivered-columns.js';

/** How the columns of a delivery differ from those of the contract. */
export type DriftKind = 'added' | 'missing' | 'renamed' | 'type_changed' | 'duplicate' | 'reordered';

/** One difference. Plain JSON: it is kept with the batch. */
export interface ColumnDrift {
  readonly kind: DriftKind;
  /** Column of the contract; of an added column the delivered name where it may be shown, else null. */
  readonly column: string | null;
  /** Name under which a declared column was delivered, where it is a declared other name. */
  readonly deliveredName: string | null;
  /** Type in the file; null for CSV, where all is text, and where there is no such column. */
  readonly deliveredType: string | null;
  /** The whole file is quarantined for it. */
  readonly refuses: boolean;
}

/** All differences between delivered columns and the contract, in the order of the contract, then of the file. */
export function columnDrift(
  contract: Contract,
  delivered: readonly Pick<DeliveredColumn, 'name' | 'type'>[],
): ColumnDrift[] {
  const declared = declaredNames(contract);
  const columns = delivered.map((one) => ({ ...one, declared: declared.get(one.name.trim().toLowerCase()) }));
  const known = columns.filter((one) => one.declared !== undefined);
  // Where most names are unknown the first line may be a row of data.
  const isHeader = known.length * 2 > delivered.length;
  const drift: ColumnDrift[] = [];
  for (const [name, column] of Object.entries(contract.columns)) {
    const found = columns.filter((one) => one.declared === name);
    const [first] = found;
    if (!first) {
      if (isExpected(column)) drift.push(difference('missing', name, { refuses: column.mustExist }));
      continue;
    }
    if (found.length > 1) drift.push(difference('duplicate', name, { refuses: true }));
    const plain = first.name.trim().toLowerCase();
    if (plain !== name) drift.push(difference('renamed', name, { deliveredName: plain }));
    if (first.type !== null && !isNatural(column, first.type))
      drift.push(difference('type_changed', name, { deliveredType: shownType(first.type) }));
  }
  const seen = new Set<string>();
  for (const one of columns.filter(({ declared: name }) => name === undefined)) {
    const plain = one.name.trim().toLowerCase();
    drift.push(
      difference(seen.has(plain) && plain !== '' ? 'duplicate' : 'added', shownName(one.name, isHeader), {
        deliveredType: one.type === null ? null : shownType(one.type),
        refuses: seen.has(plain) && plain !== '',
      }),
    );
    seen.add(plain);
  }
  const moved = firstMoved(Object.keys(contract.columns), [
    ...new Set(known.flatMap((one) => one.declared ?? [])),
  ]);
  if (moved !== undefined) drift.push(difference('reordered', moved, {}));
  return drift;
}

const difference = (kind: DriftKind, column: string | null, more: Partial<ColumnDrift>): ColumnDrift => ({
  kind,
  column,
  deliveredName: null,
  deliveredType: null,
  refuses: false,
  ...more,
});

/** A name that looks like one; anything else may be a value of a row, and stays untold. */
function shownName(name: string, isHeader: boolean): string | null {
  const plain = name.trim();
  return isHeader && /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(plain) && !/\d{4}|^(PAT|PSEUDO)_/i.test(plain)
    ? plain
    : null;
}

/** A type without the names of nested fields. */
const shownType = (type: string): string => (/^[A-Z0-9_ ]+(\(\d+(,\d+)?\))?/.exec(type)?.[0] ?? '?').trim();

const wholeNumber = /^(TINY|SMALL|BIG|HUGE|U|UTINY|USMALL|UBIG)?INT(EGER)?$/;

/** Whether a file's own type is one in which the contract's values are usually delivered. */
function isNatural(column: SourceColumn, type: string): boolean {
  switch (column.type.kind) {
    case 'text':
    case 'codes':
      // A number drops leading zeros: that is harmless only where no code has one.
      return type === 'VARCHAR' || (wholeNumber.test(type) && hasNumberCodes(column));
    case 'integer':
      return wholeNumber.test(type);
    case 'decimal':
      return wholeNumber.test(type) || /^(DECIMAL|DOUBLE|FLOAT)/.test(type);
    case 'boolean':
      return type === 'BOOLEAN';
    case 'date':
      return type === 'DATE';
    case 'localTime':
      return /^TIMESTAMP(_S|_MS|_NS)?$/.test(type);
  }
}

const hasNumberCodes = ({ codes }: SourceColumn): boolean =>
  Array.isArray(codes) && codes.every((code) => /^(0|[1-9]\d*)$/.test(String(code)));

/** The first declared column that comes before one which the contract has earlier. */
function firstMoved(order: readonly string[], delivered: readonly string[]): string | undefined {
  let last = -1;
  for (const name of delivered) {
    const at = order.indexOf(name);
    if (at < last) return name;
    last = at;
  }
  return undefined;
}
