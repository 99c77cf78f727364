import type { Diagnostics } from './diagnostics.js';
import { level } from './level.js';
import type { Expression } from './syntax.js';
import type { Token, TokenKind } from './token.js';
import { rankText } from './version.js';
import { fuzzyWords, reservedSince } from './words.js';

export type CodeSlot = 'data' | 'evoke' | 'logic' | 'action';

/** What is known of an MLM while one of its slots is parsed. */
export interface Context {
  readonly diagnostics: Diagnostics;
  /** As `rank` orders them. */
  readonly version: number;
  readonly slot: CodeSlot;
  /** Names that the MLM assigns to anywhere. */
  readonly assigned: ReadonlySet<string>;
  /** IFs without ENDIF, by the offset at which they begin. */
  readonly single: ReadonlySet<number>;
  /** Names used that are never assigned to, with the place of their first use; the parser adds to it. */
  readonly unknown: Map<string, number>;
}

/** Why a statement cannot be understood. Not an Error: there may be thousands in a file, and none of them needs a stack. */
export class Fault {
  constructor(
    readonly code: string,
    readonly offset: number,
    readonly message: string,
    readonly hint?: string,
  ) {}
}

/** Parentheses in parentheses, and statements in statements: deeper ones are refused. */
const deepest = 150;
/** Levels of an expression as a tree, which a long chain of operators makes too. */
const highest = 500;

/** Reads the tokens of a slot one after the other. */
export class Cursor {
  #position = 0;
  #depth = 0;
  /** Height of the tree read so far within the expression that is being read. */
  height = 0;
  /** `x FROM y` is no addition here: FROM belongs to what stands before. */
  keepFrom = false;
  /** WITHINs around, whose operands are used twice. */
  within = 0;
  /** Loops around. */
  loops = 0;

  constructor(
    readonly tokens: readonly Token[],
    readonly context: Context,
    readonly parseExpression: (cursor: Cursor, level: number) => Expression,
  ) {}

  get position(): number {
    return this.#position;
  }

  get token(): Token {
    return this.tokens[this.#position] as Token;
  }

  /** The token `ahead` places further on; the end of the slot beyond its last. */
  peek(ahead = 1): Token {
    return this.tokens[Math.min(this.#position + ahead, this.tokens.length - 1)] as Token;
  }

  /** The token read last; the next one where none has been. */
  get before(): Token {
    return this.tokens[this.#position - 1] ?? this.token;
  }

  /** Whether a token of a kind comes next. */
  atKind(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  /** Where the token read last ends. */
  get lastEnd(): number {
    return this.before.end;
  }

  get lenient(): boolean {
    return this.context.diagnostics.mode === 'lenient';
  }

  next(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.#position += 1;
    return token;
  }

  /** Goes on at a place that was read before. */
  rewind(position: number): void {
    this.#position = position;
  }

  /** Whether a reserved word or symbol comes next. */
  at(value: string): boolean {
    return is(this.token, value);
  }

  /** Whether a reserved word or symbol comes after the next token. */
  followedBy(value: string, ahead = 1): boolean {
    return is(this.peek(ahead), value);
  }

  /** Reads a reserved word or symbol if it comes next. */
  take(value: string): boolean {
    if (!is(this.token, value)) return false;
    this.#position += 1;
    return true;
  }

  /** Reads the first of some reserved words that comes next. */
  takeAny(values: readonly string[]): string | undefined {
    return values.find((value) => this.take(value));
  }

  expect(value: string, hint?: string): Token {
    const { token } = this;
    if (!this.take(value)) this.fault(`Here should be ${value.toUpperCase()}`, hint);
    return token;
  }

  /** Reads a name; `what` says of what. */
  name(what: string): Token {
    const { token } = this;
    if (token.kind === 'word' && this.fuzzy() === undefined)
      throw new Fault(
        'SYNTAX',
        token.start,
        `${token.value.toUpperCase()} is a reserved word and cannot be the ${what}`,
      );
    if (token.kind !== 'name') this.fault(`Here should be the ${what}`);
    return this.next();
  }

  expression(level: number): Expression {
    return this.parseExpression(this, level);
  }

  /** An expression before a FROM that belongs to the function around it. */
  expressionBeforeFrom(level: number): Expression {
    const kept = this.keepFrom;
    this.keepFrom = true;
    try {
      return this.expression(level);
    } finally {
      this.keepFrom = kept;
    }
  }

  /** What stands between brackets is an expression of its own, whatever is around them. */
  enclosed(): Expression {
    const { keepFrom } = this;
    this.keepFrom = false;
    const value = this.expression(level.join);
    this.keepFrom = keepFrom;
    return value;
  }

  /** Runs a part of the parser one level deeper. */
  deeper<T>(part: () => T): T {
    this.#depth += 1;
    try {
      if (this.#depth > deepest)
        throw new Fault('NESTING', this.token.start, `This is nested more than ${deepest} deep`);
      return part();
    } finally {
      this.#depth -= 1;
    }
  }

  /** Counts levels that a tree has grown by. */
  grow(levels: number): void {
    this.height += levels;
    if (this.height > highest)
      throw new Fault('NESTING', this.token.start, `The expression has more than ${highest} levels`);
  }

  departure(code: string, offset: number, message: string, hint?: string): void {
    this.context.diagnostics.departure(code, offset, message, hint);
  }

  report(fault: Fault): void {
    this.context.diagnostics.error(fault.code, fault.offset, fault.message, fault.hint);
  }

  /** Gives the statement up at the token that comes next. */
  fault(message: string, hint?: string): never {
    const { token } = this;
    throw (
      this.fuzzy() ?? new Fault('SYNTAX', token.start, `${message}${found(token)}`, hint ?? this.#laterWord())
    );
  }

  /** Fuzzy logic is refused by name where one of its words comes next. */
  fuzzy(): Fault | undefined {
    const { kind, value, start } = this.token;
    if (kind !== 'word' || !fuzzyWords.has(value)) return undefined;
    return new Fault('FUZZY', start, `${value.toUpperCase()} is of fuzzy logic, which is not supported`);
  }

  /** A word of a later version explains why something is not understood. */
  #laterWord(): string | undefined {
    const near = [this.tokens[this.#position - 1], this.token, this.peek()];
    const word = near.find((token) => token?.kind === 'name' && reservedSince.has(token.value));
    const since = word === undefined ? undefined : reservedSince.get(word.value);
    if (word === undefined || since === undefined) return undefined;
    return `${word.value.toUpperCase()} is a word since version ${rankText(since)}; this MLM is of version ${rankText(this.context.version)}`;
  }
}

const is = (token: Token, value: string): boolean =>
  token.value === value && (token.kind === 'word' || token.kind === 'symbol');

function found(token: Token): string {
  switch (token.kind) {
    case 'end':
      return ', but the slot ends';
    case 'word':
      return `, not ${token.value.toUpperCase()}`;
    case 'name':
      return `, not the name ${token.value.slice(0, 40)}`;
    case 'symbol':
      return `, not ${token.value}`;
    case 'braces':
      return ', not braces';
    default:
      return `, not a ${token.kind}`;
  }
}
