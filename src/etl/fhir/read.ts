import { bytesOf } from '../bronze/file-bytes.js';
import { type ReceivedResource, readResource } from './resource.js';
import { largestResource, ResourceScanner } from './scanner.js';

/** Takes the rows of a file in order. */
export interface FhirSink {
  received(resource: ReceivedResource): void;
  /** What is no resource; `line` of an NDJSON file, counted from 1. */
  refused(raw: Buffer, line: number | null, reason: string): void;
  /** After each piece of the file. */
  pause(): Promise<void>;
}

const LF = 10;
const CR = 13;

/**
 * Reads the resources of an NDJSON or JSON file in bounded memory. Every resource and every text that is none goes
 * to the sink once. In NDJSON a line may also be a Bundle, and a fault costs its line. Throws `GzipDamaged`.
 */
export async function readFhir(
  path: string,
  { lines, gzip }: { readonly lines: boolean; readonly gzip: boolean },
  sink: FhirSink,
  largest = largestResource,
): Promise<void> {
  const reader = lines ? new LineReader(sink, largest) : new DocumentReader(sink, largest);
  let started = false;
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of bytesOf(path, gzip)) {
    let bytes = chunk;
    if (!started) {
      head = Buffer.concat([head, chunk]);
      if (head.length < 3) continue;
      started = true;
      bytes = withoutMark(head);
    }
    reader.feed(bytes, false);
    await sink.pause();
  }
  reader.feed(started ? Buffer.alloc(0) : head, true);
  await sink.pause();
}

/** Without the byte order mark of UTF-8. */
const withoutMark = (bytes: Buffer): Buffer =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

/** A scanner whose resources are read and handed on. `line` says where they are. */
function scannerFor(sink: FhirSink, largest: number, line: () => number | null): ResourceScanner {
  return new ResourceScanner(
    {
      resource(json, fullUrl) {
        const resource = readResource(json, fullUrl);
        if (typeof resource === 'string') sink.refused(json, line(), resource);
        else sink.received(resource);
      },
      refused: (raw, reason) => sink.refused(raw, line(), reason),
    },
    largest,
  );
}

class DocumentReader {
  readonly #scanner: ResourceScanner;

  constructor(sink: FhirSink, largest: number) {
    this.#scanner = scannerFor(sink, largest, () => null);
  }

  feed(chunk: Buffer, final: boolean): void {
    this.#scanner.feed(chunk, final);
  }
}

class LineReader {
  #rest: Buffer = Buffer.alloc(0);
  #line = 1;
  /** Within a line that is too long and has been refused. */
  #skipping = false;

  constructor(
    readonly sink: FhirSink,
    readonly largest: number,
  ) {}

  feed(chunk: Buffer, final: boolean): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF)) {
      if (this.#skipping) this.#skipping = false;
      else this.#read(bytes.subarray(0, end));
      this.#line += 1;
      bytes = bytes.subarray(end + 1);
    }
    if (this.#skipping) bytes = Buffer.alloc(0);
    else if (final) this.#read(bytes);
    else if (bytes.length > this.largest) {
      this.#read(bytes);
      this.#skipping = true;
      bytes = Buffer.alloc(0);
    }
    this.#rest = bytes;
  }

  #read(line: Buffer): void {
    const bytes = line[line.length - 1] === CR ? line.subarray(0, -1) : line;
    if (bytes.length > this.largest) {
      this.sink.refused(bytes, this.#line, `the line is longer than ${this.largest} bytes`);
    } else if (!isBlank(bytes)) scannerFor(this.sink, this.largest, () => this.#line).feed(bytes, true);
  }
}

const isBlank = (bytes: Buffer): boolean => bytes.length === 0 || bytes.every((byte) => byte <= 32);
