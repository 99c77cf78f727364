import type { Operator, ReadAggregate, Statement } from '../arden/syntax.js';
import type { FactColumn, FactReference } from '../facts/fact.js';
import { isReference, parseReference } from '../facts/reference/parse.js';
import type { Registry } from '../facts/registry.js';
import { compileExpression, meant, type Scope, where } from './expression.js';
import { rowTime, withStep } from './lists.js';
import { constantOf, type Meaning, type Rows } from './meaning.js';
import { setOperators } from './operators.js';
import { NotCompilable } from './reason.js';
import type { Pipeline, TermType } from './term.js';

export type ReadStatement = Extract<Statement, { kind: 'read' }>;

/** A READ of a rule: the rows that it keeps are the evidence of what it fires for. */
export interface Read {
  readonly statement: ReadStatement;
  readonly reference: FactReference;
  /** The rows kept. */
  readonly pipeline: Pipeline;
}

export interface CompiledRead {
  readonly read: Read;
  /** One for each column of the reference. */
  readonly meanings: readonly Meaning[];
}

/** Compiles a READ. Error: `NotCompilable`. */
export function compileRead(statement: ReadStatement, scope: Scope, registry: Registry): CompiledRead {
  const { braces, aggregate } = statement;
  if (statement.as !== undefined) throw new NotCompilable('OBJECT', statement.span);
  const reference = parseReference(braces.text, registry);
  if (!isReference(reference)) throw new NotCompilable('BRACES', braces.span);
  const all = filtered(statement, columnsOf(reference, scope), scope);
  const [first] = all;
  if (!first) throw new NotCompilable('BRACES', braces.span);
  return {
    read: { statement, reference, pipeline: evidence(first, aggregate, scope) },
    meanings: aggregate ? all.map((rows) => aggregated(rows, aggregate, scope)) : all,
  };
}

function columnsOf(reference: FactReference, { terms }: Scope): Rows[] {
  const { fact } = reference;
  const source = terms.sourceOf(reference);
  const time = fact.time ? terms.column(source, rowTime, formOf(fact.time.stored)) : null;
  return reference.columns.map((name) => {
    const declared = fact.columns[name];
    if (!declared) throw new NotCompilable('BRACES');
    const value = terms.column(source, name, termType(declared));
    return { kind: 'rows', pipeline: { source, steps: [] }, value, time };
  });
}

const formOf = (stored: 'date' | 'instant'): TermType => (stored === 'date' ? 'day' : 'instant');

function termType({ type, stored }: FactColumn): TermType {
  switch (type) {
    case 'boolean':
    case 'number':
    case 'string':
      return type;
    case 'codes':
      return 'string';
    case 'time':
      return formOf(stored ?? 'date');
  }
}

/** The rows whose condition is TRUE: it speaks of the first column, and holds for the row. */
function filtered(
  { where: condition }: ReadStatement,
  columns: readonly Rows[],
  scope: Scope,
): readonly Rows[] {
  const [first] = columns;
  if (!condition || !first) return columns;
  const kept = where(scope.terms, first, (it) => compileExpression(condition, { ...scope, it }), true);
  if (kept.kind !== 'rows') throw new NotCompilable('LIST');
  return columns.map((rows) => ({ ...rows, pipeline: kept.pipeline }));
}

function aggregated(rows: Rows, { operator, count }: ReadAggregate, scope: Scope): Meaning {
  const over = setOperators[meant(operator, scope)];
  if (!over) throw new NotCompilable('AGGREGATE');
  return over(scope.terms, count ? [compileExpression(count, scope), rows] : [rows]);
}

/** FIRST and LAST keep the rows that they choose, by time none that have none; every other function keeps all. */
function evidence({ pipeline, time }: Rows, aggregate: ReadAggregate | undefined, scope: Scope): Pipeline {
  if (!aggregate) return pipeline;
  const operator = meant(aggregate.operator, scope);
  const [from, byTime] = chosen[operator] ?? [];
  if (!from) return pipeline;
  const count = aggregate.count && constantOf(compileExpression(aggregate.count, scope));
  const n = count === undefined ? 1 : count.type === 'number' ? count.value : 0;
  return withStep(pipeline, { kind: from, n: byTime && time === null ? 0 : n });
}

const chosen: Partial<Record<Operator, readonly ['first' | 'last', byTime: boolean]>> = {
  first: ['first', false],
  'first from': ['first', false],
  earliest: ['first', true],
  'earliest from': ['first', true],
  last: ['last', false],
  'last from': ['last', false],
  latest: ['last', true],
  'latest from': ['last', true],
};
