import type { Operator } from '../arden/syntax.js';
import type { Datum } from '../arden/value.js';
import type { FactReference } from '../facts/fact.js';
import { NotCompilable } from './reason.js';
import {
  isBoolean,
  isLiteral,
  type Literal,
  type Op,
  type PickOrder,
  type Pipeline,
  pipelineKey,
  type RowSource,
  type SetFunction,
  type Term,
  type TermType,
} from './term.js';

type Shape = Term extends infer T ? (T extends Term ? Omit<T, 'id'> : never) : never;

/** Makes the terms of one rule: equal terms are one object, so that what is used twice is computed once. */
export class Terms {
  private readonly byKey = new Map<string, Term>();
  private readonly sources = new Map<string, RowSource>();

  readonly null = this.literal({ type: 'null' });
  readonly true = this.literal({ type: 'boolean', value: true });
  readonly false = this.literal({ type: 'boolean', value: false });
  /** The primary time of what has one that is not computed over sets. */
  readonly unavailable = this.intern('unavailable', {
    kind: 'unavailable',
    type: 'time',
    source: undefined,
    late: false,
  });

  /** The rows of a reference, without its columns: two READs of other columns of the same rows are one. */
  sourceOf(reference: FactReference): RowSource {
    const key = JSON.stringify([reference.fact.name, reference.where]);
    const known = this.sources.get(key);
    if (known) return known;
    const source = { id: this.sources.size, reference };
    this.sources.set(key, source);
    return source;
  }

  literal(datum: Datum): Literal {
    const type = datum.type === 'duration' ? datum.value.unit : typeOf[datum.type];
    if (!type) throw new NotCompilable(datum.type === 'object' ? 'OBJECT' : 'TYPE');
    const shape = { kind: 'literal', datum, type, source: undefined, late: false } as const;
    const exact = (_: string, value: unknown): unknown =>
      typeof value === 'number' ? (Object.is(value, -0) ? '-0' : String(value)) : value;
    return this.intern(`literal ${JSON.stringify(datum, exact)}`, shape) as Literal;
  }

  number(value: number): Literal {
    return this.literal({ type: 'number', value });
  }

  column(source: RowSource, column: string, type: TermType): Term {
    return this.intern(`column ${source.id} ${column}`, {
      kind: 'column',
      column,
      type,
      source,
      late: false,
    });
  }

  aggregate(setFunction: SetFunction, pipeline: Pipeline, type: TermType, value?: Term): Term {
    if (value?.late) throw new NotCompilable('TEXT');
    const key = `${setFunction} ${value?.id ?? ''} ${pipelineKey(pipeline)}`;
    const parts = { kind: 'aggregate', function: setFunction, pipeline, value } as const;
    return this.intern(key, { ...parts, type, source: undefined, late: false });
  }

  pick(order: PickOrder, pipeline: Pipeline, value: Term): Term {
    if (value.late) throw new NotCompilable('TEXT');
    const by = order.by ? `${order.by.term.id}${order.by.descending ? ' descending' : ''}` : '';
    const key = `pick ${order.from} ${by} ${value.id} ${pipelineKey(pipeline)}`;
    const parts = { kind: 'pick', order, pipeline, value } as const;
    return this.intern(key, { ...parts, type: value.type, source: undefined, late: false });
  }

  /** An operation; a simpler equal term where there is one. Error: `TEXT` over a text that is computed late. */
  apply(op: Op, type: TermType, ...operands: readonly Term[]): Term {
    const simpler = this.simpler(op, operands);
    if (simpler) return simpler;
    if (op === 'choose' && operands.some(({ late }) => late)) {
      const shape = { kind: 'apply', op, operands, type, source: sourceOf(operands), late: true } as const;
      return this.intern(`late choose ${ids(operands)}`, shape);
    }
    if (operands.some(({ late }) => late)) throw new NotCompilable('TEXT');
    const shape = { kind: 'apply', op, operands, type, source: sourceOf(operands), late: false } as const;
    return this.intern(`${op} ${type} ${ids(operands)}`, shape);
  }

  /** An operator that only the interpreter computes. Error: `TEXT` for each row of a list. */
  late(operator: Operator, operands: readonly Term[], type: TermType): Term {
    if (sourceOf(operands)) throw new NotCompilable('TEXT');
    const shape = { kind: 'late', operator, operands, type, source: undefined, late: true } as const;
    return this.intern(`late ${operator} ${ids(operands)}`, shape);
  }

  and(...conditions: readonly Term[]): Term {
    return conditions.reduce((all, each) => this.apply('and', 'boolean', all, each), this.true as Term);
  }

  not(condition: Term): Term {
    return this.apply('not', 'boolean', condition);
  }

  isNull(term: Term): Term {
    return this.apply('is null', 'boolean', term);
  }

  private simpler(op: Op, operands: readonly Term[]): Term | undefined {
    const [first, second, third] = operands;
    if (!first) return undefined;
    if (op === 'not' && isLiteral(first)) return this.negated(first);
    if (op === 'not' && first.kind === 'apply' && first.op === 'not') return first.operands[0];
    if (op === 'is null' && isLiteral(first)) return first.datum.type === 'null' ? this.true : this.false;
    if (!second) return undefined;
    if (op === 'and' || op === 'or') return this.simplerPair(op === 'and', first, second);
    if (op !== 'choose' || !third) return undefined;
    if (second === third) return second;
    return isLiteral(first) ? (isBoolean(first, true) ? second : third) : undefined;
  }

  private negated(literal: Literal): Term {
    if (literal.datum.type !== 'boolean') return this.null;
    return literal.datum.value ? this.false : this.true;
  }

  /** Of AND or OR: the value that decides alone, the other operand beside the value that decides nothing. */
  private simplerPair(isAnd: boolean, left: Term, right: Term): Term | undefined {
    const decides = isAnd ? this.false : this.true;
    const neutral = isAnd ? this.true : this.false;
    if (left === decides || right === decides) return decides;
    if (left === neutral || left === right) return right;
    return right === neutral ? left : undefined;
  }

  private intern(key: string, shape: Shape): Term {
    const known = this.byKey.get(key);
    if (known) return known;
    const term = { ...shape, id: this.byKey.size } as Term;
    this.byKey.set(key, term);
    return term;
  }
}

const ids = (operands: readonly Term[]): string => operands.map(({ id }) => id).join(' ');

/** The rows that all operands are of. Error: `LISTS` for two. */
function sourceOf(operands: readonly Term[]): RowSource | undefined {
  const [first, ...others] = new Set(operands.flatMap(({ source }) => source ?? []));
  if (others.length > 0) throw new NotCompilable('LISTS');
  return first;
}

const typeOf: Partial<Record<Datum['type'], TermType>> = {
  null: 'null',
  boolean: 'boolean',
  number: 'number',
  string: 'string',
  term: 'string',
  time: 'time',
};
