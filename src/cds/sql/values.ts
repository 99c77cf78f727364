import { type Expression, type RawBuilder, sql } from 'kysely';
import type { Dialect } from '../../warehouse/dialect.js';
import { bind } from '../../warehouse/value.js';
import type { Datum } from '../arden/value.js';
import type { Comparison, Literal, Op, Term } from './term.js';

type Sql = RawBuilder<unknown>;

/** Where a term has been computed already: a column; undefined where it has to be computed here. */
export type Computed = (term: Term) => Sql | undefined;

const text = { kind: 'text', length: 4000 } as const;
const double = { kind: 'double' } as const;

/** Numbers and texts of the rule are bound with their type, and NULL stands as itself. */
function literal(datum: Datum): Sql {
  switch (datum.type) {
    case 'boolean':
      return sql.lit(datum.value ? 1 : 0);
    case 'number':
      return bind(double, datum.value);
    case 'duration':
      return bind(double, datum.value.amount);
    case 'string':
    case 'term':
      return bind(text, datum.value);
    default:
      return sql`null`;
  }
}

/** A constant time in the form of what it meets. */
function literalTime({ datum }: Literal, op: 'to day' | 'to instant' | 'to wall'): Sql {
  if (datum.type !== 'time') return sql`null`;
  const { wall, instant } = datum.value;
  const iso = new Date(op === 'to instant' ? instant : wall).toISOString();
  return op === 'to day' ? bind({ kind: 'date' }, iso.slice(0, 10)) : bind({ kind: 'instant' }, iso);
}

/** Terms as SQL. A boolean is a predicate where it decides, and 0, 1 or NULL where it is a value. */
export class Rendering {
  constructor(
    private readonly dialect: Dialect,
    private readonly computed: Computed,
  ) {}

  /** The value of a term. */
  value(term: Term): Sql {
    if (term.kind === 'literal') return literal(term.datum);
    const there = this.computed(term);
    if (there) return this.stored(term, there);
    if (term.kind !== 'apply') throw new Error(`a ${term.kind} is not computed here`);
    if (term.type !== 'boolean') return this.operation(term.op, term.operands);
    if (term.op === 'choose') return this.operation('choose', term.operands);
    const holds = this.predicate(term);
    return isNeverNull(term)
      ? sql`case when ${holds} then 1 else 0 end`
      : sql`case when ${holds} then 1 when not (${holds}) then 0 end`;
  }

  /** A boolean term as a condition. */
  predicate(term: Term): RawBuilder<boolean> {
    const column = term.kind === 'column' ? this.computed(term) : undefined;
    if (column) return sql<boolean>`${column} = 1`;
    if (term.kind !== 'apply' || term.op === 'choose' || this.computed(term))
      return sql<boolean>`${this.value(term)} = 1`;
    const [first, second] = term.operands;
    if (!first) throw new Error(`${term.op} has no operand`);
    if (term.op === 'is null') return sql<boolean>`${this.value(first)} is null`;
    if (term.op === 'not') return sql<boolean>`not (${this.predicate(first)})`;
    if (!second) throw new Error(`${term.op} has one operand`);
    if (term.op === 'and' || term.op === 'or')
      return sql<boolean>`(${this.predicate(first)} ${sql.raw(term.op)} ${this.predicate(second)})`;
    return sql<boolean>`${this.value(first)} ${sql.raw(comparison(term.op))} ${this.value(second)}`;
  }

  /** Numbers are floating point and truth values 0 or 1, whatever they are in gold. */
  private stored(term: Term, column: Sql): Sql {
    if (term.kind !== 'column') return column;
    if (term.type === 'number') return this.dialect.toDouble(column);
    if (term.type !== 'boolean') return column;
    return sql`case when ${column} = 1 then 1 when ${column} = 0 then 0 end`;
  }

  private operation(op: Op, operands: readonly Term[]): Sql {
    const [first, second, third] = operands;
    if (!first) throw new Error(`${op} has no operand`);
    if (op === 'choose' && second && third)
      return sql`case when ${this.predicate(first)} then ${this.value(second)} else ${this.value(third)} end`;
    if ((op === 'to day' || op === 'to instant' || op === 'to wall') && first.kind === 'literal')
      return literalTime(first, op);
    const [one, two] = [ofOne[op], ofTwo[op]];
    if (one) return one(this.value(first), first, this.dialect);
    if (two && second) return two(this.value(first), this.value(second), [first, second], this.dialect);
    throw new Error(`${op} is no value`);
  }
}

const call =
  (name: string) =>
  (value: Sql): Sql =>
    sql`${sql.raw(name)}(${value})`;

const part =
  (name: string) =>
  (value: Sql, _: Term, dialect: Dialect): Sql =>
    dialect.toDouble(call(name)(value));

/** Operations of one value. */
const ofOne: Partial<Record<Op, (value: Sql, term: Term, dialect: Dialect) => Sql>> = {
  abs: call('abs'),
  floor: call('floor'),
  ceiling: call('ceiling'),
  sqrt: call('sqrt'),
  year: part('year'),
  month: part('month'),
  'day of month': part('day'),
  'to instant': (value, { type }, dialect) =>
    firstInstant(dialect, type === 'day' ? dialect.midnight(value) : value),
  'to wall': (value, { type }, dialect) =>
    type === 'day' ? dialect.midnight(value) : dialect.localTime(value),
  'to day': (value, { type }, dialect) =>
    sql`cast(${type === 'instant' ? dialect.localTime(value) : value} as date)`,
};

const infix =
  (operator: string) =>
  (left: Sql, right: Sql): Sql =>
    sql`(${left} ${sql.raw(operator)} ${right})`;

type OfTwo = (left: Sql, right: Sql, terms: readonly [Term, Term], dialect: Dialect) => Sql;

/** Operations of two values. */
const ofTwo: Partial<Record<Op, OfTwo>> = {
  '+': infix('+'),
  '-': infix('-'),
  '*': infix('*'),
  '/': (left, right) => sql`(${left} / nullif(${right}, 0))`,
  'add days': (day, _, [, days], dialect) => dialect.addDays(day, numberOf(days)),
  'add months': (time, _, [{ type }, months], dialect) => {
    const reached = dialect.addMonths(time, numberOf(months));
    return type === 'day' ? sql`cast(${reached} as date)` : reached;
  },
  'add seconds': (time, seconds, _, dialect) => dialect.addSeconds(time, seconds),
  'seconds between': (from, to, _, dialect) => dialect.secondsBetween(from, to),
};

/** True for a condition that is TRUE or FALSE whatever it is made of. */
function isNeverNull(term: Term): boolean {
  if (term.kind !== 'apply') return false;
  const { op, operands } = term;
  return op === 'is null' || ((op === 'not' || op === 'and' || op === 'or') && operands.every(isNeverNull));
}

const comparisons: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>='] satisfies Comparison[]);

function comparison(op: Op): string {
  if (!comparisons.has(op)) throw new Error(`${op} is no condition`);
  return op;
}

function numberOf(term: Term): number {
  if (term.kind !== 'literal' || term.datum.type !== 'number') throw new Error('no literal number');
  return term.datum.value;
}

/**
 * The first instant at which the clock of Europe/London is at or past a wall clock: one hour before it as UTC in summer, of an
 * hour that comes twice the first, of one that is left out the moment of the change.
 */
function firstInstant(dialect: Dialect, wall: Expression<unknown>): Sql {
  const hourBefore = dialect.addSeconds(wall, sql.lit(-3600));
  return sql`case when ${dialect.localTime(hourBefore)} = ${wall} then ${hourBefore} when ${dialect.localTime(wall)} = ${wall} then ${wall} when ${wall} is not null then ${dialect.startOfHour(wall)} end`;
}
