import type { Statement } from '../syntax.js';
import type { Value } from '../value.js';
import { prepareExpression } from './expression.js';
import type { Execute, Frame } from './frame.js';
import type { Scope } from './scope.js';
import { preparePlace } from './target.js';
import { nothing } from './values.js';

/** MLMs that call one another are not run deeper than this. */
const deepestCall = 16;

/** CALL: of an MLM that is known, at once; of an interface; else only recorded. */
export function prepareCall(statement: Extract<Statement, { kind: 'call' }>, scope: Scope): Execute {
  const number = scope.number(statement.callee);
  const places = statement.targets.map((target) => preparePlace(target, scope));
  const given = statement.arguments.map((argument) => prepareExpression(argument, scope));
  const delay = statement.delay && prepareExpression(statement.delay, scope);
  return (frame) => {
    const values = given.map((argument) => argument(frame));
    const after = delay?.(frame);
    const returned = call(frame, statement, number, values, after);
    places.forEach((place, index) => {
      place.set(frame, returned[index] ?? nothing);
    });
    return 'next';
  };
}

function call(
  frame: Frame,
  { callee: name, span }: Extract<Statement, { kind: 'call' }>,
  number: number,
  given: readonly Value[],
  delay: Value | undefined,
): readonly Value[] {
  const { session, host } = frame;
  const callee = frame.callees.get(number) ?? { kind: 'unknown' as const, name };
  if (callee.kind === 'interface') {
    const returned = host.callInterface(callee.braces, given);
    if (!returned)
      session.diagnose({ code: 'UNBOUND', message: `Nothing is bound to {${callee.braces}}.`, span });
    return returned ?? [];
  }
  const mlm = callee.kind === 'event' ? callee.braces : callee.name;
  session.reckoning.charge(1);
  session.calls.push({ mlm, arguments: given, ...(delay ? { delay } : {}) });
  if (callee.kind === 'event' || delay) return [];
  const program = callee.kind === 'mlm' ? frame.programs(callee.name) : undefined;
  if (!program) {
    const message = `The MLM ${mlm} is not known here: the call is recorded only.`;
    session.diagnose({ code: 'CALL', message, span });
    return [];
  }
  if (session.depth >= deepestCall) {
    session.diagnose({ code: 'CALL', message: `MLMs call one another more than ${deepestCall} deep.`, span });
    return [];
  }
  session.depth += 1;
  const { returned } = program({ ...host, arguments: given }, session, frame.programs);
  session.depth -= 1;
  return returned;
}
