import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { MaplewoodError } from '../../errors.js';
import { type CsvRecord, fieldsOf } from '../bronze/csv-record.js';
import { type CsvVisitor, readCsv } from '../bronze/csv-stream.js';

/**
 * Copies a CSV file without the columns named (lower case), for its owner alone. Error: `USAGE` with the line, where a
 * row cannot be read: what is dropped must be known.
 */
export async function withoutColumns(
  path: string,
  gzip: boolean,
  dropped: readonly string[],
  target: string,
): Promise<void> {
  const out = await open(target, 'w', 0o600);
  try {
    await readCsv(path, gzip, new Dropping(dropped, out));
  } finally {
    await out.close();
  }
}

class Dropping implements CsvVisitor {
  #kept: readonly boolean[] | undefined;
  #lines: string[] = [];

  constructor(
    readonly dropped: readonly string[],
    readonly out: FileHandle,
  ) {}

  row(bytes: Buffer, from: number, end: number, record: CsvRecord, line: number): void {
    const raw = bytes.subarray(from, end);
    if (!isUtf8(raw)) throw unreadable(line, 'the row is not UTF-8');
    const fields = fieldsOf(raw);
    this.#kept ??= fields.map((field) => !this.dropped.includes(field.trim().toLowerCase()));
    if (record.fields !== this.#kept.length)
      throw unreadable(line, `${record.fields} fields where the header has ${this.#kept.length}`);
    const kept = fields.filter((_field, index) => this.#kept?.[index]);
    this.#lines.push(`${kept.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\n`);
  }

  broken(_raw: Buffer, line: number, reason: string): void {
    throw unreadable(line, reason);
  }

  blank(): void {}

  async pause(): Promise<boolean> {
    const text = this.#lines.join('');
    this.#lines = [];
    await this.out.writeFile(text);
    return true;
  }
}

const unreadable = (line: number, reason: string): MaplewoodError =>
  new MaplewoodError(
    'USAGE',
    `Line ${line} of the corrected file cannot be read: ${reason}. Correct it and replay the file again.`,
  );
