import { createHash } from 'node:crypto';
import { name, quoted } from '../sql.js';

/** A column of a captured table: its bronze name, and its type as DuckDB writes it. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
}

/** A value as text that DuckDB casts to the column's type; binary values as upper-case hexadecimal. */
export type RowValue = string | null;

type Kind = 'text' | 'integer' | 'decimal' | 'double' | 'boolean' | 'date' | 'timestamp' | 'binary' | 'other';

/** The letter that stands before a value, so that the text `1` and the number 1 differ. */
const letter: Readonly<Record<Kind, string>> = {
  text: 't',
  integer: 'i',
  decimal: 'n',
  double: 'f',
  boolean: 'b',
  date: 'd',
  timestamp: 's',
  binary: 'x',
  other: 'o',
};

function kindOf(type: string): Kind {
  if (type === 'VARCHAR' || type.startsWith('ENUM(')) return 'text';
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type)) return 'integer';
  if (/^DECIMAL\(\d+,\d+\)$/.test(type)) return 'decimal';
  if (type === 'DOUBLE' || type === 'FLOAT') return 'double';
  if (type === 'BOOLEAN') return 'boolean';
  if (type === 'DATE') return 'date';
  if (/^TIMESTAMP(_S|_MS|_NS)?$/.test(type)) return 'timestamp';
  return type === 'BLOB' ? 'binary' : 'other';
}

/** Written in front of every row: another form of the bytes needs another number, and changes every hash. */
const form = '1;';

/** Order of the columns does not count, nor the case of their names. */
const inOrder = (columns: readonly TableColumn[]): { column: TableColumn; label: string; at: number }[] =>
  columns
    .map((column, at) => ({ column, label: labelOf(column), at }))
    .sort((a, b) => (a.label < b.label ? -1 : 1));

function labelOf(column: TableColumn): string {
  const lower = column.name.toLowerCase();
  return `${Buffer.byteLength(lower)}:${lower}${letter[kindOf(column.type)]}`;
}

/** A value as text in SQL, null for null: what bronze keeps of it. */
export function plainText(column: TableColumn, table = ''): string {
  const value = `${table}${name(column.name)}`;
  const kind = kindOf(column.type);
  if (kind === 'binary') return `hex(${value})`;
  const nested = /[[(]/.test(column.type) && kind === 'other';
  return `cast(${nested ? `to_json(${value})` : value} as varchar)`;
}

/** A double is hashed as its 64 bits: two programs need not write it with the same digits. Zero has no sign. */
function hashedText(column: TableColumn): string {
  if (kindOf(column.type) !== 'double') return plainText(column);
  const value = `cast(${name(column.name)} as double)`;
  return `case when isnan(${value}) then 'nan' else cast(cast(${value} + 0.0 as bit) as varchar) end`;
}

/**
 * SHA-256 of a row as 32 bytes, in SQL: `1;` and, for each column with a value, the length and text of its name in
 * lower case, a letter for the kind of its type, the length and the text of the value. Lengths are bytes of UTF-8,
 * so that ('ab', 'c') and ('a', 'bc') differ; a null leaves nothing and '' leaves a length of 0, so that they
 * differ too, and a new column that is null everywhere changes no row.
 *
 * The contract's version is not part of it: a new rule for a column does not change the source.
 */
export function hashSql(columns: readonly TableColumn[]): string {
  const parts = inOrder(columns).map(({ column, label }) => {
    const text = hashedText(column);
    return `coalesce(${quoted(label)} || strlen(${text}) || ':' || ${text}, '')`;
  });
  return `unhex(sha256(${[quoted(form), ...parts].join(' || ')}))`;
}

/** The same hash in Node, as lower-case hexadecimal, of values in the order of `columns`. */
export function rowHasher(columns: readonly TableColumn[]): (values: readonly RowValue[]) => string {
  const ordered = inOrder(columns).map(({ column, label, at }) => ({
    label,
    at,
    text: hashedTextOf(column),
  }));
  return (values) => {
    let bytes = form;
    for (const { label, at, text } of ordered) {
      const value = values[at];
      if (value === null || value === undefined) continue;
      const hashed = text(value);
      bytes += `${label}${Buffer.byteLength(hashed)}:${hashed}`;
    }
    return createHash('sha256').update(bytes, 'utf8').digest('hex');
  };
}

function hashedTextOf(column: TableColumn): (value: string) => string {
  const kind = kindOf(column.type);
  if (kind === 'double') return bitsOf;
  if (kind !== 'decimal') return (value) => value;
  const scale = Number(/,(\d+)\)$/.exec(column.type)?.[1] ?? '0');
  return (value) => decimalText(value, scale);
}

const bits = new DataView(new ArrayBuffer(8));

function bitsOf(text: string): string {
  const value = Number(text);
  if (Number.isNaN(value)) return 'nan';
  bits.setFloat64(0, value + 0);
  return bits.getBigUint64(0).toString(2).padStart(64, '0');
}

/** A decimal number with exactly the digits of its scale, as DuckDB writes it. */
function decimalText(text: string, scale: number): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d*)(?:\.(\d*))?$/.exec(text) ?? [];
  const digits = `${whole === '' ? '0' : whole}${scale === 0 ? '' : `.${fraction.padEnd(scale, '0')}`}`;
  return /[1-9]/.test(digits) ? `${sign}${digits}` : digits;
}

/** The key of a row in SQL, independent of types: texts with their lengths; null where a part is null. */
export const keySql = (key: readonly TableColumn[]): string =>
  key.map((column) => `strlen(${plainText(column)}) || ':' || ${plainText(column)}`).join(" || ',' || ");

/** The whole row of `table` as a JSON object of texts, in SQL. */
export const rowAsJson = (columns: readonly TableColumn[], table: string): string =>
  `cast(json_object(${columns.map((column) => `${quoted(column.name)}, ${plainText(column, table)}`).join(', ')}) as varchar)`;
