import type { Cursor } from './cursor.js';
import { constant, operation } from './node.js';
import type { Constant, Expression, Span } from './syntax.js';

/** Templates in literals, `"text || name || text"`, which some files have. */

const template = /\|\|\s*([a-z]\w*)\s*\|\|/i;

type Text = Extract<Expression, { kind: 'constant' }> & {
  readonly constant: Extract<Constant, { type: 'string' }>;
};

const isTemplate = (expression: Expression): expression is Text =>
  expression.kind === 'constant' &&
  expression.constant.type === 'string' &&
  expression.constant.value.includes('||') &&
  template.test(expression.constant.value);

/** What a WRITE writes: each literal with the names in it put in their places. */
export function written(cursor: Cursor, value: Expression): Expression {
  if (isTemplate(value)) {
    report(cursor, value.span, 'and the name is written as its value');
    return substituted(cursor, value);
  }
  if (value.kind !== 'operation' || value.operator !== '||') return value;
  const operands = value.operands.map((operand) => written(cursor, operand));
  const same = operands.every((operand, index) => operand === value.operands[index]);
  return same ? value : { ...value, operands };
}

/** Anywhere else a literal stays as it is. */
export function noticeTemplates(cursor: Cursor, value: Expression): void {
  if (isTemplate(value)) report(cursor, value.span, 'and kept as it is here');
}

const report = (cursor: Cursor, span: Span, how: string): void =>
  cursor.departure(
    'L13',
    span.start,
    `There is a template in the text, ${how}`,
    'Write "text " || name || " text"',
  );

function substituted(cursor: Cursor, { constant: { value }, span }: Text): Expression {
  const pieces = value.split(new RegExp(template, 'gi'));
  const parts = pieces.flatMap((piece, index): readonly Expression[] => {
    if (index % 2 === 0)
      return piece === '' && index > 0 ? [] : [constant({ type: 'string', value: piece }, span)];
    const name = piece.toLowerCase();
    if (!cursor.context.assigned.has(name) && !cursor.context.unknown.has(name))
      cursor.context.unknown.set(name, span.start);
    return [{ kind: 'name', name, span }];
  });
  return parts.reduce((left, right) => {
    cursor.grow(1);
    return operation('||', [left, right], span);
  });
}
