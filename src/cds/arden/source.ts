import type { Diagnostics } from './diagnostics.js';
import { Finder } from './finder.js';
import { headingLine, slotBorder } from './slot-rules.js';

/** The text of a file with what looks for places in it. */
export class Source {
  readonly slotEnd: Finder;
  readonly border: Finder;
  readonly heading: Finder;
  readonly quote: Finder;
  readonly brace: Finder;
  readonly commentEnd: Finder;
  readonly lineEnd: Finder;

  constructor(
    readonly text: string,
    readonly diagnostics: Diagnostics,
  ) {
    this.slotEnd = new Finder(text, /;;+/);
    this.border = new Finder(text, slotBorder);
    this.heading = new Finder(text, headingLine);
    this.quote = new Finder(text, /"/);
    this.brace = new Finder(text, /\}/);
    this.commentEnd = new Finder(text, /\*\//);
    this.lineEnd = new Finder(text, /\r\n|\n|\r|$/);
  }

  /** Where the line of a place ends. */
  endOfLine(place: number): number {
    return Math.min(this.lineEnd.after(place), this.text.length);
  }

  /** The next place at or after one that is not white space. */
  skipBlanks(from: number): number {
    let place = from;
    while (isSpace(this.text.charCodeAt(place))) place += 1;
    return place;
  }

  /** Where a comment that begins at a place ends; one that is never closed ends with its line. */
  endOfComment(start: number): number {
    const close = this.commentEnd.after(start + 2);
    if (close !== Number.POSITIVE_INFINITY) return close + 2;
    this.diagnostics.error('SYNTAX', start, 'The comment is not closed', 'Close it with */');
    return this.endOfLine(start);
  }

  /** The next place at or after one that is neither white space nor in a comment. */
  skipSpace(from: number): number {
    let place = from;
    for (;;) {
      const code = this.text.charCodeAt(place);
      if (isSpace(code)) place += 1;
      else if (code === 47 && this.text.charCodeAt(place + 1) === 42) place = this.endOfComment(place);
      else if (code === 47 && this.text.charCodeAt(place + 1) === 47) place = this.endOfLine(place);
      else return place;
    }
  }
}

/** Blanks, line breaks, the no-break space and the byte order mark. */
export const isSpace = (code: number): boolean =>
  code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0xfeff;

export const isLineBreak = (code: number): boolean => code === 10 || code === 13;

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;

export const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90);

export const isWordPart = (code: number): boolean => isLetter(code) || isDigit(code) || code === 95;
