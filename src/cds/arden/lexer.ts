import { isHeading } from './slot-rules.js';
import { isDigit, isLetter, isLineBreak, isSpace, isWordPart, type Source } from './source.js';
import { timeAt, timeOfDayAt } from './time-literal.js';
import type { Token, TokenKind } from './token.js';
import { reservedSince } from './words.js';

/** The code of one slot. */
export interface LexedSlot {
  /** The last is of kind `end`. */
  readonly tokens: readonly Token[];
  /** Where its text ends. */
  readonly end: number;
  /** Where what follows the slot begins. */
  readonly next: number;
}

const longestName = 80;
const numberPattern = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const pairs: ReadonlySet<string> = new Set([':=', '||', '<>', '<=', '>=', '**']);
const singles: ReadonlySet<string> = new Set('()[],;.=<>+-*/%:');

/**
 * Cuts the code of a slot into tokens, from a place to `;;` or, if that is missing, to the heading of the next slot. A word
 * is reserved if the version, as `rank` orders them, has it. Text in braces is taken as it is, up to the first `}`.
 */
export function lexSlot(source: Source, from: number, version: number): LexedSlot {
  const lexer = new Lexer(source, from, version);
  return lexer.run();
}

class Lexer {
  readonly #tokens: Token[] = [];
  readonly #text: string;
  #place: number;
  #newLine = false;

  constructor(
    readonly source: Source,
    from: number,
    readonly version: number,
  ) {
    this.#text = source.text;
    this.#place = from;
  }

  run(): LexedSlot {
    for (;;) {
      this.#skip();
      const place = this.#place;
      if (place >= this.#text.length) {
        this.source.diagnostics.departure('SLOT', place, 'The slot is not closed', 'End it with ;;');
        return this.#close(place, place);
      }
      const code = this.#text.charCodeAt(place);
      if (code === 59 && this.#text.charCodeAt(place + 1) === 59) return this.#slotEnd();
      if (code === 58 && this.#atHeading()) return this.#headingWithoutEnd();
      this.#next(code);
    }
  }

  #next(code: number): void {
    if (isLetter(code)) this.#word();
    else if (isDigit(code) || (code === 46 && isDigit(this.#text.charCodeAt(this.#place + 1))))
      this.#number();
    else if (code === 34) this.#string();
    else if (code === 39) this.#term();
    else if (code === 123) this.#braces();
    else this.#symbol();
  }

  #skip(): void {
    const text = this.#text;
    this.#newLine = false;
    for (;;) {
      const code = text.charCodeAt(this.#place);
      const next = code === 47 ? text.charCodeAt(this.#place + 1) : 0;
      if (isSpace(code)) {
        if (isLineBreak(code)) this.#newLine = true;
        this.#place += 1;
      } else if (next === 42) this.#place = this.source.endOfComment(this.#place);
      else if (next === 47 && this.version >= 200) this.#place = this.source.endOfLine(this.#place);
      else if (code !== 116 && code !== 84) return;
      else if (!this.#skipThe()) return;
    }
  }

  /** `THE` says nothing at any place. */
  #skipThe(): boolean {
    const place = this.#place;
    if (isWordPart(this.#text.charCodeAt(place + 3))) return false;
    if (this.#text.slice(place, place + 3).toLowerCase() !== 'the') return false;
    this.#place += 3;
    return true;
  }

  #push(kind: TokenKind, value: string, end: number, number = 0): void {
    this.#tokens.push({ kind, value, number, start: this.#place, end, newLine: this.#newLine });
    this.#place = end;
  }

  #word(): void {
    const text = this.#text;
    let end = this.#place + 1;
    while (isWordPart(text.charCodeAt(end))) end += 1;
    const value = text.slice(this.#place, end).toLowerCase();
    const since = reservedSince.get(value);
    if (end - this.#place > longestName)
      this.source.diagnostics.departure(
        'NAME',
        this.#place,
        `The name has more than ${longestName} characters`,
      );
    this.#push(since !== undefined && since <= this.version ? 'word' : 'name', value, end);
  }

  #number(): void {
    const place = this.#place;
    const time = timeAt(this.#text, place);
    const literal = time ?? (this.version >= 206 ? timeOfDayAt(this.#text, place) : undefined);
    if (literal !== undefined) {
      const { diagnostics } = this.source;
      if (literal.wall === undefined) diagnostics.error('TIME', place, 'There is no such time');
      if (literal.bareZone)
        diagnostics.departure('L02', literal.end - 5, 'The zone has no colon', 'Write it as -05:00');
      this.#push(time === undefined ? 'time of day' : 'time', '', literal.end, literal.wall ?? 0);
      return;
    }
    numberPattern.lastIndex = place;
    const found = numberPattern.exec(this.#text)?.[0] ?? '';
    const number = Number(found);
    if (!Number.isFinite(number)) this.source.diagnostics.error('NUMBER', place, 'The number is too large');
    this.#push('number', found, place + found.length, Number.isFinite(number) ? number : 0);
  }

  /** A quote before which the slot has ended is one that closes another string: this one then ends with its line. */
  #string(): void {
    const { quote, border } = this.source;
    const start = this.#place;
    let doubled = false;
    let close = quote.after(start + 1);
    while (this.#text.charCodeAt(close + 1) === 34) {
      doubled = true;
      close = quote.after(close + 2);
    }
    if (close === Number.POSITIVE_INFINITY || border.after(start) < close) {
      this.source.diagnostics.error('SYNTAX', start, 'The string is not closed', 'Close it with "');
      const end = this.#endOfBrokenLine();
      this.#push('string', this.#text.slice(start + 1, end), end);
      return;
    }
    const raw = this.#text.slice(start + 1, close);
    this.#push('string', unfold(doubled ? raw.replaceAll('""', '"') : raw), close + 1);
  }

  #term(): void {
    const start = this.#place;
    const lineEnd = this.source.endOfLine(start);
    const close = this.#text.slice(start + 1, lineEnd).indexOf("'");
    if (close >= 0) {
      this.#push('term', this.#text.slice(start + 1, start + 1 + close), start + close + 2);
      return;
    }
    this.source.diagnostics.error('SYNTAX', start, 'The term is not closed', "Close it with '");
    const end = this.#endOfBrokenLine();
    this.#push('term', this.#text.slice(start + 1, end), end);
  }

  #braces(): void {
    const { brace, border, diagnostics } = this.source;
    const start = this.#place;
    const close = brace.after(start + 1);
    if (close === Number.POSITIVE_INFINITY || border.after(start) < close) {
      diagnostics.error('SYNTAX', start, 'The braces are not closed', 'Close them with }');
      const end = this.#endOfBrokenLine();
      this.#push('braces', this.#text.slice(start + 1, end), end);
      return;
    }
    const text = this.#text.slice(start + 1, close);
    const semicolon = text.indexOf(';');
    if (semicolon >= 0)
      diagnostics.departure('L09', start + 1 + semicolon, 'There is a semicolon between the braces');
    this.#push('braces', text, close + 1);
  }

  /** Where what is not closed ends: before the `;` of its line, if there is one at the end. */
  #endOfBrokenLine(): number {
    const lineEnd = this.source.endOfLine(this.#place);
    let end = Math.min(lineEnd, this.source.border.after(this.#place));
    while (end > this.#place + 1 && isEndOfStatement(this.#text.charCodeAt(end - 1))) end -= 1;
    return end;
  }

  #symbol(): void {
    const pair = this.#text.slice(this.#place, this.#place + 2);
    const symbol = pairs.has(pair) ? pair : pair.charAt(0);
    if (symbol.length === 2 || singles.has(symbol)) {
      this.#push('symbol', symbol, this.#place + symbol.length);
      return;
    }
    let end = this.#place + 1;
    while (end < this.#text.length && this.#isForeign(end)) end += 1;
    this.source.diagnostics.error(
      'CHARACTER',
      this.#place,
      `Arden Syntax has no ${JSON.stringify(this.#text.slice(this.#place, Math.min(end, this.#place + 20)))}`,
    );
    this.#place = end;
  }

  #isForeign(place: number): boolean {
    const code = this.#text.charCodeAt(place);
    if (isSpace(code) || isWordPart(code) || code === 34 || code === 39 || code === 123 || code === 124)
      return false;
    return !singles.has(this.#text.charAt(place));
  }

  #slotEnd(): LexedSlot {
    const end = this.#place;
    let next = end + 2;
    while (this.#text.charCodeAt(next) === 59) next += 1;
    if (next > end + 2)
      this.source.diagnostics.departure(
        'SYNTAX',
        end,
        'There are more than two semicolons',
        'A statement ends with ; and a slot with ;;',
      );
    return this.#close(end, next);
  }

  /** No code has a colon after the name of a slot, unless that is the heading of the next. */
  #atHeading(): boolean {
    const last = this.#tokens.at(-1);
    if (last === undefined || (last.kind !== 'word' && last.kind !== 'name')) return false;
    return last.newLine && isHeading(last.value) && this.#text.charCodeAt(this.#place + 1) !== 61;
  }

  #headingWithoutEnd(): LexedSlot {
    const heading = this.#tokens.pop();
    const next = heading?.start ?? this.#place;
    this.source.diagnostics.departure(
      'SLOT',
      next,
      'The slot before this one is not closed',
      'End each slot with ;;',
    );
    return this.#close(next, next);
  }

  #close(end: number, next: number): LexedSlot {
    this.#tokens.push({ kind: 'end', value: '', number: 0, start: end, end, newLine: true });
    return { tokens: this.#tokens, end, next };
  }
}

const isEndOfStatement = (code: number): boolean => code === 59 || isSpace(code);

/** One line break in a string is one blank, several are a new line; blanks around them count for nothing. */
function unfold(raw: string): string {
  if (!raw.includes('\n') && !raw.includes('\r')) return raw;
  const [first = '', ...lines] = raw.split(/\r\n|\n|\r/);
  const parts = [first.trimEnd()];
  let breaks = 0;
  for (const [index, line] of lines.entries()) {
    const last = index === lines.length - 1;
    const text = last ? line.trimStart() : line.trim();
    breaks += 1;
    if (text === '' && !last) continue;
    parts.push(breaks > 1 ? '\n' : ' ', text);
    breaks = 0;
  }
  return parts.join('');
}
