import { CsvRecord } from './csv-record.js';
import { bytesOf } from './file-bytes.js';

/** Longest row that is taken: beyond it a row is refused, so that a file needs bounded memory whatever is in it. */
export const longestRow = 1 << 20;

export interface CsvVisitor {
  /** The record `bytes[from, end)` with `fields` fields, on line `line` of the file (1-based). */
  row(bytes: Buffer, from: number, end: number, record: CsvRecord, line: number): void;
  /** A line that is no record; `raw` may be only its beginning. */
  broken(raw: Buffer, line: number, reason: string): void;
  blank(): void;
  /** After each piece of the file. False ends the reading. */
  pause(): Promise<boolean> | boolean;
}

/**
 * Reads the records of a CSV file, the header among them, in bounded memory and in file order.
 *
 * After a fault the reading goes on at the next line, so that a quote that is never closed costs its line and not
 * the rest of the file. For the same reason a record over several lines must have the number of fields of the
 * first record (the header): otherwise a stray quote has swallowed a line end.
 */
export async function readCsv(path: string, gzip: boolean, visitor: CsvVisitor): Promise<void> {
  const reader = new CsvReader(visitor);
  for await (const chunk of bytesOf(path, gzip)) {
    reader.feed(chunk, false);
    if (!(await visitor.pause())) return;
  }
  reader.feed(Buffer.alloc(0), true);
  await visitor.pause();
}

class CsvReader {
  readonly #record = new CsvRecord();
  #rest: Buffer = Buffer.alloc(0);
  #line = 1;
  #started = false;
  #expected = 0;
  /** Within a broken line whose end is not seen yet. */
  #skipping = false;

  constructor(readonly visitor: CsvVisitor) {}

  feed(chunk: Buffer, final: boolean): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#started && (bytes.length >= 3 || final)) {
      this.#started = true;
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    }
    let at = this.#started ? this.#records(bytes, final) : 0;
    if (final) at = bytes.length;
    this.#rest = bytes.subarray(at);
  }

  #records(bytes: Buffer, final: boolean): number {
    const record = this.#record;
    let at = 0;
    if (this.#skipping) {
      const end = bytes.indexOf(10);
      if (end < 0) return bytes.length;
      this.#skipping = false;
      this.#line += 1;
      at = end + 1;
    }
    while (at < bytes.length) {
      const kind = record.scan(bytes, at, final);
      if (kind === 'more') {
        if (bytes.length - at <= longestRow) return at;
        at = this.#broken(bytes, at, `the row is longer than ${longestRow} bytes`);
      } else if (kind === 'blank') {
        this.visitor.blank();
        this.#line += 1;
        at = record.next;
      } else if (kind === 'broken') {
        at = this.#broken(bytes, at, record.reason);
      } else if (record.end - at > longestRow) {
        at = this.#broken(bytes, at, `the row is longer than ${longestRow} bytes`);
      } else if (this.#expected > 0 && record.lines > 1 && record.fields !== this.#expected) {
        at = this.#broken(bytes, at, 'a quote is opened and not closed on its line');
      } else {
        if (this.#expected === 0) this.#expected = record.fields;
        this.visitor.row(bytes, at, record.end, record, this.#line);
        this.#line += record.lines;
        at = record.next;
      }
    }
    return at;
  }

  /** Gives up the line at `from`; the position after it. */
  #broken(bytes: Buffer, from: number, reason: string): number {
    const end = bytes.indexOf(10, from);
    this.visitor.broken(bytes.subarray(from, end < 0 ? bytes.length : end), this.#line, reason);
    if (end < 0) {
      this.#skipping = true;
      return bytes.length;
    }
    this.#line += 1;
    return end + 1;
  }
}
