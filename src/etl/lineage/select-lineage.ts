import { expressionText, refersTo } from './expression-lineage.js';
import { relationsOf } from './from-lineage.js';
import {
  type Catalogue,
  type Constants,
  eachOnce,
  type Origin,
  type Relation,
  type Scope,
  type TableColumn,
} from './relation.js';
import { closing, isSymbol, isWord, splitOutside, type Token, tokensOf } from './sql-tokens.js';

/** A SELECT with its columns in order; a column without a name has none. */
export interface Selected extends Relation {
  readonly ordered: readonly { readonly name: string | undefined; readonly origin: Origin }[];
}

/**
 * Lineage of a statement that is or ends in a SELECT (`CREATE … AS select`), read from its text. The forms understood
 * are those that the load writes; a name that is no column of a relation in scope is an error, never a guess.
 */
export function selectLineage(sql: string, catalogue: Catalogue, constants: Constants = new Map()): Selected {
  const tokens = tokensOf(sql);
  const first = tokens.findIndex((token) => isWord(token, 'select'));
  if (first < 0) throw new Error('lineage: there is no SELECT');
  return queryLineage(tokens.slice(first), { sql, catalogue, constants }, undefined);
}

interface Text {
  readonly sql: string;
  readonly catalogue: Catalogue;
  readonly constants: Constants;
}

/** A query: SELECTs with UNION between them, of which the columns meet by position. */
function queryLineage(tokens: readonly Token[], text: Text, outer: Scope | undefined): Selected {
  const branches = splitOutside(tokens, (token) => isWord(token, 'union'))
    .map((branch) => (isWord(branch[0], 'all') ? branch.slice(1) : branch))
    .map((branch) => coreLineage(branch, text, outer));
  const [first] = branches;
  if (!first || branches.some(({ ordered }) => ordered.length !== first.ordered.length))
    throw new Error('lineage: the branches of a UNION differ in their columns');
  const ordered = first.ordered.map(({ name, origin }, index) => {
    const origins = branches.map((branch) => branch.ordered[index]?.origin ?? origin);
    return {
      name,
      origin: {
        from: eachOnce(origins.flatMap(({ from }) => from)),
        direct: origins.every(({ direct }) => direct),
        expression: origin.expression,
      },
    };
  });
  return selected(
    ordered,
    branches.flatMap(({ rows }) => rows),
    branches.flatMap(({ filters }) => filters),
  );
}

const clauses: readonly string[] = ['from', 'where', 'group', 'having', 'order', 'limit'];

/** Tokens of each clause. `from` of IS DISTINCT FROM and of brackets is none. */
function clausesOf(tokens: readonly Token[]): Map<string, Token[]> {
  const starts: { clause: string; at: number }[] = [{ clause: 'select', at: 0 }];
  for (let at = 1; at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    if (isSymbol(token, '(') || isSymbol(token, '[')) at = closing(tokens, at);
    else if (isWord(token, ...clauses) && !(token.text === 'from' && isWord(tokens[at - 1], 'distinct')))
      starts.push({ clause: token.text, at });
  }
  return new Map(
    starts.map(({ clause, at }, index): [string, Token[]] => [
      clause,
      tokens.slice(at + 1, starts[index + 1]?.at),
    ]),
  );
}

function coreLineage(tokens: readonly Token[], text: Text, outer: Scope | undefined): Selected {
  if (!isWord(tokens[0], 'select')) throw new Error('lineage: a query does not begin with SELECT');
  const parts = clausesOf(tokens);
  const subquery = (inner: readonly Token[], scope: Scope | undefined): Selected =>
    queryLineage(inner, text, scope);
  const { found, filters } = relationsOf(parts.get('from') ?? [], { ...text, outer, subquery });
  const scope: Scope = { relations: found, aliases: new Map(), outer, subquery, constants: text.constants };
  const list = parts.get('select') ?? [];
  const ordered: { name: string | undefined; origin: Origin }[] = [];
  for (const item of splitOutside(isWord(list[0], 'distinct') ? list.slice(1) : list, isComma)) {
    for (const column of itemColumns(text.sql, item, scope)) {
      ordered.push(column);
      if (column.name !== undefined) scope.aliases.set(column.name, column.origin);
    }
  }
  const conditions = ['where', 'having'].flatMap((clause) => refersTo(parts.get(clause) ?? [], scope));
  return selected(
    ordered,
    found.flatMap(({ relation, gives }) => (gives === 'rows' ? relation.rows : [])),
    [...found.flatMap(({ relation }) => relation.filters), ...filters, ...conditions],
  );
}

const isComma = (token: Token): boolean => isSymbol(token, ',');

/** Columns of one item of a select list: a star gives all, anything else one. */
function itemColumns(
  sql: string,
  item: readonly Token[],
  scope: Scope,
): { name: string | undefined; origin: Origin }[] {
  const qualified = item.length > 2 && isSymbol(item[1], '.') && isSymbol(item[2], '*');
  if (isSymbol(item[0], '*') || qualified) {
    const excluded = new Set(
      item.slice(qualified ? 3 : 1).flatMap((token) => (token.kind === 'name' ? [token.text] : [])),
    );
    return scope.relations
      .filter(({ alias, gives }) => (qualified ? alias === item[0]?.text : gives === 'rows'))
      .flatMap(({ relation }) => [...relation.columns])
      .filter(([name]) => !excluded.has(name))
      .map(([name, origin]) => ({ name, origin }));
  }
  const named = isWord(item.at(-2), 'as');
  const expression = named ? item.slice(0, -2) : item;
  const single = singleColumn(expression, scope);
  const name = named ? item.at(-1)?.text : single && expression.at(-1)?.text;
  if (single) return [{ name, origin: single }];
  const from = refersTo(expression, scope);
  return [{ name, origin: { from, direct: false, expression: expressionText(sql, expression) } }];
}

/** The origin of an expression that is nothing but a column. */
function singleColumn(tokens: readonly Token[], scope: Scope): Origin | undefined {
  const [first, dot, last] = tokens;
  if (tokens.length === 1 && first?.kind === 'name') {
    const holders = scope.relations.filter(({ relation }) => relation.columns.has(first.text));
    return holders.length === 1 ? holders[0]?.relation.columns.get(first.text) : undefined;
  }
  if (tokens.length !== 3 || !isSymbol(dot, '.') || first === undefined || last === undefined)
    return undefined;
  return scope.relations.find(({ alias }) => alias === first.text)?.relation.columns.get(last.text);
}

function selected(
  ordered: Selected['ordered'],
  rows: readonly string[],
  filters: readonly TableColumn[],
): Selected {
  return {
    ordered,
    columns: new Map(
      ordered.map(({ name, origin }, index): [string, Origin] => [name ?? `column ${index + 1}`, origin]),
    ),
    rows: [...new Set(rows)],
    filters: eachOnce(filters),
  };
}
