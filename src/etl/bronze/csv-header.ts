import { isUtf8 } from 'node:buffer';
import type { FileRefusal } from './columns.js';
import { type CsvRecord, fieldsOf } from './csv-record.js';
import { type CsvVisitor, readCsv } from './csv-stream.js';

/** Column names of a CSV file as they stand in it, or why they cannot be read. */
export async function readHeader(path: string, gzip: boolean): Promise<readonly string[] | FileRefusal> {
  const header = new Header();
  await readCsv(path, gzip, header);
  return header.outcome ?? { rule: 'FILE_UNREADABLE', reason: 'the file is empty' };
}

class Header implements CsvVisitor {
  outcome: readonly string[] | FileRefusal | undefined;

  row(bytes: Buffer, from: number, end: number, record: CsvRecord): void {
    if (this.outcome) return;
    const text = bytes.subarray(from, end);
    this.outcome = encodingFault(text, record.nul) ?? fieldsOf(text);
  }

  broken(raw: Buffer, _line: number, reason: string): void {
    this.outcome ??= encodingFault(raw, raw.includes(0)) ?? {
      rule: 'FILE_UNREADABLE',
      reason: `the header cannot be read: ${reason}`,
    };
  }

  blank(): void {}

  pause(): boolean {
    return this.outcome === undefined;
  }
}

function encodingFault(header: Buffer, nul: boolean): FileRefusal | undefined {
  const [first, second] = header;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (marked || nul) {
    return {
      rule: 'ENCODING_INVALID',
      reason: 'the file is not UTF-8 but looks like UTF-16; deliver it as UTF-8',
    };
  }
  if (isUtf8(header)) return undefined;
  return { rule: 'ENCODING_INVALID', reason: 'the header is not UTF-8; deliver the file as UTF-8' };
}
