/** What an open bracket of the scanned JSON means. */
export enum Frame {
  Object = 0,
  Array = 1,
  /** An object that is a resource, or a Bundle. */
  Resource = 2,
  /** The list `entry` of what may be a Bundle. */
  Entries = 3,
  /** An element of it. */
  Entry = 4,
}

/** An entry whose end is not seen yet: `fullUrl` may stand behind its resource. */
export interface OpenEntry {
  fullUrl: string | undefined;
  json: Buffer | undefined;
  /** A resource or a Bundle in it was seen to its end. */
  done: boolean;
}

/** A resource or Bundle whose end is not seen yet. */
export class OpenResource {
  type: string | undefined;
  /** Entries with a resource have been cut from it. */
  cut = false;
  /** Entries without a resource: those of a Bundle are refused, those of a List are its content. */
  bare = 0;
  entryIsNoList = false;
  deep = false;
  large = false;

  constructor(
    /** Offset in the file. */
    readonly start: number,
    /** Brackets open around it. */
    readonly depth: number,
  ) {}

  get mayBeBundle(): boolean {
    return this.type === undefined || this.type === 'Bundle';
  }

  /** Whether its bytes are needed when `end` bytes of the file are read. Remembers that it has become too large. */
  isKept(end: number, largest: number): boolean {
    if (end - this.start > largest) this.large = true;
    return !this.large && !this.deep && !this.cut && this.type !== 'Bundle';
  }

  reasonToRefuse(end: number, largest: number, deepest: number): string | undefined {
    if (this.cut) return 'an object with resources in its entry list that is no Bundle';
    if (this.large || end - this.start > largest) return `the resource is larger than ${largest} bytes`;
    if (this.deep) return `the resource is nested deeper than ${deepest}`;
    return undefined;
  }
}

/** The text of a JSON string without its quotes, or undefined where it is none. */
export function decodeToken(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return undefined;
  }
}
