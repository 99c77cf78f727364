import { type Cursor, Fault } from './cursor.js';
import { infixRule } from './infix.js';
import { level } from './level.js';
import { newObject } from './new-object.js';
import { clock, constant } from './node.js';
import { weekdays } from './operators.js';
import { prefixRules } from './prefix.js';
import type { PrefixRule } from './prefix-rule.js';
import type { Constant, Expression } from './syntax.js';
import type { Token } from './token.js';

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
      return cursor.fault('Here should be a value');
  }
}

/** `(x)` is x; `()` is the empty list. */
function parenthesised(cursor: Cursor, start: number): Expression {
  if (cursor.take(')')) return constant({ type: 'empty list' }, { start, end: cursor.lastEnd });
  const value = cursor.enclosed();
  cursor.expect(')', 'Close what ( opens');
  return value;
}
const allPrefixRules: ReadonlyMap<string, PrefixRule> = new Map([...prefixRules, ['new', newObject]]);
