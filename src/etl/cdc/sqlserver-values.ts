import type { RowValue, TableColumn } from './row-hash.js';

/** A column as `sys.columns` describes it. */
export interface ServerColumn {
  readonly name: string;
  /** Name of the system type, lower case; null for a type of the server's own runtime. */
  readonly type: string | null;
  readonly precision: number;
  readonly scale: number;
}

/** How a column travels: its type in the lake, what is selected, and how a value of the client becomes text. */
export interface Carried {
  readonly column: TableColumn;
  readonly select: string;
  toText(value: unknown): RowValue;
}

/** A name in brackets. */
export const bracketed = (identifier: string): string => `[${identifier.replaceAll(']', ']]')}]`;

/**
 * The exact road for each type. The client makes doubles of decimals, so they are text before they leave the server;
 * its dates hold milliseconds, with the rest beside them.
 */
export function carried(column: ServerColumn): Carried {
  const id = bracketed(column.name);
  const road = (type: string, select: string, toText: (value: unknown) => string): Carried => ({
    column: { name: column.name, type },
    select,
    toText: (value) => (value === null || value === undefined ? null : toText(value)),
  });
  const decimal = (precision: number, scale: number): Carried =>
    road(
      `DECIMAL(${precision},${scale})`,
      `CAST(CAST(${id} AS DECIMAL(${precision}, ${scale})) AS VARCHAR(41)) AS ${id}`,
      String,
    );
  switch (column.type) {
    case 'bit':
      return road('BOOLEAN', id, (value) => String(value === true || value === 1));
    case 'tinyint':
    case 'smallint':
    case 'int':
      return road('INTEGER', id, String);
    case 'bigint':
      return road('BIGINT', id, String);
    case 'decimal':
    case 'numeric':
      return decimal(column.precision, column.scale);
    case 'money':
      return decimal(19, 4);
    case 'smallmoney':
      return decimal(10, 4);
    case 'float':
    case 'real':
      return road('DOUBLE', id, String);
    case 'date':
      return road('DATE', id, (value) => momentText(value).slice(0, 10));
    case 'datetime':
    case 'smalldatetime':
      return road('TIMESTAMP', id, momentText);
    case 'datetime2':
      // Seven digits are more than a TIMESTAMP holds.
      return road(column.scale > 6 ? 'VARCHAR' : 'TIMESTAMP', id, momentText);
    case 'time':
      return road('VARCHAR', id, (value) => momentText(value).slice(11));
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'timestamp':
      return road('BLOB', id, hexadecimal);
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'uniqueidentifier':
      return road('VARCHAR', id, String);
    case 'datetimeoffset':
      return road('VARCHAR', `CAST(${id} AS VARCHAR(40)) AS ${id}`, String);
    default:
      return road('VARCHAR', `CAST(${id} AS NVARCHAR(MAX)) AS ${id}`, String);
  }
}

/** `YYYY-MM-DD hh:mm:ss`, with the digits of the fraction that are not zero behind it, up to seven. */
function momentText(value: unknown): string {
  if (!(value instanceof Date)) return String(value);
  const iso = value.toISOString();
  // In seconds, what is left below the millisecond; not in the types of the client.
  const { nanosecondsDelta = 0 } = value as Date & { nanosecondsDelta?: number };
  const ticks = `${iso.slice(20, 23)}${String(Math.round(nanosecondsDelta * 1e7)).padStart(4, '0')}`;
  const fraction = ticks.replace(/0+$/, '');
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction === '' ? '' : `.${fraction}`}`;
}

const hexadecimal = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex').toUpperCase() : String(value);
