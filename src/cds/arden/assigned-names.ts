import type { Token } from './token.js';

const isWord = (token: Token | undefined, value: string): boolean =>
  token?.value === value && token.kind !== 'string' && token.kind !== 'term';

const isIdentifier = (token: Token | undefined): token is Token =>
  token?.kind === 'name' || token?.kind === 'word';

/**
 * Names that the code of an MLM assigns to, whether or not its version reserves them: before `:=`, between LET and BE, after
 * FOR, and between the bars of `|| name || =`.
 */
export function assignedNames(slots: readonly (readonly Token[])[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const tokens of slots) {
    for (const [place, token] of tokens.entries()) {
      if (token.kind === 'symbol' && token.value === ':=') addBefore(tokens, place, names);
      else if (isWord(token, 'let')) addBetween(tokens, place + 1, names);
      else if (isWord(token, 'for') && isWord(tokens[place + 2], 'in')) add(tokens[place + 1], names);
      else if (token.value === '||' && isWord(tokens[place + 2], '||') && isAssignment(tokens[place + 3]))
        add(tokens[place + 1], names);
    }
  }
  return names;
}

const isAssignment = (token: Token | undefined): boolean => isWord(token, '=') || isWord(token, ':=');

function add(token: Token | undefined, names: Set<string>): void {
  if (isIdentifier(token)) names.add(token.value);
}

const targetSymbols: ReadonlySet<string> = new Set(['(', ')', ',', '.', '[', ']']);

function addBefore(tokens: readonly Token[], assignment: number, names: Set<string>): void {
  for (let place = assignment - 1; place >= 0; place -= 1) {
    const token = tokens[place];
    if (token === undefined) return;
    if (token.kind === 'name') names.add(token.value);
    else if (token.kind === 'word' && place === assignment - 1) names.add(token.value);
    else if (token.kind !== 'number' && !targetSymbols.has(token.value)) return;
  }
}

function addBetween(tokens: readonly Token[], from: number, names: Set<string>): void {
  for (let place = from; place < tokens.length; place += 1) {
    const token = tokens[place];
    if (token === undefined || isWord(token, 'be') || token.value === ';') return;
    add(token, names);
  }
}
