/**
 * The grammar of CSV, strictly as RFC 4180 has it: a quote opens a field only as its first byte, and after the
 * closing quote comes a comma or the end of the line. Lines end in LF or CRLF. Works on bytes; since every byte of
 * the grammar is ASCII, UTF-8 text needs no decoding for it.
 */
export type RecordKind =
  /** A record from `from` to `end`; the next begins at `next`. */
  | 'row'
  /** An empty line. */
  | 'blank'
  /** The bytes end within a record, and more are to come. */
  | 'more'
  /** No record of this grammar; `reason` says why. */
  | 'broken';

/** `none`: the file ends there. `other`: a carriage return at the very end. */
export type LineEnd = 'LF' | 'CRLF' | 'none' | 'other';

const NUL = 0;
const LF = 10;
const CR = 13;
const QUOTE = 34;
const COMMA = 44;

/** Finds the record at a position. One object is used for a whole file: five million results would cost. */
export class CsvRecord {
  /** End of the record without its line end. */
  end = 0;
  next = 0;
  fields = 0;
  /** Lines that the record spans. */
  lines = 0;
  /** Whether a NUL byte is in it. */
  nul = false;
  lineEnd: LineEnd = 'LF';
  reason = '';

  /** `final`: nothing comes after these bytes. */
  scan(bytes: Buffer, from: number, final: boolean): RecordKind {
    const size = bytes.length;
    let at = from;
    this.fields = 1;
    this.lines = 1;
    this.nul = false;
    for (;;) {
      let quoted = false;
      if (at < size && bytes[at] === QUOTE) {
        at = this.#closingQuote(bytes, at + 1, final);
        if (at < 0) return final ? this.#broken('a quote is opened and not closed') : 'more';
        quoted = true;
      }
      for (; at < size; at += 1) {
        const byte = bytes[at] as number;
        if (byte === COMMA || byte === LF || byte === CR) break;
        if (quoted) return this.#broken('characters follow a closing quote');
        if (byte === QUOTE) return this.#broken('a quote stands inside a field that does not begin with one');
        if (byte === NUL) this.nul = true;
      }
      if (at >= size) return final ? this.#row(from, at, at, 'none') : 'more';
      const byte = bytes[at];
      if (byte === COMMA) {
        this.fields += 1;
        at += 1;
        continue;
      }
      if (byte === LF) return this.#row(from, at, at + 1, 'LF');
      if (at + 1 >= size) return final ? this.#row(from, at, at + 1, 'other') : 'more';
      if (bytes[at + 1] === LF) return this.#row(from, at, at + 2, 'CRLF');
      return this.#broken('a carriage return without line feed');
    }
  }

  /** Position after the closing quote of a field whose text begins at `from`; −1 if it is not in these bytes. */
  #closingQuote(bytes: Buffer, from: number, final: boolean): number {
    const size = bytes.length;
    for (let at = from; at < size; at += 1) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        if (at + 1 >= size) return final ? at + 1 : -1;
        if (bytes[at + 1] !== QUOTE) return at + 1;
        at += 1;
      } else if (byte === LF) this.lines += 1;
      else if (byte === NUL) this.nul = true;
    }
    return -1;
  }

  #row(from: number, end: number, next: number, lineEnd: LineEnd): RecordKind {
    this.end = end;
    this.next = next;
    this.lineEnd = lineEnd;
    return end === from ? 'blank' : 'row';
  }

  #broken(reason: string): RecordKind {
    this.reason = reason;
    return 'broken';
  }
}

/** Fields of one well-formed record as text; an unquoted empty field is `''` here like a quoted one. */
export function fieldsOf(record: Buffer): string[] {
  const fields: string[] = [];
  const text = record.toString('utf8');
  for (let at = 0; at <= text.length; ) {
    if (text[at] === '"') {
      const match = /"((?:[^"]|"")*)"/y;
      match.lastIndex = at;
      const inner = match.exec(text)?.[1] ?? '';
      fields.push(inner.replaceAll('""', '"'));
      at = match.lastIndex + 1;
    } else {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length : comma;
      fields.push(text.slice(at, end));
      at = end + 1;
    }
  }
  return fields;
}
