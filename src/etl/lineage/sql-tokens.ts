/**
 * A token of SQL text. `name`: an identifier, quoted or not. Comments do not occur in generated SQL and are an error,
 * as is anything else that is not understood: lineage is either right or not made.
 */
export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'parameter' | 'symbol';
  /** A plain name in lower case, a quoted one as it is; the other kinds as written. */
  readonly text: string;
  readonly quoted: boolean;
  /** Where it begins and ends in the SQL. */
  readonly start: number;
  readonly end: number;
}

const forms: readonly (readonly [Token['kind'], boolean, RegExp])[] = [
  ['text', false, /'(?:[^']|'')*'/y],
  ['name', true, /"(?:[^"]|"")+"/y],
  ['name', false, /[A-Za-z_][A-Za-z0-9_]*/y],
  ['number', false, /\d+(?:\.\d+)?/y],
  ['parameter', false, /\$[A-Za-z_]+/y],
  ['symbol', false, /\|\||\/\/|<=|>=|<>|!=|::|[-+*/%&|<>=(),.:?[\]]/y],
];

/** Splits SQL into tokens. Error: text that is no token (an open quote, a comment). */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    if (/\s/.test(sql.charAt(at))) {
      at += 1;
      continue;
    }
    const token = tokenAt(sql, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function tokenAt(sql: string, at: number): Token {
  if (!sql.startsWith('--', at) && !sql.startsWith('/*', at)) {
    for (const [kind, quoted, form] of forms) {
      form.lastIndex = at;
      const found = form.exec(sql)?.[0];
      if (found === undefined) continue;
      const text = quoted ? found.slice(1, -1).replaceAll('""', '"') : found;
      const plain = kind === 'name' && !quoted ? text.toLowerCase() : text;
      return { kind, text: plain, quoted, start: at, end: at + found.length };
    }
  }
  throw new Error(`lineage: SQL that is not understood at character ${at}`);
}

export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token !== undefined && token.kind === 'name' && !token.quoted && words.includes(token.text);

export const isSymbol = (token: Token | undefined, symbol: string): boolean =>
  token !== undefined && token.kind === 'symbol' && token.text === symbol;

/** Index of the bracket that closes the one at `open`. Error: there is none. */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (isSymbol(token, '(') || isSymbol(token, '[')) depth += 1;
    if (isSymbol(token, ')') || isSymbol(token, ']')) depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error('lineage: a bracket is not closed');
}

/** Parts of a list of tokens between the separators that stand outside brackets. Separators are left out. */
export function splitOutside(
  tokens: readonly Token[],
  separates: (token: Token, index: number) => boolean,
): Token[][] {
  const parts: Token[][] = [[]];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    if (isSymbol(token, '(') || isSymbol(token, '[')) {
      const end = closing(tokens, at);
      parts.at(-1)?.push(...tokens.slice(at, end + 1));
      at = end;
    } else if (separates(token, at)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
