/** A part of the text between braces. Words are in lower case; `offset` counts UTF-16 units from the first brace on. */
export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'symbol' | 'end';
  readonly text: string;
  readonly offset: number;
}

/** What is wrong with the text between braces, where, and what to do about it. */
export interface ReferenceProblem {
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

const forms: readonly (readonly [Token['kind'], RegExp])[] = [
  ['word', /[A-Za-z][A-Za-z0-9_]*/y],
  ['text', /'(?:[^']|'')*'/y],
  ['number', /[+-]?(?:\d+\.?\d*|\.\d+)(?![\w.])/y],
  ['symbol', /<=|>=|<>|[<>=:,()]/y],
];

/** Splits the text into tokens, the last one `end`, up to the first character that begins none. */
export function referenceTokens(text: string): {
  readonly tokens: readonly Token[];
  readonly problem?: ReferenceProblem;
} {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1;
    if (at >= text.length) return { tokens: [...tokens, { kind: 'end', text: '', offset: at }] };
    const token = tokenAt(text, at);
    if (!token) {
      const open = text[at] === "'";
      return {
        tokens,
        problem: {
          offset: at,
          message: open ? 'a text has no end' : 'this character has no meaning here',
          hint: open ? "end it with ' and write '' for a quote in it" : "write texts between ' and '",
        },
      };
    }
    tokens.push(token.token);
    at = token.end;
  }
}

function tokenAt(text: string, at: number): { token: Token; end: number } | undefined {
  for (const [kind, form] of forms) {
    form.lastIndex = at;
    const found = form.exec(text)?.[0];
    if (found === undefined) continue;
    const plain =
      kind === 'word'
        ? found.toLowerCase()
        : kind === 'text'
          ? found.slice(1, -1).replaceAll("''", "'")
          : found;
    return { token: { kind, text: plain, offset: at }, end: at + found.length };
  }
  return undefined;
}
