import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { capture } from '../../../src/etl/cdc/capture.js';
import type { CaptureOptions } from '../../../src/etl/cdc/capture-table.js';
import { type DatabaseServer, databaseSource, type TableRead } from '../../../src/etl/cdc/database.js';
import { type ChangeFile, listChanges } from '../../../src/etl/cdc/manifest.js';
import type { CaptureReport, TableReport } from '../../../src/etl/cdc/report.js';
import type { RowValue, TableColumn } from '../../../src/etl/cdc/row-hash.js';
import { snapshotFolder } from '../../../src/etl/cdc/snapshot-folder.js';
import type { CaptureSource } from '../../../src/etl/cdc/source.js';
import { type Contract, contract, integer, text } from '../../../src/etl/contracts/contract.js';
import { folderLake } from '../../../src/lake/folder.js';
import type { Lake } from '../../../src/lake/lake.js';
import { openReader, type Reader } from '../../support/release.js';

export const beds: Contract = contract({
  dataset: 'beds',
  version: 1,
  description: 'Four columns with a key of two, for tests.',
  key: ['ward', 'bed'],
  duplicateRule: 'BED_DUPLICATE',
  requiredForRelease: false,
  columns: {
    ward: text(10)('O', 'Key.', { required: true }),
    bed: text(10)('O', 'Key.', { required: true }),
    state: text(10)('O', 'Text.', { mustExist: true, aliases: ['status'] }),
    days: integer(0, 99)('O', 'Number.'),
  },
  rules: [],
  references: [],
});

/** The columns of `beds` as a database has them, one of them not in the contract. */
export const bedColumns: readonly TableColumn[] = [
  { name: 'ward', type: 'VARCHAR' },
  { name: 'bed', type: 'VARCHAR' },
  { name: 'state', type: 'VARCHAR' },
  { name: 'days', type: 'INTEGER' },
  { name: 'note', type: 'VARCHAR' },
];

export type Row = readonly RowValue[];

/** A database with one table, whose rows a test sets. */
export const tableOf = (
  rows: readonly Row[],
  columns: readonly TableColumn[] = bedColumns,
): DatabaseServer => ({
  async read(): Promise<TableRead> {
    return {
      columns,
      async *rows() {
        for (let at = 0; at < rows.length; at += 3) {
          yield rows.slice(at, at + 3).map((values) => ({ values }));
        }
      },
      notes: [],
    };
  },
  changeTable: async () => undefined,
  close: async () => undefined,
});

export interface Change {
  readonly op: string;
  readonly row: Record<string, RowValue>;
  readonly before: Record<string, RowValue> | null;
  readonly sequence: number;
}

/** A lake in a temporary folder, and captures into it. */
export class CaptureFixture {
  readonly root = mkdtempSync(join(tmpdir(), 'maplewood-cdc-'));
  readonly lake = folderLake(join(this.root, 'lake'));
  #reader: Reader | undefined;

  async close(): Promise<void> {
    this.#reader?.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Writes a file of a snapshot. */
  snapshot(name: string, content: string | Buffer): void {
    const path = join(this.root, 'snapshots', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  folder(): Promise<CaptureSource> {
    return snapshotFolder(join(this.root, 'snapshots'), ['beds']);
  }

  database(server: DatabaseServer, changeTables = false): CaptureSource {
    return databaseSource(server, { name: 'pas', tables: new Map([['beds', 'dbo.Beds']]), changeTables });
  }

  async capture(
    source: CaptureSource,
    options: { lake?: Lake; limits?: Partial<CaptureOptions['limits']>; keys?: CaptureOptions['keys'] } = {},
  ): Promise<CaptureReport> {
    return capture({
      source,
      contracts: new Map([['beds', beds]]),
      datasets: [],
      keys: options.keys ?? new Map(),
      limits: { maxDeleteShare: 0.5, allowEmpty: false, allowMassDelete: false, ...options.limits },
      lake: options.lake ?? this.lake,
      folders: { leases: join(this.root, 'leases'), spill: join(this.root, 'spill') },
      threads: 2,
      memoryLimit: '256MB',
    });
  }

  /** Captures the one table; what was done with it. */
  async table(
    source: CaptureSource,
    options: Parameters<CaptureFixture['capture']>[1] = {},
  ): Promise<TableReport> {
    const { tables, refused } = await this.capture(source, options);
    if (!tables[0]) throw new Error(refused[0]?.reason);
    return tables[0];
  }

  changeFiles(): Promise<ChangeFile[]> {
    return listChanges(this.lake);
  }

  async query<T>(sql: string): Promise<T[]> {
    this.#reader ??= await openReader();
    return this.#reader.rows<T>(sql);
  }

  /** Every change in the lake, in order, with values as texts. */
  async changes(): Promise<Change[]> {
    const all: Change[] = [];
    for (const { file } of await this.changeFiles()) {
      const rows = await this.query<Record<string, unknown>>(
        `select columns(* exclude (_captured_at))::varchar from '${this.lake.path(file)}'`,
      );
      for (const { _op, _before, _sequence, ...row } of rows) {
        all.push({
          op: String(_op),
          row: row as Record<string, RowValue>,
          before: _before === null ? null : (JSON.parse(String(_before)) as Record<string, RowValue>),
          sequence: Number(_sequence),
        });
      }
    }
    return all;
  }

  /** What comes out of an empty table when every change is made in order; each must fit the state before it. */
  async replay(
    keyOf: (row: Record<string, RowValue>) => string,
  ): Promise<Map<string, Record<string, RowValue>>> {
    const table = new Map<string, Record<string, RowValue>>();
    for (const { op, row, before } of await this.changes()) {
      const key = keyOf(row);
      expect({ op, before }).toEqual({
        op: op === 'I' ? 'I' : expect.stringMatching(/^[UD]$/),
        before: table.get(key) ?? null,
      });
      if (op === 'D') {
        expect(row).toEqual(before);
        table.delete(key);
      } else table.set(key, row);
    }
    return table;
  }
}
