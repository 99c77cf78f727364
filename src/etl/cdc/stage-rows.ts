import { type DuckDBConnection, DuckDBDataChunk, VARCHAR } from '@duckdb/node-api';
import type { Engine } from '../engine.js';
import { name, parquet, quoted } from '../sql.js';
import { type RowValue, rowHasher, type TableColumn } from './row-hash.js';
import type { StageContext } from './source.js';

/** A row of a database; `gone` marks the deletion of its key. */
export interface SourceRow {
  readonly values: readonly RowValue[];
  readonly gone?: boolean;
}

/** Rows that DuckDB takes at once, and rows of one staged file. */
const rowsOfChunk = 2048;
const rowsOfFile = 64 * rowsOfChunk;

const table = 'received';
const ownColumns = ['_row', '_hash', '_gone'];

/**
 * Writes rows into Parquet files of the staging folder as they come, in bounded memory: at most one file's rows are
 * held. The hash is made here, of the values that the server sent. The SQL relation over the files.
 */
export async function stageRows(
  { engine, lake, folder }: Pick<StageContext, 'engine' | 'lake' | 'folder'>,
  columns: readonly TableColumn[],
  rows: AsyncIterable<readonly SourceRow[]>,
): Promise<string> {
  const names = [...columns.map((column) => name(column.name)), ...ownColumns];
  await engine.run(
    `create or replace temp table ${table} (${names.map((one) => `${one} varchar`).join(', ')})`,
  );
  const hash = rowHasher(columns);
  const paths: string[] = [];
  const chunk = new Chunk(names.length);
  let row = 0;
  let held = 0;
  const flush = async (): Promise<void> => {
    await chunk.append(engine.connection);
    const path = lake.path(`${folder}/rows-${String(paths.length + 1).padStart(6, '0')}.parquet`);
    await writeFile(engine, columns, path);
    paths.push(path);
    held = 0;
  };
  for await (const batch of rows) {
    for (const { values, gone = false } of batch) {
      row += 1;
      held += 1;
      chunk.add([...values, String(row), hash(values), String(gone)]);
      if (chunk.size === rowsOfChunk) await chunk.append(engine.connection);
      if (held === rowsOfFile) await flush();
    }
  }
  if (held > 0 || paths.length === 0) await flush();
  await engine.run(`drop table ${table}`);
  return `(select * from ${parquet(paths)})`;
}

/** Rows on their way into the table, kept by column as DuckDB takes them. */
class Chunk {
  #columns: RowValue[][];
  size = 0;

  constructor(readonly width: number) {
    this.#columns = Chunk.#empty(width);
  }

  static #empty = (width: number): RowValue[][] => Array.from({ length: width }, () => []);

  add(values: readonly RowValue[]): void {
    for (const [at, column] of this.#columns.entries()) column.push(values[at] ?? null);
    this.size += 1;
  }

  async append(connection: DuckDBConnection): Promise<void> {
    if (this.size === 0) return;
    const chunk = DuckDBDataChunk.create(
      this.#columns.map(() => VARCHAR),
      this.size,
    );
    chunk.setColumns(this.#columns);
    const appender = await connection.createAppender(table);
    appender.appendDataChunk(chunk);
    appender.flushSync();
    appender.closeSync();
    this.#columns = Chunk.#empty(this.width);
    this.size = 0;
  }
}

async function writeFile(engine: Engine, columns: readonly TableColumn[], path: string): Promise<void> {
  const typed = columns.map((column) => {
    const value = name(column.name);
    const cast = column.type === 'BLOB' ? `unhex(${value})` : `cast(${value} as ${column.type})`;
    return `${cast} as ${value}`;
  });
  await engine.run(`copy (
    select ${[...typed, 'cast(_row as bigint) as _row', 'unhex(_hash) as _hash', 'cast(_gone as boolean) as _gone'].join(', ')}
    from ${table}
  ) to ${quoted(path)} (format parquet, compression zstd, compression_level 1)`);
  await engine.run(`truncate ${table}`);
}
