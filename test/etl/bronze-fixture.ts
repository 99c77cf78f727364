import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type BronzeBatch, ingest } from '../../src/etl/bronze.js';
import { type Contract, contract, integer, text } from '../../src/etl/contracts/contract.js';
import { hashFile } from '../../src/etl/hash-file.js';
import type { LandingFormat } from '../../src/etl/landing.js';
import { folderLake } from '../../src/lake/folder.js';

export const beds: Contract = contract({
  dataset: 'beds',
  version: 1,
  description: 'Three columns, for tests.',
  key: ['a'],
  duplicateRule: 'BED_DUPLICATE',
  requiredForRelease: false,
  columns: {
    a: text(10)('O', 'Key.', { required: true, aliases: ['alpha'] }),
    b: text(10)('O', 'Text.', { mustExist: true }),
    c: integer(0, 9)('O', 'Number.'),
  },
  rules: [],
  references: [],
});

/** A lake and a landing folder in a temporary folder, and a connection. */
export class BronzeFixture {
  readonly root = mkdtempSync(join(tmpdir(), 'bronze-'));
  readonly lake = folderLake(join(this.root, 'lake'));
  #batch = 0;

  private constructor(
    readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
  ) {}

  /** Without DuckDB's cache of file contents: it takes a file that was written again within a tick for the old one. */
  static async open(): Promise<BronzeFixture> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '2',
      enable_external_file_cache: 'false',
    });
    return new BronzeFixture(instance, await instance.connect());
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
    rmSync(this.root, { recursive: true, force: true });
  }

  path(name: string): string {
    const path = join(this.root, 'landing', name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  async ingest(name: string, content?: string | Buffer, of: Contract = beds): Promise<BronzeBatch> {
    const path = this.path(name);
    if (content !== undefined) writeFileSync(path, content);
    return this.ingestPath(path, name, of);
  }

  async ingestPath(path: string, name: string, of: Contract): Promise<BronzeBatch> {
    const format = (['csv.gz', 'csv', 'parquet'] as const).find((end) => name.endsWith(end)) as LandingFormat;
    const { size } = statSync(path);
    const file = {
      dataset: of.dataset,
      name,
      path,
      format,
      changes: name.includes('.changes.'),
      bytes: size,
      sha256: await hashFile(path),
    };
    this.#batch += 1;
    return ingest(file, of, this.#batch, {
      connection: this.connection,
      lake: this.lake,
      run: 'r',
      loadedAt: '2024-02-03T04:05:06.000Z',
    });
  }

  async query(sql: string): Promise<unknown[][]> {
    return (await this.connection.runAndReadAll(sql)).getRowsJson();
  }

  /** `_row` and the given columns of a batch, in row order. */
  rows(batch: BronzeBatch, columns = '_row, a, b, c'): Promise<unknown[][]> {
    return this.query(`select ${columns} from '${this.lake.path(batch.file!)}' order by _row`);
  }

  rejects(batch: BronzeBatch, columns = '_row, line, rule, reason'): Promise<unknown[][]> {
    return this.query(`select ${columns} from '${this.lake.path(batch.rejectsFile!)}' order by _row`);
  }
}
