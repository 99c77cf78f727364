import { symbolOperand, withSymbols } from './bare-words.js';
import { inComparison, isComparison, occurComparison } from './comparison.js';
import type { Cursor } from './cursor.js';
import { level } from './level.js';
import { after, ago, before, operation } from './node.js';
import { type BinaryRule, binaryRules, units } from './operators.js';
import type { Expression, Operator } from './syntax.js';
import type { Token } from './token.js';

/** An operator after its first operand. */
export interface InfixRule {
  readonly level: number;
  /** Two of the level do not follow each other without parentheses. */
  readonly single: boolean;
  /** Reads on after the word. */
  readonly parse: (cursor: Cursor, left: Expression, word: Token) => Expression;
}
/** The rule of the operator that a token is, where it is one. */
export function infixRule(cursor: Cursor, token: Token): InfixRule | undefined {
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
    const index = cursor.enclosed();
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
