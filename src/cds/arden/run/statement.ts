import type { Branch, Expression, Statement, Target } from '../syntax.js';
import type { Value } from '../value.js';
import { prepareCall } from './call.js';
import { prepareDeclaration } from './declaration.js';
import { prepareExpression } from './expression.js';
import { formatValue } from './format.js';
import type { Evaluate, Execute, Frame } from './frame.js';
import { forEach, whileTrue } from './loop.js';
import { apply } from './operators/table.js';
import { prepareRead } from './read.js';
import { deepest, type Scope } from './scope.js';
import { RunEnded } from './session.js';
import { type Place, preparePlace, retimed } from './target.js';
import { items, nothing, truthOf } from './values.js';

/** A statement inside of a statement takes as much of the stack as so many expressions. */
const levelsOfBody = 5;

/** Makes a closure of statements one after another. */
export function prepareBody(statements: readonly Statement[], scope: Scope): Execute {
  const body = scope.deeper(
    () => statements.map((statement) => prepareStatement(statement, scope)),
    levelsOfBody,
  );
  return (frame) => {
    for (const execute of body) {
      const signal = execute(frame);
      if (signal !== 'next') return signal;
    }
    return 'next';
  };
}

function prepareStatement(statement: Statement, scope: Scope): Execute {
  if (scope.depth >= deepest) {
    const message = 'The rule is nested too deeply. The run ends undecided.';
    return () => {
      throw new RunEnded({ code: 'DEPTH', message, span: statement.span });
    };
  }
  const execute = prepared(statement, scope);
  return scope.traced ? traced(statement, execute, scope) : execute;
}

function traced(statement: Statement, execute: Execute, scope: Scope): Execute {
  const numbers = assignedTo(statement).map(({ name }) => scope.number(name));
  return (frame) => {
    const { tracer } = frame.session;
    if (!tracer) return execute(frame);
    const node = tracer.begin(statement);
    const signal = execute(frame);
    const [number] = numbers;
    const value =
      statement.kind === 'conclude'
        ? frame.concluded
        : number === undefined
          ? undefined
          : frame.values[number];
    tracer.end(node, value ?? null);
    for (const assigned of numbers) frame.definitions[assigned] = node;
    return signal;
  };
}

/** What a statement assigns to by itself. */
function assignedTo(statement: Statement): readonly Target[] {
  switch (statement.kind) {
    case 'assign':
    case 'declare':
    case 'mlm':
      return [statement.target];
    case 'assign each':
    case 'read':
    case 'argument':
    case 'call':
      return statement.targets;
    default:
      return [];
  }
}

function prepared(statement: Statement, scope: Scope): Execute {
  switch (statement.kind) {
    case 'assign':
      return assign(statement, scope);
    case 'assign each':
      return assignEach(statement, scope);
    case 'read':
      return prepareRead(statement, scope);
    case 'declare':
    case 'mlm':
    case 'argument':
    case 'object':
    case 'include':
      return prepareDeclaration(statement, scope);
    case 'if':
      return choose(statement.branches, statement.otherwise, scope);
    case 'for':
      return forEach(
        scope.number(statement.variable),
        prepareExpression(statement.list, scope),
        prepareBody(statement.body, scope),
        statement.span,
      );
    case 'while':
      return whileTrue(
        prepareExpression(statement.condition, scope),
        prepareBody(statement.body, scope),
        statement.span,
      );
    case 'breakloop':
      return () => 'break';
    case 'switch':
      return switchOn(statement, scope);
    case 'call':
      return prepareCall(statement, scope);
    case 'conclude': {
      const value = prepareExpression(statement.value, scope);
      return (frame) => {
        frame.concluded = value(frame);
        return 'stop';
      };
    }
    case 'write':
      return write(statement.value, statement.at, scope);
    case 'return': {
      const values = statement.values.map((value) => prepareExpression(value, scope));
      return (frame) => {
        frame.returned = values.map((value) => value(frame));
        return 'stop';
      };
    }
  }
}

function assign({ target, time, value }: Extract<Statement, { kind: 'assign' }>, scope: Scope): Execute {
  const evaluate = prepareExpression(value, scope);
  const place = preparePlace(target, scope);
  if (!time) {
    return (frame) => {
      place.set(frame, evaluate(frame));
      return 'next';
    };
  }
  return (frame) => {
    const given = place.get(frame);
    frame.session.reckoning.charge(items(given).length);
    place.set(frame, retimed(given, evaluate(frame)));
    return 'next';
  };
}

/** The elements of a list to one target each; what is missing is NULL. */
export function spread(frame: Frame, places: readonly Place[], values: readonly Value[]): void {
  places.forEach((place, index) => {
    place.set(frame, values[index] ?? nothing);
  });
}

function assignEach({ targets, value }: Extract<Statement, { kind: 'assign each' }>, scope: Scope): Execute {
  const evaluate = prepareExpression(value, scope);
  const places = targets.map((target) => preparePlace(target, scope));
  return (frame) => {
    spread(frame, places, items(evaluate(frame)));
    return 'next';
  };
}

function choose(branches: readonly Branch[], otherwise: readonly Statement[], scope: Scope): Execute {
  const prepared = branches.map(({ condition, body }) => ({
    holds: prepareExpression(condition, scope),
    body: prepareBody(body, scope),
  }));
  const last = prepareBody(otherwise, scope);
  const { traced } = scope;
  return (frame) => {
    const node = traced ? frame.session.tracer?.current : undefined;
    for (const [index, { holds, body }] of prepared.entries()) {
      if (truthOf(holds(frame)) !== true) continue;
      if (node) node.taken = index;
      return body(frame);
    }
    if (node) node.taken = prepared.length;
    return last(frame);
  };
}

function switchOn(
  { value, cases, otherwise }: Extract<Statement, { kind: 'switch' }>,
  scope: Scope,
): Execute {
  const evaluate = prepareExpression(value, scope);
  const prepared = cases.map((one) => ({
    value: prepareExpression(one.value, scope),
    body: prepareBody(one.body, scope),
  }));
  const last = prepareBody(otherwise, scope);
  const { traced } = scope;
  return (frame) => {
    const node = traced ? frame.session.tracer?.current : undefined;
    const given = evaluate(frame);
    for (const [index, one] of prepared.entries()) {
      if (truthOf(apply('=', [given, one.value(frame)], frame.session.reckoning)) !== true) continue;
      if (node) node.taken = index;
      return one.body(frame);
    }
    if (node) node.taken = prepared.length;
    return last(frame);
  };
}

function write(value: Expression, at: Expression | undefined, scope: Scope): Execute {
  const evaluate = prepareExpression(value, scope);
  const destination: Evaluate | undefined = at && prepareExpression(at, scope);
  return (frame) => {
    const text = formatValue(evaluate(frame));
    frame.session.reckoning.charge(text.length >> 3);
    const where = destination?.(frame);
    frame.session.written.push(where ? { text, destination: formatValue(where) } : { text });
    return 'next';
  };
}
