import type { Cursor } from './cursor.js';
import { level } from './level.js';
import { operation } from './node.js';
import { countedOperators, functionWords, timeParts } from './operators.js';
import type { Expression, Operator, Span } from './syntax.js';

/** An operator before its operands: at which level its result stands, and how what follows the word is read. */
export interface PrefixRule {
  readonly level: number;
  /** Reads on after the word, which began at `start`. */
  readonly parse: (cursor: Cursor, start: number) => Expression;
}

const spanFrom = (cursor: Cursor, start: number): Span => ({ start, end: cursor.lastEnd });

const build = (
  cursor: Cursor,
  start: number,
  operator: Operator,
  operands: readonly Expression[],
): Expression => {
  cursor.grow(1);
  return operation(operator, operands, spanFrom(cursor, start));
};

/** `OF x` or `x`, with `USING e` behind it where the version knows that. */
function applied(
  cursor: Cursor,
  start: number,
  operator: Operator,
  first: readonly Expression[],
): Expression {
  cursor.take('of');
  const operands = [...first, cursor.expression(level.function)];
  return using(cursor, start, operator, operands);
}

function using(
  cursor: Cursor,
  start: number,
  operator: Operator,
  operands: readonly Expression[],
): Expression {
  if (!cursor.take('using')) return build(cursor, start, operator, operands);
  const each = cursor.expression(level.function);
  cursor.grow(1);
  return { kind: 'using', operator, operands, each, span: spanFrom(cursor, start) };
}

const simple = (operator: Operator): PrefixRule => ({
  level: level.function,
  parse: (cursor, start) => applied(cursor, start, operator, []),
});

/** `LAST x`, `LAST OF x` and `LAST 3 FROM x`. */
const counted = (operator: Operator, from: Operator): PrefixRule => ({
  level: level.function,
  parse: (cursor, start) => {
    const { kind, value } = cursor.token;
    if (kind === 'word' && (value === 'of' || functionRules.has(value)))
      return applied(cursor, start, operator, []);
    const operand = cursor.expression(level.as);
    if (!cursor.take('from')) return using(cursor, start, operator, [operand]);
    return applied(cursor, start, from, [operand]);
  },
});

const time: PrefixRule = {
  level: level.function,
  parse: (cursor, start) => {
    cursor.take('of');
    const ofDay = cursor.at('day') && cursor.followedBy('of') && !cursor.followedBy('week', 2);
    if (ofDay) cursor.next();
    return applied(cursor, start, ofDay ? 'time of day of' : 'time', []);
  },
};

/** `DAY OF WEEK OF t` is what EXTRACT takes out as well. */
const dayOfWeek: PrefixRule = {
  level: level.function,
  parse: (cursor, start) => {
    cursor.expect('of');
    cursor.expect('week');
    return applied(cursor, start, 'extract day of week', []);
  },
};

const extract: PrefixRule = {
  level: level.function,
  parse: (cursor, start) => applied(cursor, start, extracted(cursor), []),
};

function extracted(cursor: Cursor): Operator {
  if (cursor.take('characters')) return 'extract characters';
  if (cursor.take('attribute')) {
    cursor.expect('names');
    return 'extract attribute names';
  }
  if (cursor.take('time')) {
    cursor.expect('of');
    cursor.expect('day');
    return 'extract time of day';
  }
  if (cursor.at('day') && cursor.followedBy('of') && cursor.followedBy('week', 2)) {
    for (let words = 0; words < 3; words += 1) cursor.next();
    return 'extract day of week';
  }
  const part = timeParts.find((word) => cursor.take(word));
  return part === undefined
    ? cursor.fault('After EXTRACT should be YEAR, MONTH, DAY, HOUR, MINUTE, SECOND or CHARACTERS')
    : `extract ${part}`;
}

const replace: PrefixRule = {
  level: level.function,
  parse: (cursor, start) => {
    const part = timeParts.find((word) => cursor.take(word));
    if (part === undefined)
      return cursor.fault('After REPLACE should be YEAR, MONTH, DAY, HOUR, MINUTE or SECOND');
    cursor.take('of');
    const replaced = cursor.expression(level.function);
    cursor.expect('with');
    return build(cursor, start, `replace ${part}`, [replaced, cursor.expression(level.function)]);
  },
};

const percent: PrefixRule = {
  level: level.function,
  parse: (cursor, start) => {
    if (cursor.take('increase')) return applied(cursor, start, 'percent increase', []);
    cursor.expect('decrease', 'PERCENT stands before INCREASE or DECREASE');
    return applied(cursor, start, 'percent decrease', []);
  },
};

/** `NEAREST t FROM x` */
const nearest = (cursor: Cursor, start: number, operator: Operator): Expression => {
  const near = cursor.expressionBeforeFrom(level.as);
  cursor.expect('from');
  return applied(cursor, start, operator, [near]);
};

const index: PrefixRule = {
  level: level.function,
  parse: (cursor, start) => {
    if (cursor.take('nearest')) return nearest(cursor, start, 'index nearest');
    if (cursor.take('earliest')) return applied(cursor, start, 'index earliest', []);
    if (cursor.take('latest')) return applied(cursor, start, 'index latest', []);
    const minimum = cursor.takeAny(['minimum', 'min']) !== undefined;
    if (!minimum && cursor.takeAny(['maximum', 'max']) === undefined)
      return cursor.fault('After INDEX should be MINIMUM, MAXIMUM, EARLIEST, LATEST or NEAREST');
    const operator = minimum ? 'index minimum' : 'index maximum';
    return counted(operator, `${operator} from`).parse(cursor, start);
  },
};

/** `AT LEAST n FROM x` */
const atLeastOrMost: PrefixRule = {
  level: level.function,
  parse: (cursor, start) => {
    const least = cursor.take('least');
    if (!least) cursor.expect('most', 'AT stands before LEAST or MOST');
    const number = cursor.expression(level.as);
    cursor.takeAny(['istrue', 'aretrue']);
    cursor.expect('from');
    return applied(cursor, start, least ? 'at least' : 'at most', [number]);
  },
};

const attribute: PrefixRule = {
  level: level.function,
  parse: (cursor, start) => {
    const name = cursor.expression(level.as);
    cursor.expect('from');
    return applied(cursor, start, 'attribute', [name]);
  },
};

const localized: PrefixRule = {
  level: level.function,
  parse: (cursor, start) => {
    const { token } = cursor;
    if (token.kind !== 'term') cursor.fault('After LOCALIZED should be a key in single quotes');
    cursor.next();
    const language = cursor.take('by') ? cursor.expression(level.as) : undefined;
    cursor.grow(1);
    return {
      kind: 'localized',
      key: token.value,
      ...(language === undefined ? {} : { language }),
      span: spanFrom(cursor, start),
    };
  },
};

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

const functionRules: ReadonlyMap<string, PrefixRule> = new Map<string, PrefixRule>([
  ...functionWords.flatMap(([words, operator]) => {
    const from = countedOperators.get(operator);
    const rule = from === undefined ? simple(operator) : counted(operator, from);
    return words.split(' ').map((word): [string, PrefixRule] => [word, rule]);
  }),
  ['time', time],
  ['day', dayOfWeek],
  ['extract', extract],
  ['replace', replace],
  ['percent', percent],
  ['%', percent],
  ['nearest', { level: level.function, parse: (cursor, start) => nearest(cursor, start, 'nearest') }],
  ['index', index],
  ['at', atLeastOrMost],
  ['attribute', attribute],
  ['localized', localized],
]);

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
