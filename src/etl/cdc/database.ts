import type { TableColumn } from './row-hash.js';
import { bronzeNames, type CaptureSource, refused, type StageContext, type StagedTable } from './source.js';
import { type SourceRow, stageRows } from './stage-rows.js';

/** Position in a server's change tables: 20 lower-case hexadecimal digits, which compare as text. */
export type Lsn = string;

/** A table as it is now. */
export interface TableRead {
  /** Under the names of the server, in its order. */
  readonly columns: readonly TableColumn[];
  rows(): AsyncIterable<readonly SourceRow[]>;
  /** What a reader should know of how exact the reading is. */
  readonly notes: readonly string[];
}

/** The record that a server keeps of the changes of a table. */
export interface ChangeTable {
  /** The columns that it records, under the names of the server. */
  readonly columns: readonly TableColumn[];
  /** Positions from which and up to which changes can be read; `newest` is null while nothing is recorded. */
  window(): Promise<{ readonly oldest: Lsn; readonly newest: Lsn | null }>;
  /**
   * Every change after one position up to another, oldest first. A change of a row is the row before, as gone, then
   * the row after it: so the old key is known where the key itself changes.
   */
  changes(after: Lsn, upTo: Lsn): AsyncIterable<readonly SourceRow[]>;
}

/** A database that is captured. Errors: `SOURCE_UNAVAILABLE`, `CONFIGURATION` for a login or table that it refuses. */
export interface DatabaseServer {
  read(table: string): Promise<TableRead>;
  /** Undefined where the server records no changes of the table. */
  changeTable(table: string): Promise<ChangeTable | undefined>;
  close(): Promise<void>;
}

export interface DatabaseSettings {
  readonly name: string;
  /** Dataset → table. */
  readonly tables: ReadonlyMap<string, string>;
  readonly changeTables: boolean;
}

/** A database as a source: its change tables where they reach back far enough, otherwise whole tables. */
export function databaseSource(server: DatabaseServer, settings: DatabaseSettings): CaptureSource {
  return {
    name: settings.name,
    datasets: [...settings.tables.keys()],
    async stage(dataset, context) {
      const table = settings.tables.get(dataset);
      if (table === undefined) throw refused(dataset, `the source ${settings.name} names no table for it`);
      const changeTable = settings.changeTables ? await server.changeTable(table) : undefined;
      if (!changeTable) {
        const note = 'the server records no changes of this table, so all of it was compared';
        return wholeTable(server, table, context, settings.changeTables ? [note] : []);
      }
      return fromChanges(server, table, changeTable, context);
    },
    close: () => server.close(),
  };
}

async function fromChanges(
  server: DatabaseServer,
  table: string,
  changeTable: ChangeTable,
  context: StageContext,
): Promise<StagedTable | 'unchanged'> {
  const { last } = context;
  // Asked before the table is read: a change that happens in between is read twice rather than never.
  const { oldest, newest } = await changeTable.window();
  const whole = (notes: readonly string[]): Promise<StagedTable> =>
    wholeTable(server, table, context, notes, newest ?? undefined);
  if (!last) return whole([]);
  const after = last.origin.lsn;
  if (after === undefined)
    return whole(['its changes are followed from now on; this time all of it was compared']);
  if (newest === null || after === newest) return 'unchanged';
  if (after < oldest || after > newest) {
    return whole([
      'the change table does not reach back to the last capture, so all of the table was compared',
    ]);
  }
  const columns = named(changeTable.columns, context);
  if (JSON.stringify(columns) !== JSON.stringify(last.baseline.columns)) {
    return whole([
      'the change table has other columns than the last capture, so all of the table was compared',
    ]);
  }
  return {
    extent: 'changes',
    columns,
    relation: await stageRows(context, columns, changeTable.changes(after, newest)),
    origin: { lsn: newest },
    notes: [],
  };
}

async function wholeTable(
  server: DatabaseServer,
  table: string,
  context: StageContext,
  notes: readonly string[],
  lsn?: Lsn,
): Promise<StagedTable> {
  const read = await server.read(table);
  const columns = named(read.columns, context);
  return {
    extent: 'complete',
    columns,
    relation: await stageRows(context, columns, read.rows()),
    origin: lsn === undefined ? {} : { lsn },
    notes: [...notes, ...read.notes],
  };
}

/** The columns under their bronze names. */
function named(columns: readonly TableColumn[], { contract }: StageContext): readonly TableColumn[] {
  const names = bronzeNames(
    contract,
    columns.map((column) => column.name),
  );
  return columns.map(({ name, type }, at) => ({ name: names[at] ?? name, type }));
}
