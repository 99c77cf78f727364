import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { around } from '../../config/fail-point.js';
import type { CsvRecord } from './csv-record.js';
import { type CsvVisitor, readCsv } from './csv-stream.js';

export interface Repair {
  readonly good: number;
  readonly rejected: number;
}

/** Columns of the file of refused rows. */
export const rejectColumns: readonly string[] = ['_row', 'line', 'rule', 'reason', 'raw'];

/** Bytes of a refused row that are kept. */
const longestRaw = 10_000;

/**
 * Parts a CSV file in two: the well-formed rows with their row number in front, for DuckDB to read, and the others
 * with a reason. Every data row of the file is in exactly one of them, under its number.
 */
export async function repair(
  path: string,
  gzip: boolean,
  fields: number,
  goodPath: string,
  rejectPath: string,
): Promise<Repair> {
  const good = await open(goodPath, 'w', 0o600);
  try {
    const rejects = await open(rejectPath, 'w', 0o600);
    try {
      const parting = new Parting(fields, good, rejects);
      await readCsv(path, gzip, parting);
      return { good: parting.good, rejected: parting.rejected };
    } finally {
      await rejects.close();
    }
  } finally {
    await good.close();
  }
}

class Parting implements CsvVisitor {
  good = 0;
  rejected = 0;
  #header = true;
  #goodLines: Buffer[] = [];
  #rejectLines: string[] = [];

  constructor(
    readonly fields: number,
    readonly goodFile: FileHandle,
    readonly rejectFile: FileHandle,
  ) {
    this.#goodLines.push(
      Buffer.from(`${['_row', ...Array.from({ length: fields }, (_, i) => `c${i}`)].join(',')}\n`),
    );
    this.#rejectLines.push(`${rejectColumns.join(',')}\n`);
  }

  row(bytes: Buffer, from: number, end: number, record: CsvRecord, line: number): void {
    if (this.#header) {
      this.#header = false;
      return;
    }
    const raw = bytes.subarray(from, end);
    if (record.fields !== this.fields) {
      this.#reject(
        raw,
        line,
        'ROW_UNREADABLE',
        `${record.fields} fields where the header has ${this.fields}`,
      );
    } else if (record.nul) {
      this.#reject(raw, line, 'ROW_UNREADABLE', 'a NUL byte is in the row');
    } else if (!isUtf8(raw)) {
      this.#reject(raw, line, 'ENCODING_INVALID', 'the row is not UTF-8');
    } else {
      this.good += 1;
      this.#goodLines.push(Buffer.from(`${this.good + this.rejected},`), raw, lineFeed);
    }
  }

  broken(raw: Buffer, line: number, reason: string): void {
    this.#reject(raw, line, 'ROW_UNREADABLE', reason);
  }

  blank(): void {}

  async pause(): Promise<boolean> {
    const good = this.#goodLines;
    const rejects = this.#rejectLines;
    this.#goodLines = [];
    this.#rejectLines = [];
    await writeAll(this.goodFile, Buffer.concat(good));
    await writeAll(this.rejectFile, Buffer.from(rejects.join('')));
    return true;
  }

  #reject(raw: Buffer, line: number, rule: string, reason: string): void {
    this.rejected += 1;
    const values = [String(this.good + this.rejected), String(line), rule, reason, beginning(raw)];
    this.#rejectLines.push(`${values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')}\n`);
  }
}

const lineFeed = Buffer.from('\n');

/**
 * A row as text of at most `longestRaw` bytes of UTF-8. What is not UTF-8 becomes U+FFFD, a NUL the symbol for it:
 * not every database holds them.
 */
export function beginning(raw: Buffer): string {
  const text = raw.subarray(0, longestRaw).toString('utf8').replaceAll('\0', '\u2400');
  if (Buffer.byteLength(text) <= longestRaw) return text;
  const bytes = Buffer.from(text);
  let end = longestRaw;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += await around('lake.bronze', 'write', async () => (await file.write(bytes, at)).bytesWritten);
}
