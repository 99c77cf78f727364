import { decodeToken, Frame, type OpenEntry, OpenResource } from './scanner-frames.js';

/** Longest resource that is taken, in bytes: beyond it one is refused, so that any file needs bounded memory. */
export const largestResource = 16 << 20;

/** Deepest nesting of a resource that is taken. */
export const deepestNesting = 50;

/** Nesting at which a file is given up: no Bundle of Bundles comes near it. */
const deepestFile = 5_000;

/** Longest text that is looked at for a key, a resourceType or a fullUrl. */
const longestToken = 4_096;

export interface ResourceVisitor {
  /** The bytes of one JSON object that is no Bundle, as sent, and the `fullUrl` of its entry. */
  resource(json: Buffer, fullUrl: string | undefined): void;
  /** What is no resource; `raw` may be only its beginning. */
  refused(raw: Buffer, reason: string): void;
}

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const LF = 10;

type Token = 'none' | 'key' | 'resourceType' | 'fullUrl';

/**
 * Cuts the resources out of JSON text that arrives in pieces: a resource, a Bundle of any type, Bundles in Bundles,
 * or several of them one after the other. Works on bytes and keeps at most one resource in memory, since it follows
 * brackets, strings and four keys only; whether a cut resource is JSON is for its reader to find out.
 *
 * `entry` may stand before `resourceType`, and List has an `entry` too: elements are cut where they hold a
 * `resource`, and the object around them is kept as a resource of its own until it proves to be a Bundle.
 * After text that is no object the scan goes on at the next line; after brackets that do not match it ends.
 */
export class ResourceScanner {
  #window: Buffer = Buffer.alloc(0);
  /** Offset of the window in the file. */
  #base = 0;
  #stack: Frame[] = [];
  #resources: OpenResource[] = [];
  #entries: OpenEntry[] = [];
  #key = '';
  #keyNext = false;
  #inString = false;
  #escaped = false;
  #token: Token = 'none';
  /** Offset of the string that is kept as token. */
  #tokenStart = -1;
  #skippingLine = false;
  #ended = false;

  constructor(
    readonly visitor: ResourceVisitor,
    readonly largest = largestResource,
  ) {}

  /** Takes the next piece; `final` where none follows. */
  feed(chunk: Buffer, final: boolean): void {
    if (this.#ended) return;
    const from = this.#window.length;
    this.#window = from === 0 ? chunk : Buffer.concat([this.#window, chunk]);
    this.#scan(from);
    if (final && !this.#ended && (this.#stack.length > 0 || this.#inString)) {
      this.#giveUp('the JSON ends before it is complete');
    }
    this.#trim();
  }

  #scan(from: number): void {
    const bytes = this.#window;
    const size = bytes.length;
    let at = from;
    while (at < size && !this.#ended) {
      if (this.#skippingLine) {
        const end = bytes.indexOf(LF, at);
        if (end < 0) return;
        this.#skippingLine = false;
        at = end + 1;
        continue;
      }
      if (this.#inString) {
        at = this.#string(bytes, at);
        continue;
      }
      const byte = bytes[at] as number;
      if (byte === QUOTE && this.#stack.length > 0) this.#openString(at);
      else if (byte === 0x7b || byte === 0x5b) this.#open(byte === 0x7b, at);
      else if (byte === 0x7d || byte === 0x5d) this.#close(byte === 0x7d, at);
      else if (byte === COMMA && this.#stack.length > 0)
        this.#keyNext = this.#top() !== Frame.Array && this.#top() !== Frame.Entries;
      else if (this.#stack.length === 0 && byte > 32) this.#junk(bytes, at);
      at += 1;
    }
  }

  #top(): Frame | undefined {
    return this.#stack[this.#stack.length - 1];
  }

  #openString(at: number): void {
    this.#inString = true;
    this.#token = 'none';
    const top = this.#top();
    if (this.#keyNext) {
      this.#key = '';
      if (top === Frame.Resource || top === Frame.Entry) this.#token = 'key';
    } else if (top === Frame.Resource && this.#key === 'resourceType') this.#token = 'resourceType';
    else if (top === Frame.Entry && this.#key === 'fullUrl') this.#token = 'fullUrl';
    this.#tokenStart = this.#token === 'none' ? -1 : this.#base + at + 1;
  }

  /** Passes over the text of a string from `at`; the position after it, or the end of the window. */
  #string(bytes: Buffer, from: number): number {
    const size = bytes.length;
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at += 1;
    }
    for (; at < size; at += 1) {
      const byte = bytes[at] as number;
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) {
        this.#inString = false;
        this.#endString(bytes, at);
        return at + 1;
      }
    }
    // The escaped byte is the first of the next piece.
    if (at > size) this.#escaped = true;
    return size;
  }

  #endString(bytes: Buffer, end: number): void {
    const wasKey = this.#keyNext;
    this.#keyNext = false;
    const token = this.#token;
    if (token === 'none' || this.#tokenStart < 0) return;
    const start = this.#tokenStart - this.#base;
    this.#token = 'none';
    this.#tokenStart = -1;
    if (end - start > longestToken) return;
    const text = decodeToken(bytes.subarray(start, end));
    if (wasKey) this.#key = text ?? '';
    else if (token === 'resourceType') {
      const resource = this.#resources.at(-1);
      if (resource) resource.type = text;
    } else if (token === 'fullUrl') {
      const entry = this.#entries.at(-1);
      if (entry) entry.fullUrl = text;
    }
  }

  #open(object: boolean, at: number): void {
    const top = this.#top();
    const resource = this.#resources.at(-1);
    let frame = object ? Frame.Object : Frame.Array;
    if (object) {
      if (top === undefined || (top === Frame.Entry && this.#key === 'resource')) frame = Frame.Resource;
      else if (top === Frame.Entries) frame = Frame.Entry;
    }
    if (top === Frame.Resource && this.#key === 'entry' && resource?.mayBeBundle) {
      if (object) resource.entryIsNoList = true;
      else frame = Frame.Entries;
    }
    if (frame === Frame.Resource) this.#resources.push(new OpenResource(this.#base + at, this.#stack.length));
    else if (frame === Frame.Entry) this.#entries.push({ fullUrl: undefined, json: undefined, done: false });
    this.#stack.push(frame);
    this.#key = '';
    this.#keyNext = object;
    if (resource && this.#stack.length - resource.depth > deepestNesting) resource.deep = true;
    if (this.#stack.length > deepestFile)
      this.#giveUp(`the JSON is nested deeper than ${deepestFile}; nothing behind it is read`);
  }

  #close(object: boolean, at: number): void {
    const frame = this.#stack.pop();
    const isArray = frame === Frame.Array || frame === Frame.Entries;
    if (frame === undefined || isArray === object) {
      this.#giveUp('the brackets of the JSON do not match; nothing behind it is read');
      return;
    }
    this.#key = '';
    this.#keyNext = false;
    if (frame === Frame.Resource) this.#closeResource(at);
    else if (frame === Frame.Entry) this.#closeEntry();
    else if (this.#stack.length === 0) this.visitor.refused(Buffer.from('[]'), 'a JSON list, not a resource');
  }

  #closeResource(at: number): void {
    const resource = this.#resources.pop();
    if (!resource) return;
    const entry = this.#top() === Frame.Entry ? this.#entries.at(-1) : undefined;
    if (entry) entry.done = true;
    if (resource.type === 'Bundle') {
      const missing = 'an entry of the Bundle holds no resource';
      for (; resource.bare > 0; resource.bare -= 1) this.visitor.refused(Buffer.alloc(0), missing);
      if (resource.entryIsNoList) this.visitor.refused(Buffer.alloc(0), 'the entry of the Bundle is no list');
      return;
    }
    const reason = resource.reasonToRefuse(this.#base + at + 1, this.largest, deepestNesting);
    const kept = resource.start >= this.#base;
    const json = kept ? this.#window.subarray(resource.start - this.#base, at + 1) : Buffer.alloc(0);
    if (reason !== undefined) this.visitor.refused(json, reason);
    else if (entry) entry.json = Buffer.from(json);
    else this.visitor.resource(json, undefined);
  }

  #closeEntry(): void {
    const entry = this.#entries.pop();
    const bundle = this.#resources.at(-1);
    if (!entry || !bundle) return;
    if (entry.json) this.visitor.resource(entry.json, entry.fullUrl);
    if (entry.done) bundle.cut = true;
    else bundle.bare += 1;
  }

  /** Text between the resources: refused with its line. */
  #junk(bytes: Buffer, at: number): void {
    const end = bytes.indexOf(LF, at);
    this.visitor.refused(bytes.subarray(at, end < 0 ? bytes.length : end), 'no JSON object');
    this.#skippingLine = true;
  }

  #giveUp(reason: string): void {
    const from = this.#resources.findLast((resource) => resource.start >= this.#base);
    const raw = from ? this.#window.subarray(from.start - this.#base) : Buffer.alloc(0);
    this.visitor.refused(raw, reason);
    this.#ended = true;
  }

  /** Lets go of what no open resource or string needs. */
  #trim(): void {
    const end = this.#base + this.#window.length;
    let from = end;
    if (this.#tokenStart >= 0) {
      if (end - this.#tokenStart > longestToken) this.#tokenStart = -1;
      else from = this.#tokenStart;
    }
    for (const resource of this.#resources) {
      if (resource.isKept(end, this.largest)) from = Math.min(from, resource.start);
    }
    this.#window = this.#ended ? Buffer.alloc(0) : this.#window.subarray(from - this.#base);
    this.#base = from;
  }
}
