import type { Cursor } from './cursor.js';
import { functionRules } from './functions.js';
import { level } from './level.js';
import { build, type PrefixRule, using } from './prefix-rule.js';
import type { Expression } from './syntax.js';

const trim: PrefixRule = {
  level: level.text,
  parse: (cursor, start) => {
    const side = cursor.takeAny(['left', 'right']);
    const operator = side === 'left' ? 'trim left' : side === 'right' ? 'trim right' : 'trim';
    return build(cursor, start, operator, [cursor.expression(level.sum)]);
  },
};

const startingAt = (cursor: Cursor, read: (cursor: Cursor) => Expression): Expression[] => {
  if (!cursor.take('starting')) return [];
  cursor.expect('at');
  return [read(cursor)];
};

const find: PrefixRule = {
  level: level.text,
  parse: (cursor, start) => {
    const what = cursor.expression(level.sum);
    cursor.take('in');
    cursor.expect('string');
    const where = cursor.expression(level.sum);
    const from = startingAt(cursor, () => cursor.expression(level.sum));
    return build(cursor, start, 'find', [what, where, ...from]);
  },
};

/** `SUBSTRING n CHARACTERS [STARTING AT m] FROM s`; SUBLIST likewise with ELEMENTS. */
const piece = (operator: 'substring' | 'sublist', unit: string): PrefixRule => ({
  level: level.text,
  parse: (cursor, start) => {
    const number = cursor.expression(level.sum);
    cursor.expect(unit);
    const from = startingAt(cursor, () => cursor.expressionBeforeFrom(level.sum));
    cursor.expect('from');
    return build(cursor, start, operator, [number, cursor.expression(level.sum), ...from]);
  },
});

const sort: PrefixRule = {
  level: level.sort,
  parse: (cursor, start) => {
    const isTime = cursor.at('time') && !cursor.followedBy('of');
    if (isTime || cursor.at('data')) cursor.next();
    return using(cursor, start, isTime ? 'sort time' : 'sort data', [cursor.expression(level.sort)]);
  },
};

const add: PrefixRule = {
  level: level.sort,
  parse: (cursor, start) => {
    const element = cursor.expression(level.where);
    cursor.expect('to');
    const list = cursor.expression(level.where);
    const at = cursor.take('at') ? [cursor.expression(level.where)] : [];
    return build(cursor, start, 'add to', [element, list, ...at]);
  },
};

const remove: PrefixRule = {
  level: level.sort,
  parse: (cursor, start) => {
    const position = cursor.expressionBeforeFrom(level.where);
    cursor.expect('from');
    return build(cursor, start, 'remove from', [position, cursor.expression(level.where)]);
  },
};

const not: PrefixRule = {
  level: level.not,
  parse: (cursor, start) => build(cursor, start, 'not', [cursor.expression(level.not)]),
};

const minus: PrefixRule = {
  level: level.sum,
  parse: (cursor, start) => build(cursor, start, 'negate', [cursor.expression(level.product)]),
};

/** Of a number it says nothing; of anything else it gives what two minuses give, null where there is no number. */
const plus: PrefixRule = {
  level: level.sum,
  parse: (cursor, start) => {
    const value = cursor.expression(level.product);
    if (value.kind === 'constant' && value.constant.type === 'number') return value;
    return build(cursor, start, 'negate', [build(cursor, start, 'negate', [value])]);
  },
};

const comma: PrefixRule = {
  level: level.join,
  parse: (cursor, start) => build(cursor, start, 'single', [cursor.expression(level.sort)]),
};
/** Operators before their operands, by word or symbol. */
export const prefixRules: ReadonlyMap<string, PrefixRule> = new Map<string, PrefixRule>([
  ...functionRules,
  ['trim', trim],
  ['find', find],
  ['substring', piece('substring', 'characters')],
  ['sublist', piece('sublist', 'elements')],
  ['sort', sort],
  ['add', add],
  ['remove', remove],
  ['not', not],
  ['-', minus],
  ['+', plus],
  [',', comma],
]);
