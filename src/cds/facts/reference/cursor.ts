import type { Fact, FactColumn } from '../fact.js';
import type { ReferenceProblem, Token } from './tokens.js';

/** Ends the reading of a reference: what follows cannot be understood. */
export class Misread extends Error {
  constructor(readonly problem: ReferenceProblem) {
    super(problem.message);
  }
}

/** A place in the tokens of a reference, and the problems found up to it. */
export class Cursor {
  readonly problems: ReferenceProblem[] = [];
  #at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get next(): Token {
    return this.tokens[this.#at] ?? { kind: 'end', text: '', offset: 0 };
  }

  get atEnd(): boolean {
    return this.next.kind === 'end';
  }

  /** A problem that does not hinder the reading. */
  note(problem: ReferenceProblem): void {
    this.problems.push(problem);
  }

  /** Error: always, at the next token. */
  fail(message: string, hint: string): never {
    throw new Misread({ offset: this.next.offset, message, hint });
  }

  take(): Token {
    const token = this.next;
    this.#at += 1;
    return token;
  }

  #takes(kind: Token['kind'], text: string): boolean {
    const found = this.next.kind === kind && this.next.text === text;
    if (found) this.#at += 1;
    return found;
  }

  takeWord = (text: string): boolean => this.#takes('word', text);
  takeSymbol = (text: string): boolean => this.#takes('symbol', text);

  needWord(text: string, hint: string): void {
    if (!this.takeWord(text)) this.fail(`here stands the word ${text}`, hint);
  }

  needSymbol(text: string, hint: string): void {
    if (!this.takeSymbol(text)) this.fail(`here stands ${text}`, hint);
  }

  word(what: string, hint: string): Token {
    return this.next.kind === 'word' ? this.take() : this.fail(`here stands ${what}`, hint);
  }

  text(what: string): Token {
    return this.next.kind === 'text' ? this.take() : this.fail(`here stands ${what}`, "between ' and '");
  }

  /** The name of a column of the fact. */
  column(fact: Fact): Token & { readonly column: FactColumn } {
    const hint = `columns of ${fact.name}: ${Object.keys(fact.columns).join(', ')}`;
    const token = this.word('the name of a column', hint);
    const column = Object.hasOwn(fact.columns, token.text) ? fact.columns[token.text] : undefined;
    if (!column)
      throw new Misread({ offset: token.offset, message: `${fact.name} has no column ${token.text}`, hint });
    return { ...token, column };
  }
}
