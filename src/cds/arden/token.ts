/** What a stretch of code is: a reserved word, a name, a constant, text between braces, a symbol, or the end of the slot. */
export type TokenKind =
  | 'word'
  | 'name'
  | 'number'
  | 'string'
  | 'term'
  | 'time'
  | 'time of day'
  | 'braces'
  | 'symbol'
  | 'end';

/** `value` is what it stands for: words and names in lower case, strings without their quotes. Offsets are those of `Span`. */
export interface Token {
  kind: TokenKind;
  readonly value: string;
  /** Of a number, a time or a time of day. */
  readonly number: number;
  readonly start: number;
  readonly end: number;
  /** A line break stands between it and the token before. */
  readonly newLine: boolean;
}
