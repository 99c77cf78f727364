import type { DuckDBConnection } from '@duckdb/node-api';
import { MaplewoodError } from '../../errors.js';
import { remove } from '../../lake/durable.js';
import { name, parquet, quoted } from '../sql.js';

/** A value of a row that is appended: text, a whole number, or nothing. */
export type PartValue = string | number | null;

/** Bytes of text that are held before they are written away. */
const partSize = 8 << 20;

/**
 * Writes rows that come one by one into one Parquet file, holding a few megabytes of them: every so often they are
 * written as a part of their own, and the parts are put together at the end.
 */
export class ParquetParts {
  rows = 0;
  #pending: (readonly PartValue[])[] = [];
  #bytes = 0;
  #parts: string[] = [];
  #written = 0;

  constructor(
    readonly connection: DuckDBConnection,
    /** Table for the rows of one part: `name type` of each column; numbers are BIGINT, all else VARCHAR. */
    readonly table: {
      readonly name: string;
      readonly columns: Readonly<Record<string, 'BIGINT' | 'VARCHAR'>>;
    },
    /** Statement that writes the rows of the table into a file. */
    readonly copy: (table: string, path: string) => string,
    /** Beginning of the names of the parts. */
    readonly scratch: string,
    /** Is told of each part before it is written; may remove rows from the table. */
    readonly inspect: (table: string) => Promise<void> = async () => undefined,
  ) {}

  add(values: readonly PartValue[]): void {
    this.#pending.push(values);
    for (const value of values) this.#bytes += typeof value === 'string' ? value.length : 8;
  }

  async flushIfFull(): Promise<void> {
    if (this.#bytes >= partSize) await this.#writePart();
  }

  /** Makes the file; it has no rows if none were added. Rows that `inspect` removed are not counted. */
  async finish(target: string): Promise<number> {
    if (this.#parts.length === 0) {
      this.rows += await this.#write(target);
    } else {
      if (this.#pending.length > 0) await this.#writePart();
      const { rowsChanged } = await this.connection.run(
        `copy (from ${parquet(this.#parts)}) to ${quoted(target)} (format parquet, compression zstd, compression_level 1, preserve_order false, row_group_size ${this.#rowsOfGroup()})`,
      );
      if (rowsChanged !== this.rows) throw new MaplewoodError('ETL_FAILED');
    }
    await this.discard();
    return this.rows;
  }

  /** Removes the parts. */
  async discard(): Promise<void> {
    for (const part of this.#parts) await remove(part, 'fhir-part');
    this.#parts = [];
    await this.connection.run(`drop table if exists ${name(this.table.name)}`);
  }

  /** The engine holds a whole group of rows a thread while it writes: as many as make a part or two. */
  #rowsOfGroup(): number {
    const bytesOfRow = Math.max(1, this.#written / Math.max(1, this.rows));
    return Math.min(122_880, Math.max(512, Math.floor((2 * partSize) / bytesOfRow)));
  }

  async #writePart(): Promise<void> {
    const part = `${this.scratch}.part${this.#parts.length}.parquet`;
    this.#parts.push(part);
    this.rows += await this.#write(part);
  }

  async #write(path: string): Promise<number> {
    const { name: table, columns } = this.table;
    await this.connection.run(
      `create or replace table ${name(table)} (${Object.entries(columns)
        .map(([column, type]) => `${name(column)} ${type}`)
        .join(', ')})`,
    );
    const appender = await this.connection.createAppender(table);
    for (const row of this.#pending) {
      for (const value of row) {
        if (value === null) appender.appendNull();
        else if (typeof value === 'number') appender.appendBigInt(BigInt(value));
        else appender.appendVarchar(value);
      }
      appender.endRow();
    }
    appender.closeSync();
    this.#pending = [];
    this.#written += this.#bytes;
    this.#bytes = 0;
    await this.inspect(table);
    return (await this.connection.run(this.copy(name(table), path))).rowsChanged;
  }
}
