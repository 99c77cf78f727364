import { type Cursor, Fault } from './cursor.js';
import { level } from './level.js';
import type { Expression, Trigger } from './syntax.js';

/** The statements of the evoke slot. What is not understood is reported and left out. */
export function parseTriggers(cursor: Cursor): readonly Trigger[] {
  const triggers: Trigger[] = [];
  while (!cursor.atKind('end')) {
    if (cursor.take(';')) continue;
    try {
      const trigger = one(cursor);
      if (trigger !== undefined) triggers.push(trigger);
      if (!cursor.atKind('end')) cursor.expect(';');
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      cursor.report(fault);
      while (!cursor.atKind('end') && !cursor.take(';')) cursor.next();
    }
  }
  return triggers;
}

function one(cursor: Cursor): Trigger | undefined {
  const { start } = cursor.token;
  // Version 1 says so of an MLM that only others call.
  if (cursor.take('call')) return undefined;
  if (cursor.take('every')) return every(cursor, start);
  const expression = cursor.expression(level.join);
  const span = { start, end: cursor.lastEnd };
  const names = eventNames(expression);
  return names === undefined ? { kind: 'at', time: expression, span } : { kind: 'events', names, span };
}

function every(cursor: Cursor, start: number): Trigger {
  const interval = cursor.expression(level.text);
  cursor.expect('for');
  const lasting = cursor.expression(level.text);
  cursor.expect('starting');
  const starting = cursor.expression(level.text);
  const until = cursor.take('until') ? cursor.expression(level.seqto) : undefined;
  return {
    kind: 'every',
    every: interval,
    lasting,
    starting,
    ...(until === undefined ? {} : { until }),
    span: { start, end: cursor.lastEnd },
  };
}

/** `e`, `e1 OR e2`, `ANY OF (e1, e2)`: the names; undefined for a time. */
function eventNames(expression: Expression): readonly string[] | undefined {
  if (expression.kind === 'name') return [expression.name];
  if (expression.kind !== 'operation' || !['or', 'any', 'join', 'single'].includes(expression.operator))
    return undefined;
  const names = expression.operands.map(eventNames);
  return names.every((some) => some !== undefined) ? names.flat() : undefined;
}
