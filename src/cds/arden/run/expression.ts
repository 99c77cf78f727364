import type { Host } from '../host.js';
import type { Constant, Expression, Operator } from '../syntax.js';
import type { Time, Value } from '../value.js';
import { filtering, using } from './filter.js';
import type { Evaluate } from './frame.js';
import { localized } from './localized.js';
import { making, ofType } from './object.js';
import { attributeOf } from './operators/objects.js';
import { apply } from './operators/table.js';
import { deepest, type Scope } from './scope.js';
import { RunEnded } from './session.js';
import { timeAt } from './time.js';
import { empty, nothing, number, text, truth } from './values.js';

/** Makes a closure of an expression. */
export function prepareExpression(expression: Expression, scope: Scope): Evaluate {
  if (scope.depth >= deepest) {
    const message = 'The rule is nested too deeply. The run ends undecided.';
    return () => {
      throw new RunEnded({ code: 'DEPTH', message, span: expression.span });
    };
  }
  const evaluate = scope.deeper(() => prepared(expression, scope));
  return scope.traced ? traced(expression, evaluate, scope) : evaluate;
}

function traced(expression: Expression, evaluate: Evaluate, scope: Scope): Evaluate {
  const number = expression.kind === 'name' ? scope.number(expression.name) : -1;
  return (frame) => {
    const { tracer } = frame.session;
    if (!tracer) return evaluate(frame);
    const node = tracer.begin(expression);
    const definition = frame.definitions[number];
    if (definition) node.definition = definition;
    const value = evaluate(frame);
    tracer.end(node, value);
    return value;
  };
}

function prepared(expression: Expression, scope: Scope): Evaluate {
  switch (expression.kind) {
    case 'constant': {
      const value = valueOfConstant(expression.constant);
      return () => value;
    }
    case 'name': {
      const number = scope.number(expression.name);
      return ({ values }) => values[number] ?? nothing;
    }
    case 'it':
      return ({ it }) => it;
    case 'clock':
      return clock(expression.clock);
    case 'operation':
      return operation(expression, scope);
    case 'where':
      return filtering(
        prepareExpression(expression.value, scope),
        prepareExpression(expression.condition, scope),
      );
    case 'using':
      return using(
        meant(expression.operator, scope),
        expression.operands.map((operand) => prepareExpression(operand, scope)),
        prepareExpression(expression.each, scope),
      );
    case 'is type':
      return ofType(prepareExpression(expression.value, scope), expression.type);
    case 'dot': {
      const object = prepareExpression(expression.object, scope);
      return (frame) => attributeOf(object(frame), expression.attribute);
    }
    case 'new':
      return making(
        { type: expression.type, attributes: scope.types.get(expression.type), span: expression.span },
        expression.values.map((value) => prepareExpression(value, scope)),
        expression.named.map(({ attribute, value }) => [attribute, prepareExpression(value, scope)]),
      );
    case 'localized':
      return localized(
        scope.mlm,
        expression.key,
        expression.language && prepareExpression(expression.language, scope),
      );
  }
}

export function valueOfConstant(given: Constant): Value {
  switch (given.type) {
    case 'null':
      return nothing;
    case 'boolean':
      return truth(given.value);
    case 'number':
      return number(given.value);
    case 'string':
      return text(given.value);
    case 'time': {
      const time = timeAt(given.value);
      return time ? { type: 'time', value: time, primaryTime: null } : nothing;
    }
    case 'empty list':
      return empty;
    case 'time of day':
    case 'day of week':
      return { type: given.type, value: given.value, primaryTime: null };
    case 'term':
      return { type: 'term', value: given.value, primaryTime: null };
  }
}

type Clock = Extract<Expression, { kind: 'clock' }>['clock'];

const clocks: Readonly<Record<Clock, (host: Host) => Time | undefined>> = {
  now: (host) => host.now,
  eventtime: (host) => host.event?.time,
  triggertime: (host) => host.triggerTime,
  currenttime: (host) => host.currentTime,
};

function clock(which: Clock): Evaluate {
  const of = clocks[which];
  return ({ host }) => {
    const time = of(host);
    return time ? { type: 'time', value: time, primaryTime: null } : nothing;
  };
}

/** Operators of which a chain is one operation: `a, b, c` and `a || b || c` are as long as their authors like. */
const chained: ReadonlySet<Operator> = new Set(['join', '||']);

/** In version 1, FIRST and LAST go by time. */
const inVersion1: Partial<Record<Operator, Operator>> = {
  first: 'earliest',
  last: 'latest',
  'first from': 'earliest from',
  'last from': 'latest from',
};

export function meant(operator: Operator, scope: Scope): Operator {
  return scope.mlm.arden[0] === 1 ? (inVersion1[operator] ?? operator) : operator;
}

function operation(
  { operator: written, operands }: Extract<Expression, { kind: 'operation' }>,
  scope: Scope,
): Evaluate {
  const operator = meant(written, scope);
  const given = (chained.has(operator) ? chainOf(operator, operands) : operands).map((operand) =>
    prepareExpression(operand, scope),
  );
  const [first, second] = given;
  if (first && second && given.length === 2) {
    return (frame) => apply(operator, [first(frame), second(frame)], frame.session.reckoning);
  }
  if (first && given.length === 1) {
    return (frame) => apply(operator, [first(frame)], frame.session.reckoning);
  }
  return (frame) =>
    apply(
      operator,
      given.map((operand) => operand(frame)),
      frame.session.reckoning,
    );
}

/** The operands of a chain that is nested to the left. */
function chainOf(operator: Operator, operands: readonly Expression[]): Expression[] {
  const backwards: Expression[] = [];
  let rest = operands;
  for (;;) {
    const [left, ...others] = rest;
    backwards.push(...others.reverse());
    if (left?.kind === 'operation' && left.operator === operator) {
      rest = left.operands;
      continue;
    }
    if (left) backwards.push(left);
    return backwards.reverse();
  }
}
