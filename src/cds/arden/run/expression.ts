import type { Host } from '../host.js';
import type { Constant, Expression, Operator } from '../syntax.js';
import type { ArdenObject, Item, Time, Value } from '../value.js';
import type { Evaluate, Frame } from './frame.js';
import { attributeOf } from './operators/objects.js';
import { apply } from './operators/table.js';
import { deepest, type Scope } from './scope.js';
import { RunEnded } from './session.js';
import { substitute } from './template.js';
import { timeAt } from './time.js';
import { empty, items, list, nothing, number, text, truth, truthOf } from './values.js';

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
    case 'constant':
      return constant(expression.constant, scope);
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
      return where(expression, scope);
    case 'using':
      return using(expression, scope);
    case 'is type':
      return isType(expression, scope);
    case 'dot': {
      const object = prepareExpression(expression.object, scope);
      return (frame) => attributeOf(object(frame), expression.attribute);
    }
    case 'new':
      return newObject(expression, scope);
    case 'localized':
      return localized(expression, scope);
  }
}

function constant(given: Constant, scope: Scope): Evaluate {
  const value = valueOfConstant(given);
  if (!scope.writing || value.type !== 'string' || !value.value.includes('||')) return () => value;
  return ({ values }) =>
    text(
      substitute(value.value, (name) => {
        const number = scope.known(name);
        return number === undefined ? undefined : values[number];
      }),
    );
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
  const chain: Expression[] = [];
  let rest = operands;
  for (;;) {
    const [left, ...others] = rest;
    chain.unshift(...others);
    if (left?.kind === 'operation' && left.operator === operator) {
      rest = left.operands;
      continue;
    }
    if (left) chain.unshift(left);
    return chain;
  }
}

function where({ value, condition }: Extract<Expression, { kind: 'where' }>, scope: Scope): Evaluate {
  const [of, holds] = [prepareExpression(value, scope), prepareExpression(condition, scope)];
  return (frame) => {
    const given = of(frame);
    return filtered(given, withIt(frame, given, holds));
  };
}

/** Evaluates with IT being a value. */
export function withIt(frame: Frame, it: Value, evaluate: Evaluate): Value {
  const outer = frame.it;
  frame.it = it;
  const value = evaluate(frame);
  frame.it = outer;
  return value;
}

/** The elements whose condition is TRUE. One condition goes for all elements, one value with every condition. */
export function filtered(value: Value, condition: Value): Value {
  if (condition.type !== 'list') {
    if (condition.type === 'boolean' && condition.value) return value;
    return empty;
  }
  if (value.type !== 'list') return list(condition.items.filter(truthOf).map(() => value));
  if (value.items.length !== condition.items.length) return nothing;
  return list(value.items.filter((_, place) => truthOf(condition.items[place] ?? nothing) === true));
}

function using(
  { operator: written, operands, each }: Extract<Expression, { kind: 'using' }>,
  scope: Scope,
): Evaluate {
  const operator = meant(written, scope);
  const given = operands.map((operand) => prepareExpression(operand, scope));
  const made = prepareExpression(each, scope);
  return (frame) => {
    const values = given.map((operand) => operand(frame));
    const elements = items(values.at(-1) ?? nothing);
    frame.session.reckoning.charge(elements.length);
    const anew = elements.map((element) => items(withIt(frame, element, made))[0] ?? nothing);
    if (operator === 'sort data') return sortedBy(elements, anew, frame);
    return apply(operator, [...values.slice(0, -1), list(anew)], frame.session.reckoning);
  };
}

/** Elements in the order of what was made of them. */
function sortedBy(elements: readonly Item[], keys: readonly Item[], { session }: Frame): Value {
  const distinct = keys.map((key) => ({ ...key }));
  const places = new Map<Item, number>(distinct.map((key, place) => [key, place]));
  const sorted = apply('sort data', [list(distinct)], session.reckoning);
  if (sorted.type !== 'list') return sorted;
  return list(sorted.items.map((key) => elements[places.get(key) ?? -1] ?? nothing));
}

function isType({ value, type }: Extract<Expression, { kind: 'is type' }>, scope: Scope): Evaluate {
  const of = prepareExpression(value, scope);
  if (type === 'list') return (frame) => truth(of(frame).type === 'list');
  const is = (element: Item): Item =>
    truth(
      element.type === type || (element.type === 'object' && element.value.type === type),
      element.primaryTime,
    );
  return (frame) => {
    const given = of(frame);
    return given.type === 'list' ? list(given.items.map(is)) : is(given);
  };
}

function newObject(
  { type, values, named, span }: Extract<Expression, { kind: 'new' }>,
  scope: Scope,
): Evaluate {
  const inOrder = values.map((value) => prepareExpression(value, scope));
  const byName = named.map(({ attribute, value }) => ({ attribute, value: prepareExpression(value, scope) }));
  return (frame) => {
    const attributes = scope.types.get(type);
    if (!attributes) {
      frame.session.diagnose({ code: 'TYPE', message: `There is no object type ${type}.`, span });
      return nothing;
    }
    frame.session.reckoning.charge(attributes.length);
    const object = blank(type, attributes);
    attributes.forEach((name, place) => {
      const value = inOrder[place];
      if (value) object.attributes.set(name, value(frame));
    });
    for (const { attribute, value } of byName) {
      const given = value(frame);
      if (object.attributes.has(attribute)) object.attributes.set(attribute, given);
    }
    return { type: 'object', value: object, primaryTime: null };
  };
}

/** An object of which all attributes are NULL. */
export function blank(type: string, attributes: readonly string[]): ArdenObject {
  return { type, attributes: new Map(attributes.map((name) => [name, nothing])) };
}

/** In the language asked for, else in that of the host, else in the default; NULL where that language lacks the key. */
function localized({ key, language }: Extract<Expression, { kind: 'localized' }>, scope: Scope): Evaluate {
  const asked = language && prepareExpression(language, scope);
  const textsOf = (name: string | undefined) =>
    scope.mlm.languages.find((one) => one.language.toLowerCase() === name?.toLowerCase())?.texts;
  return (frame) => {
    const wanted = asked?.(frame);
    const texts =
      (wanted?.type === 'string' || wanted?.type === 'term' ? textsOf(wanted.value) : undefined) ??
      textsOf(frame.host.language) ??
      textsOf(scope.mlm.defaultLanguage) ??
      scope.mlm.languages[0]?.texts;
    const found = texts && Object.hasOwn(texts, key) ? texts[key] : undefined;
    return found === undefined ? nothing : text(found);
  };
}
