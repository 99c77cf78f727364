import { timeAt } from '../arden/run/time.js';
import type { Constant, Expression, Operator } from '../arden/syntax.js';
import type { Datum, Time, Value } from '../arden/value.js';
import { fold } from './fold.js';
import { kept } from './lists.js';
import { constantOf, elementwise, type Meaning, meaningOf, scalar, single } from './meaning.js';
import { setOperators } from './operators.js';
import { NotCompilable, type ReasonCode } from './reason.js';
import type { Terms } from './terms.js';

/** What an expression may speak of. */
export interface Scope {
  readonly terms: Terms;
  readonly now: Time;
  /** Text constants of the language that the rule is compiled for. */
  readonly texts: Readonly<Record<string, string>>;
  /** In version 1 FIRST and LAST go by time. */
  readonly isVersion1: boolean;
  readonly names: ReadonlyMap<string, Meaning | ReasonCode>;
  readonly it?: Meaning;
}

/** Compiles an expression. Error: `NotCompilable` with the place of the part that is left to the interpreter. */
export function compileExpression(expression: Expression, scope: Scope): Meaning {
  try {
    return compile(expression, scope);
  } catch (error) {
    throw error instanceof NotCompilable ? error.at(expression.span) : error;
  }
}

function compile(expression: Expression, scope: Scope): Meaning {
  const { terms } = scope;
  switch (expression.kind) {
    case 'constant':
      return meaningOf(terms, constant(expression.constant));
    case 'clock':
      if (expression.clock !== 'now') throw new NotCompilable('CLOCK');
      return scalar(terms.literal({ type: 'time', value: scope.now }));
    case 'name':
      return named(expression.name, scope);
    case 'it':
      if (!scope.it) throw new NotCompilable('NAME');
      return scope.it;
    case 'operation': {
      const operands = expression.operands.map((operand) => compileExpression(operand, scope));
      return operated(meant(expression.operator, scope), operands, terms);
    }
    case 'where':
      return where(
        scope.terms,
        compileExpression(expression.value, scope),
        (it) => compileExpression(expression.condition, { ...scope, it }),
        false,
      );
    case 'localized': {
      const text = expression.language ? undefined : scope.texts[expression.key];
      if (text === undefined) throw new NotCompilable('NAME');
      return scalar(terms.literal({ type: 'string', value: text }));
    }
    case 'using':
    case 'is type':
      throw new NotCompilable('OPERATOR');
    case 'dot':
    case 'new':
      throw new NotCompilable('OBJECT');
  }
}

/** In version 1 FIRST and LAST go by time. */
export function meant(operator: Operator, { isVersion1 }: Scope): Operator {
  return (isVersion1 && byTime[operator]) || operator;
}

const byTime: Partial<Record<Operator, Operator>> = {
  first: 'earliest',
  last: 'latest',
  'first from': 'earliest from',
  'last from': 'latest from',
};

/** The interpreter computes what is known before the run. */
function operated(operator: Operator, operands: readonly Meaning[], terms: Terms): Meaning {
  const values = operands.map(constantOf);
  if (values.every((value) => value !== undefined)) return meaningOf(terms, fold(operator, values));
  const over = setOperators[operator];
  if (!over) throw new NotCompilable('OPERATOR');
  return over(terms, operands);
}

function named(name: string, { terms, names }: Scope): Meaning {
  const found = names.get(name);
  // A name that nothing was assigned to is null.
  if (found === undefined) return scalar(terms.null);
  if (typeof found === 'string') throw new NotCompilable(found);
  return found;
}

/** The elements whose condition is TRUE. Of one value it is left to the interpreter: none of it would be a list. */
export function where(
  terms: Terms,
  value: Meaning,
  conditionOf: (it: Meaning) => Meaning,
  scanned: boolean,
): Meaning {
  const condition = conditionOf(value);
  if (value.kind !== 'rows') throw new NotCompilable('LIST');
  // The value itself takes part, so that a condition over other rows is refused.
  const paired = elementwise(terms, (_, __, holds = terms.null) => holds, [value, condition]);
  const holds = paired.kind === 'rows' ? paired.value : single(paired).value;
  if (holds.type !== 'boolean' && holds.type !== 'null') throw new NotCompilable('TYPE');
  return kept(value, holds, scanned);
}

function constant(given: Constant): Value {
  if (given.type === 'empty list') return { type: 'list', items: [] };
  return { ...datumOf(given), primaryTime: null };
}

function datumOf(given: Exclude<Constant, { type: 'empty list' }>): Datum {
  if (given.type !== 'time') return given;
  const time = timeAt(given.value);
  return time ? { type: 'time', value: time } : { type: 'null' };
}
