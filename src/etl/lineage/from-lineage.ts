import { refersTo } from './expression-lineage.js';
import type { Catalogue, Constants, FoundRelation, Relation, Scope, TableColumn } from './relation.js';
import { closing, isSymbol, isWord, type Token } from './sql-tokens.js';

export interface FromContext {
  readonly catalogue: Catalogue;
  readonly constants: Constants;
  readonly outer: Scope | undefined;
  readonly subquery: Scope['subquery'];
}

const joinWords = [
  'asof',
  'inner',
  'left',
  'right',
  'full',
  'cross',
  'semi',
  'anti',
  'natural',
  'outer',
  'join',
];

/** Relations of a FROM clause, and the columns that its joins compare. Without tokens there are none. */
export function relationsOf(
  tokens: readonly Token[],
  context: FromContext,
): { found: FoundRelation[]; filters: TableColumn[] } {
  const found: FoundRelation[] = [];
  const filters: TableColumn[] = [];
  const scope: Scope = {
    relations: found,
    aliases: new Map(),
    outer: context.outer,
    constants: context.constants,
    subquery: context.subquery,
  };
  let at = 0;
  let gives: FoundRelation['gives'] = 'rows';
  while (at < tokens.length) {
    const one = relationAt(tokens, at, context, scope);
    found.push({ alias: one.alias, relation: one.relation, gives });
    at = one.next;
    if (isWord(tokens[at], 'on')) {
      const end = conditionEnd(tokens, at + 1);
      filters.push(...refersTo(tokens.slice(at + 1, end), scope));
      at = end;
    } else if (isWord(tokens[at], 'using')) {
      const end = closing(tokens, at + 1);
      for (const { text } of tokens.slice(at + 2, end).filter(({ kind }) => kind === 'name'))
        filters.push(...found.flatMap(({ relation }) => relation.columns.get(text)?.from ?? []));
      at = end + 1;
    }
    gives = 'rows';
    if (isSymbol(tokens[at], ',')) at += 1;
    while (isWord(tokens[at], ...joinWords)) {
      if (isWord(tokens[at], 'semi', 'anti')) gives = 'nothing';
      at += 1;
    }
  }
  return { found, filters };
}

/** A condition lasts to the next join: `left` before a bracket is the function. */
function conditionEnd(tokens: readonly Token[], from: number): number {
  for (let at = from; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (isSymbol(token, '(')) at = closing(tokens, at);
    else if (isSymbol(token, ',') || (isWord(token, ...joinWords) && !isSymbol(tokens[at + 1], '(')))
      return at;
  }
  return tokens.length;
}

function relationAt(
  tokens: readonly Token[],
  at: number,
  context: FromContext,
  scope: Scope,
): { alias: string; relation: Relation; next: number } {
  const first = tokens[at];
  if (first && isSymbol(first, '(')) {
    const end = closing(tokens, at);
    const relation = context.subquery(tokens.slice(at + 1, end), context.outer);
    return aliased(tokens, end + 1, '', relation);
  }
  if (first?.kind !== 'name') throw new Error('lineage: FROM names no relation');
  if (isSymbol(tokens[at + 1], '(')) {
    const end = closing(tokens, at + 1);
    const inside = tokens.slice(at + 2, end);
    const file = inside.find(({ kind }) => kind === 'text');
    const relation = first.text.startsWith('read_')
      ? known(context.catalogue, fileName(file?.text ?? ''))
      : made(inside, scope);
    return aliased(tokens, end + 1, first.text, relation);
  }
  // Of a qualified name the last part names the relation.
  let last = at;
  while (isSymbol(tokens[last + 1], '.') && tokens[last + 2]?.kind === 'name') last += 2;
  const own = tokens[last]?.text ?? '';
  return aliased(tokens, last + 1, own, known(context.catalogue, own));
}

function known(catalogue: Catalogue, name: string): Relation {
  const relation = catalogue(name);
  if (!relation) throw new Error(`lineage: nothing is known of the relation ${name}`);
  return relation;
}

/** `…/specialty.csv` as a quoted text is `specialty.csv`. */
const fileName = (text: string): string => text.slice(1, -1).replace(/^.*[/\\]/, '');

/** A function that makes rows: each of its columns comes from what its arguments name. */
const made = (inside: readonly Token[], scope: Scope): Relation => ({
  columns: new Map([['', { from: refersTo(inside, scope), direct: false, expression: 'generated' }]]),
  rows: [],
  filters: [],
});

/** Reads `[as] alias [(column, …)]` behind a relation. */
function aliased(
  tokens: readonly Token[],
  at: number,
  name: string,
  relation: Relation,
): { alias: string; relation: Relation; next: number } {
  const start = isWord(tokens[at], 'as') ? at + 1 : at;
  const token = tokens[start];
  if (token?.kind !== 'name' || isWord(token, 'on', 'using', ...joinWords))
    return { alias: name, relation, next: start };
  if (!isSymbol(tokens[start + 1], '(')) return { alias: token.text, relation, next: start + 1 };
  const end = closing(tokens, start + 1);
  const origins = [...relation.columns.values()];
  const columns = tokens
    .slice(start + 2, end)
    .filter(({ kind }) => kind === 'name')
    .flatMap(({ text }, index) => {
      const origin = origins[index] ?? origins[0];
      return origin ? [[text, origin] as const] : [];
    });
  return { alias: token.text, relation: { ...relation, columns: new Map(columns) }, next: end + 1 };
}
