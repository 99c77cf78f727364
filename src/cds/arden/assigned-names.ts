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
  for (const tokens of slots)
    for (let place = 0; place < tokens.length; place += 1) addAt(tokens, place, names);
  return names;
}

function addAt(tokens: readonly Token[], place: number, names: Set<string>): void {
  const { kind, value } = tokens[place] as Token;
  if (kind === 'string' || kind === 'term') return;
  if (value === ':=') addBefore(tokens, place, names);
  else if (value === 'let') addBetween(tokens, place + 1, names);
  else if (value === 'for' && isWord(tokens[place + 2], 'in')) add(tokens[place + 1], names);
  else if (value === '||' && isWord(tokens[place + 2], '||') && isAssignment(tokens[place + 3]))
    add(tokens[place + 1], names);
}

const isAssignment = (token: Token | undefined): boolean => isWord(token, '=') || isWord(token, ':=');

function add(token: Token | undefined, names: Set<string>): void {
  if (isIdentifier(token)) names.add(token.value);
}

/** The target that ends before `:=`: a name, perhaps with attributes and elements, or several in parentheses. */
function addBefore(tokens: readonly Token[], assignment: number, names: Set<string>): void {
  let place = assignment - 1;
  if (isWord(tokens[place], ')')) {
    for (place -= 1; place >= 0 && !endsTarget(tokens[place], '('); place -= 1)
      if (tokens[place]?.kind === 'name') add(tokens[place], names);
    return;
  }
  for (;;) {
    while (isWord(tokens[place], ']')) {
      while (place >= 0 && !endsTarget(tokens[place], '[')) place -= 1;
      place -= 1;
    }
    if (!isWord(tokens[place - 1], '.')) break;
    place -= 2;
  }
  add(tokens[place], names);
}

/** What was begun with an opening bracket, or another statement, ends here. */
const endsTarget = (token: Token | undefined, bracket: string): boolean =>
  isWord(token, bracket) || isWord(token, ':=') || isWord(token, ';');

function addBetween(tokens: readonly Token[], from: number, names: Set<string>): void {
  for (let place = from; place < tokens.length; place += 1) {
    const token = tokens[place];
    if (token === undefined || isWord(token, 'be') || isWord(token, 'let') || token.value === ';') return;
    add(token, names);
  }
}
