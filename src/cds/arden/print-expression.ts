import { level } from './level.js';
import { binaryRules, countedOperators, functionWords, weekdays } from './operators.js';
import type { Constant, Expression, Operator } from './syntax.js';
import { printTime, printTimeOfDay } from './time-literal.js';

/** A text with the level of the operator that it shows outermost. */
interface Printed {
  readonly text: string;
  readonly level: number;
}

type Operation = Extract<Expression, { kind: 'operation' }>;

/**
 * An expression as Arden Syntax, with no more parentheses than it needs. `least` is the level that what stands around it asks
 * for. Parsing it gives the same tree.
 */
export function printExpression(expression: Expression, least: number = level.join): string {
  const { text, level: own } = printed(expression);
  return own < least ? `(${text})` : text;
}

function printed(expression: Expression): Printed {
  switch (expression.kind) {
    case 'constant':
      return atom(printConstant(expression.constant));
    case 'name':
      return atom(expression.name);
    case 'it':
      return atom('IT');
    case 'clock':
      return atom(expression.clock.toUpperCase());
    case 'operation':
      return printOperation(expression);
    case 'using': {
      const { text, level: own } = printOperation(expression);
      return { text: `${text} USING ${printExpression(expression.each, level.function)}`, level: own };
    }
    case 'where':
      return {
        text: `${printExpression(expression.value, level.seqto)} WHERE ${printExpression(expression.condition, level.seqto)}`,
        level: level.where,
      };
    case 'is type':
      return comparison(expression.value, `IS ${expression.type.toUpperCase()}`);
    case 'dot':
      return { text: `${element(expression.object)}.${expression.attribute}`, level: level.element };
    case 'new':
      return { text: printNew(expression), level: level.join };
    case 'localized':
      return {
        text: `LOCALIZED '${expression.key}'${
          expression.language === undefined ? '' : ` BY ${printExpression(expression.language, level.as)}`
        }`,
        level: level.function,
      };
  }
}

const atom = (text: string): Printed => ({ text, level: level.atom });

const comparison = (left: Expression, rest: string): Printed => ({
  text: `${printExpression(left, level.text)} ${rest}`,
  level: level.comparison,
});

/** What an index or attribute is taken of: a constant would swallow the full stop. */
const element = (object: Expression): string =>
  object.kind === 'constant' ? `(${printExpression(object)})` : printExpression(object, level.element);

function printConstant(constant: Constant): string {
  switch (constant.type) {
    case 'null':
      return 'NULL';
    case 'boolean':
      return constant.value ? 'TRUE' : 'FALSE';
    case 'number':
      return String(constant.value);
    case 'string':
      return printString(constant.value);
    case 'time':
      return printTime(constant.value);
    case 'time of day':
      return printTimeOfDay(constant.value);
    case 'day of week':
      return (weekdays[constant.value - 1] ?? '').toUpperCase();
    case 'term':
      return `'${constant.value}'`;
    case 'empty list':
      return '()';
  }
}

/** A new line in a string is written as two line breaks: one is a blank. */
export const printString = (value: string): string =>
  `"${value.replaceAll('"', '""').replaceAll('\n', '\n\n')}"`;

function printNew({ type, values, named }: Extract<Expression, { kind: 'new' }>): string {
  const listed = values.map((value) => printExpression(value, level.sort)).join(', ');
  const attributes = named
    .map(({ attribute, value }) => `${attribute} := ${printExpression(value, level.sort)}`)
    .join(', ');
  return `NEW ${type}${listed === '' ? '' : ` WITH ${listed}`}${attributes === '' ? '' : ` WITH [${attributes}]`}`;
}

type PrintOperation = (operands: readonly Expression[]) => Printed;

function printOperation({ operator, operands }: Pick<Operation, 'operator' | 'operands'>): Printed {
  const [first] = operands;
  if (operator === 'not' && first?.kind === 'operation' && first.operator === 'is null')
    return rendered('$9 IS PRESENT', level.comparison, first.operands);
  const print = printers.get(operator);
  return print === undefined ? atom('') : print(operands);
}

/**
 * A template with an operand at each `$`, in the order of the operands, or of the letters behind: `$10a` is the first. The
 * number is the level that the operand has at least. What stands in brackets is left out without its operand.
 */
function rendered(template: string, own: number, operands: readonly Expression[]): Printed {
  let next = 0;
  const text = template
    .replace(/\[([^\]]*)\]/, (_, optional: string) => (operands.length > 2 ? optional : ''))
    .replace(/\$(\d+)([abc])?/g, (_, least: string, letter: string | undefined) => {
      const place = letter === undefined ? next : 'abc'.indexOf(letter);
      next += 1;
      const operand = operands[place];
      return operand === undefined ? '' : printExpression(operand, Number(least));
    });
  return { text, level: own };
}

const template =
  (text: string, own: number): PrintOperation =>
  (operands) =>
    rendered(text, own, operands);

const prefixed = (words: string): PrintOperation => template(`${words} $16`, level.function);

const extractions = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;

const printers: ReadonlyMap<Operator, PrintOperation> = new Map<Operator, PrintOperation>([
  ...binaryRules.map(({ operator, words, level: own, left, right }): [Operator, PrintOperation] => [
    operator,
    template(`$${left}${operator === 'join' ? '' : ' '}${(words[0] ?? '').toUpperCase()} $${right}`, own),
  ]),
  ...functionWords.map(([words, operator]): [Operator, PrintOperation] => [
    operator,
    prefixed((words.split(' ')[0] ?? '').toUpperCase()),
  ]),
  ...[...countedOperators].map(([operator, from]): [Operator, PrintOperation] => [
    from,
    template(`${operator.toUpperCase()} $17 FROM $16`, level.function),
  ]),
  ...(['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'] as const).map(
    (unit): [Operator, PrintOperation] => [unit, template(`$16 ${unit.toUpperCase()}`, level.unit)],
  ),
  ...extractions.flatMap((part): [Operator, PrintOperation][] => [
    [`extract ${part}`, prefixed(`EXTRACT ${part.toUpperCase()}`)],
    [`replace ${part}`, template(`REPLACE ${part.toUpperCase()} OF $16 WITH $16`, level.function)],
  ]),
  ['extract time of day', prefixed('EXTRACT TIME OF DAY')],
  ['extract day of week', prefixed('EXTRACT DAY OF WEEK')],
  ['extract characters', prefixed('EXTRACT CHARACTERS')],
  ['extract attribute names', prefixed('EXTRACT ATTRIBUTE NAMES')],
  ['percent increase', prefixed('PERCENT INCREASE')],
  ['percent decrease', prefixed('PERCENT DECREASE')],
  ['time', prefixed('TIME OF')],
  ['time of day of', prefixed('TIME OF DAY OF')],
  ['nearest', template('NEAREST $17 FROM $16', level.function)],
  ['index nearest', template('INDEX NEAREST $17 FROM $16', level.function)],
  ['index minimum', prefixed('INDEX MINIMUM')],
  ['index maximum', prefixed('INDEX MAXIMUM')],
  ['index earliest', prefixed('INDEX EARLIEST')],
  ['index latest', prefixed('INDEX LATEST')],
  ['index minimum from', template('INDEX MINIMUM $17 FROM $16', level.function)],
  ['index maximum from', template('INDEX MAXIMUM $17 FROM $16', level.function)],
  ['at least', template('AT LEAST $17 FROM $16', level.function)],
  ['at most', template('AT MOST $17 FROM $16', level.function)],
  ['attribute', template('ATTRIBUTE $17 FROM $16', level.function)],
  ['single', template(', $2', level.join)],
  ['sort data', template('SORT DATA $2', level.sort)],
  ['sort time', template('SORT TIME $2', level.sort)],
  ['add to', template('ADD $4 TO $4[ AT $4]', level.sort)],
  ['remove from', template('REMOVE $17 FROM $4', level.sort)],
  ['not', template('NOT $7', level.not)],
  ['in', template('$9 IN $9', level.comparison)],
  ['is null', template('$9 IS NULL', level.comparison)],
  ['matches pattern', template('$9 MATCHES PATTERN $9', level.comparison)],
  ['within', (operands) => rendered('$9a IS WITHIN $9b TO $9c', level.comparison, operands)],
  ['within same day', template('$9 IS WITHIN SAME DAY AS $9', level.comparison)],
  ['before', template('$9 IS BEFORE $9', level.comparison)],
  ['after', template('$9 IS AFTER $9', level.comparison)],
  ['formatted with', template('$9 FORMATTED WITH $10', level.text)],
  ['trim', template('TRIM $10', level.text)],
  ['trim left', template('TRIM LEFT $10', level.text)],
  ['trim right', template('TRIM RIGHT $10', level.text)],
  ['find', template('FIND $10 IN STRING $10[ STARTING AT $10]', level.text)],
  ['substring', template('SUBSTRING $10a CHARACTERS[ STARTING AT $17c] FROM $10b', level.text)],
  ['sublist', template('SUBLIST $10a ELEMENTS[ STARTING AT $17c] FROM $10b', level.text)],
  ['negate', template('-$11', level.sum)],
  ['as number', template('$17 AS NUMBER', level.as)],
  ['as time', template('$17 AS TIME', level.as)],
  ['as string', template('$17 AS STRING', level.as)],
  ['clone', prefixed('CLONE')],
  ['index', (operands) => printIndex(operands)],
]);

function printIndex([list, index]: readonly Expression[]): Printed {
  if (list === undefined || index === undefined) return atom('');
  return { text: `${element(list)}[${printExpression(index)}]`, level: level.element };
}
