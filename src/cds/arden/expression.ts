import { symbolOperand, withSymbols } from './bare-words.js';
import { inComparison, isComparison, occurComparison } from './comparison.js';
import { type Cursor, Fault } from './cursor.js';
import { level } from './level.js';
import { newObject } from './new-object.js';
import { after, ago, before, clock, constant, operation } from './node.js';
import { type BinaryRule, binaryRules, units, weekdays } from './operators.js';
import { type PrefixRule, prefixRules } from './prefix.js';
import type { Constant, Expression, Operator } from './syntax.js';
import type { Token } from './token.js';
import { fuzzyWords } from './words.js';

/** An operator after its first operand. */
interface InfixRule {
  readonly level: number;
  /** Two of the level do not follow each other without parentheses. */
  readonly single: boolean;
  /** Reads on after the word. */
  readonly parse: (cursor: Cursor, left: Expression, word: Token) => Expression;
}

/**
 * Reads an expression by the precedence of operators: as much as stands at the level or above it. Throws a `Fault` where
 * none can be read.
 */
export function parseExpression(cursor: Cursor, least: number): Expression {
  return cursor.deeper(() => {
    const outer = cursor.height;
    cursor.height = 1;
    let left = first(cursor, least);
    let last = level.atom as number;
    for (;;) {
      const { token } = cursor;
      const rule = infixRule(cursor, token);
      if (rule === undefined || rule.level < least) break;
      if (rule.single && rule.level === last)
        throw new Fault(
          'SYNTAX',
          token.start,
          `${token.value.toUpperCase()} does not follow an operator of its own kind`,
          'Say with parentheses what belongs together',
        );
      last = rule.level;
      cursor.next();
      left = rule.parse(cursor, left, token);
    }
    cursor.height = Math.max(outer, cursor.height);
    return left;
  });
}

/** An operator before its operands with them, or an atom. */
function first(cursor: Cursor, least: number): Expression {
  const { token } = cursor;
  if (token.kind === 'word' || token.kind === 'symbol') {
    const rule = allPrefixRules.get(token.value);
    if (rule !== undefined) {
      cursor.next();
      if (rule.level < least)
        cursor.departure(
          'SYNTAX',
          token.start,
          `${token.value.toUpperCase()} stands among operators that bind more tightly`,
          'Put parentheses around it',
        );
      return rule.parse(cursor, token.start);
    }
  }
  return atom(cursor, token);
}

function atom(cursor: Cursor, token: Token): Expression {
  const { start, end } = token;
  const span = { start, end };
  switch (token.kind) {
    case 'name':
      cursor.next();
      if (!cursor.context.assigned.has(token.value) && !cursor.context.unknown.has(token.value))
        cursor.context.unknown.set(token.value, start);
      return { kind: 'name', name: token.value, span };
    case 'number':
    case 'time':
    case 'time of day':
      cursor.next();
      return constant({ type: token.kind, value: token.number }, span);
    case 'string':
    case 'term':
      cursor.next();
      return constant({ type: token.kind, value: token.value }, span);
    case 'word':
      return word(cursor, token);
    default:
      if (cursor.take('(')) return parenthesised(cursor, start);
      return cursor.fault('Here should be a value');
  }
}

const constants: ReadonlyMap<string, Constant> = new Map<string, Constant>([
  ['true', { type: 'boolean', value: true }],
  ['false', { type: 'boolean', value: false }],
  ['null', { type: 'null' }],
  ...weekdays.map((name, index): [string, Constant] => [name, { type: 'day of week', value: index + 1 }]),
]);

function word(cursor: Cursor, { value, start, end }: Token): Expression {
  const span = { start, end };
  const known = constants.get(value);
  if (known !== undefined) {
    cursor.next();
    return constant(known, span);
  }
  switch (value) {
    case 'it':
    case 'they':
      cursor.next();
      return { kind: 'it', span };
    case 'now':
    case 'eventtime':
    case 'triggertime':
    case 'currenttime':
      cursor.next();
      return clock(value, span);
    default:
      if (fuzzyWords.has(value))
        throw new Fault('FUZZY', start, `${value.toUpperCase()} is of fuzzy logic, which is not supported`);
      return cursor.fault('Here should be a value');
  }
}

/** `(x)` is x; `()` is the empty list. */
function parenthesised(cursor: Cursor, start: number): Expression {
  if (cursor.take(')')) return constant({ type: 'empty list' }, { start, end: cursor.lastEnd });
  const value = enclosed(cursor);
  cursor.expect(')', 'Close what ( opens');
  return value;
}

/** What stands between brackets is an expression of its own, whatever is around them. */
function enclosed(cursor: Cursor): Expression {
  const { keepFrom } = cursor;
  cursor.keepFrom = false;
  const value = cursor.expression(level.join);
  cursor.keepFrom = keepFrom;
  return value;
}

const allPrefixRules: ReadonlyMap<string, PrefixRule> = new Map([...prefixRules, ['new', newObject]]);

function infixRule(cursor: Cursor, token: Token): InfixRule | undefined {
  if (token.kind !== 'word' && token.kind !== 'symbol') return undefined;
  if (token.value === 'from' && cursor.keepFrom) return undefined;
  if (token.value === 'not') return cursor.followedBy('in') ? notIn : undefined;
  return infixRules.get(token.value);
}

const grown = (cursor: Cursor, left: Expression, operator: Operator, right: Expression): Expression => {
  cursor.grow(1);
  return operation(operator, [left, right], { start: left.span.start, end: cursor.lastEnd });
};

const binary = (rule: BinaryRule): InfixRule => ({
  level: rule.level,
  single: rule.left > rule.level && rule.right > rule.level,
  parse: (cursor, left) => grown(cursor, left, rule.operator, cursor.expression(rule.right)),
});

/** `=` and `<>`, whose operands may be bare words in lenient mode. */
const equality = (rule: BinaryRule): InfixRule => ({
  ...binary(rule),
  parse: (cursor, left) => {
    const right = symbolOperand(cursor) ?? cursor.expression(rule.right);
    const [one, other] = withSymbols(cursor, left, right);
    cursor.grow(1);
    return operation(rule.operator, [one, other], { start: left.span.start, end: cursor.lastEnd });
  },
});

const comparing = (parse: (cursor: Cursor, left: Expression) => Expression): InfixRule => ({
  level: level.comparison,
  single: true,
  parse,
});

const notIn: InfixRule = comparing((cursor, left) => {
  cursor.expect('in');
  const value = inComparison(cursor, left);
  cursor.grow(1);
  return operation('not', [value], value.span);
});

const where: InfixRule = {
  level: level.where,
  single: true,
  parse: (cursor, value) => {
    const condition = cursor.expression(level.seqto);
    cursor.grow(1);
    return { kind: 'where', value, condition, span: { start: value.span.start, end: cursor.lastEnd } };
  },
};

const matches: InfixRule = comparing((cursor, left) => {
  cursor.expect('pattern');
  return grown(cursor, left, 'matches pattern', cursor.expression(level.text));
});

const formatted: InfixRule = {
  level: level.text,
  single: false,
  parse: (cursor, left) => {
    cursor.expect('with');
    return grown(cursor, left, 'formatted with', cursor.expression(level.sum));
  },
};

/** `d BEFORE t`, `d AFTER t`, `d FROM t` */
const offset: InfixRule = {
  level: level.offset,
  single: false,
  parse: (cursor, duration, { value }) => {
    const time = cursor.expression(level.offset);
    cursor.grow(1);
    const span = { start: duration.span.start, end: cursor.lastEnd };
    return value === 'before' ? before(duration, time, span) : after(duration, time, span);
  },
};

const agoRule: InfixRule = {
  level: level.ago,
  single: true,
  parse: (cursor, left) => {
    cursor.grow(1);
    return ago(left, { start: left.span.start, end: cursor.lastEnd });
  },
};

const unit = (operator: Operator): InfixRule => ({
  level: level.unit,
  single: true,
  parse: (cursor, left) => {
    cursor.grow(1);
    return operation(operator, [left], { start: left.span.start, end: cursor.lastEnd });
  },
});

const asRule: InfixRule = {
  level: level.as,
  single: false,
  parse: (cursor, left) => {
    const type = cursor.takeAny(['number', 'time', 'string']);
    if (type === undefined) return cursor.fault('After AS should be NUMBER, TIME or STRING');
    cursor.grow(1);
    const operator = type === 'number' ? 'as number' : type === 'time' ? 'as time' : 'as string';
    return operation(operator, [left], { start: left.span.start, end: cursor.lastEnd });
  },
};

const element: InfixRule = {
  level: level.element,
  single: false,
  parse: (cursor, left) => {
    const index = enclosed(cursor);
    cursor.expect(']', 'Close what [ opens');
    return grown(cursor, left, 'index', index);
  },
};

const dot: InfixRule = {
  level: level.element,
  single: false,
  parse: (cursor, object) => {
    const attribute = cursor.name('attribute').value;
    cursor.grow(1);
    return { kind: 'dot', object, attribute, span: { start: object.span.start, end: cursor.lastEnd } };
  },
};

const infixRules: ReadonlyMap<string, InfixRule> = new Map<string, InfixRule>([
  ...binaryRules.flatMap((rule): [string, InfixRule][] => {
    const infix = rule.operator === '=' || rule.operator === '<>' ? equality(rule) : binary(rule);
    return rule.words.map((name) => [name, infix]);
  }),
  ...['is', 'are', 'was', 'were'].map((name): [string, InfixRule] => [name, comparing(isComparison)]),
  ...['occur', 'occurs', 'occurred'].map((name): [string, InfixRule] => [name, comparing(occurComparison)]),
  ['in', comparing(inComparison)],
  ['matches', matches],
  ['where', where],
  ['formatted', formatted],
  ...['before', 'after', 'from'].map((name): [string, InfixRule] => [name, offset]),
  ['ago', agoRule],
  ...[...units].flatMap(([singular, plural]): [string, InfixRule][] => [
    [singular, unit(plural)],
    [plural, unit(plural)],
  ]),
  ['as', asRule],
  ['[', element],
  ['.', dot],
]);
