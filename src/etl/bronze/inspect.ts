import type { CsvRecord, LineEnd } from './csv-record.js';
import { type CsvVisitor, readCsv } from './csv-stream.js';

export interface Inspection {
  /** Whether every row is well formed and has the fields of the header, so that DuckDB may read the file itself. */
  readonly clean: boolean;
  /** Data rows; only meaningful if clean. */
  readonly rows: number;
}

/** Reads the whole file once and judges its form, independently of DuckDB. Ends at the first fault. */
export async function inspect(path: string, gzip: boolean, fields: number): Promise<Inspection> {
  const inspector = new Inspector(fields);
  await readCsv(path, gzip, inspector);
  return { clean: inspector.clean, rows: inspector.records - 1 };
}

class Inspector implements CsvVisitor {
  clean = true;
  /** The header included. */
  records = 0;
  #lineEnd: LineEnd | undefined;

  constructor(readonly fields: number) {}

  row(_bytes: Buffer, _from: number, _end: number, record: CsvRecord): void {
    this.records += 1;
    if (record.fields !== this.fields || record.nul) this.clean = false;
    if (record.lineEnd === 'none') return;
    this.#lineEnd ??= record.lineEnd;
    if (record.lineEnd !== this.#lineEnd) this.clean = false;
  }

  broken(): void {
    this.clean = false;
  }

  /** DuckDB passes over empty lines as this does, but takes one before the header for the header. */
  blank(): void {
    if (this.records === 0) this.clean = false;
  }

  pause(): boolean {
    return this.clean;
  }
}
