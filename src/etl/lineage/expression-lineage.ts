import { eachOnce, type Origin, type Scope, type TableColumn } from './relation.js';
import { closing, isSymbol, isWord, type Token } from './sql-tokens.js';

/** Words of expressions that name nothing. Others must be columns. */
const words: ReadonlySet<string> = new Set([
  ...['and', 'as', 'asc', 'between', 'by', 'case', 'current', 'desc', 'distinct', 'else', 'end', 'escape'],
  ...['false', 'following', 'from', 'in', 'interval', 'is', 'like', 'not', 'null'],
  ...['or', 'order', 'over', 'partition', 'preceding', 'range', 'row', 'rows'],
  ...['then', 'true', 'unbounded', 'when'],
]);

/**
 * Columns that an expression names, each once, with those of its subqueries. Texts, numbers, functions, types and
 * parameters of lambdas are no columns. Error: a name that is none of these and no column in scope.
 */
export function refersTo(tokens: readonly Token[], scope: Scope): TableColumn[] {
  const found: TableColumn[] = [];
  const bound = new Set<string>();
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    const next = tokens[at + 1];
    if (isSymbol(token, '(') && isWord(next, 'select')) {
      const end = closing(tokens, at);
      const inner = scope.subquery(tokens.slice(at + 1, end), scope);
      found.push(...[...inner.columns.values()].flatMap(({ from }) => from), ...inner.filters);
      at = end;
    } else if (token.kind === 'text') {
      const column = scope.constants.get(token.text.slice(1, 11));
      if (column) found.push(column);
    } else if (token.kind !== 'name') continue;
    else if (isWord(token, 'lambda')) {
      for (at += 1; !isSymbol(tokens[at], ':') && at < tokens.length; at += 1) {
        const parameter = tokens[at];
        if (parameter?.kind === 'name') bound.add(parameter.text);
      }
    } else if (isSymbol(next, '.')) {
      const column = tokens[at + 2];
      if (column?.kind !== 'name') throw new Error(`lineage: no column stands behind ${token.text}.`);
      found.push(...qualified(token.text, column.text, scope).from);
      at += 2;
    } else if (!isNoColumn(tokens, at) && !bound.has(token.text)) found.push(...plain(token, scope));
  }
  return eachOnce(found);
}

/** A function, a type, the unit of an interval, or the word before the text of a typed constant. */
function isNoColumn(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at] as Token;
  if (token.quoted) return false;
  const next = tokens[at + 1];
  if (isSymbol(next, '(') || next?.kind === 'text') return true;
  return (
    (isWord(tokens[at - 1], 'as') && !isWord(token, 'select')) ||
    (tokens[at - 1]?.kind === 'number' && isWord(tokens[at - 2], 'interval'))
  );
}

function qualified(alias: string, column: string, scope: Scope): Origin {
  for (let at: Scope | undefined = scope; at; at = at.outer) {
    const relation = at.relations.find((one) => one.alias === alias)?.relation;
    if (!relation) continue;
    const origin = relation.columns.get(column);
    if (!origin) throw new Error(`lineage: ${alias} has no column ${column}`);
    return origin;
  }
  throw new Error(`lineage: ${alias} is no relation of the query`);
}

function plain(token: Token, scope: Scope): readonly TableColumn[] {
  for (let at: Scope | undefined = scope; at; at = at.outer) {
    const holders = at.relations.filter(({ relation }) => relation.columns.has(token.text));
    if (holders.length > 1) throw new Error(`lineage: ${token.text} is a column of several relations`);
    const [holder] = holders;
    if (holder) return holder.relation.columns.get(token.text)?.from ?? [];
    const alias = at.aliases.get(token.text);
    if (alias) return alias.from;
  }
  if (!token.quoted && words.has(token.text)) return [];
  throw new Error(`lineage: ${token.text} is no column of the query`);
}

const longest = 300;

/** The expression as it stands, with an ellipsis for every constant and list of constants, cut at 300 characters. */
export function expressionText(sql: string, tokens: readonly Token[]): string {
  let text = '';
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    const gap = before && before.end < token.start ? ' ' : '';
    const constant = token.kind === 'text' || token.kind === 'number';
    text += gap + (constant ? '…' : sql.slice(token.start, token.end).replaceAll('"', ''));
  }
  const short = text.replaceAll(/…(?:, …)+/g, '…');
  return short.length > longest ? `${short.slice(0, longest - 1)}…` : short;
}
