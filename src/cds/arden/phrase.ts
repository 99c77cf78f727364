import { type Cursor, Fault } from './cursor.js';
import { level } from './level.js';
import { listed } from './new-object.js';
import { bracesAt, readStatement } from './read.js';
import type { Braces, Statement, Target } from './syntax.js';
import { noticeTemplates } from './template.js';

/** What is assigned in one statement, and how. */
interface Assigned {
  readonly targets: readonly Target[];
  readonly first: Target;
  readonly time: boolean;
  readonly start: number;
}

type Phrase = (cursor: Cursor, to: Assigned) => Statement;

/** The right side of an assignment to names: what lies outside, what another MLM returns, or the value of an expression. */
export function assigned(
  cursor: Cursor,
  targets: readonly Target[],
  time: boolean,
  start: number,
  tuple: boolean,
): Statement {
  const [first] = targets;
  if (first === undefined) return cursor.fault('Here should be a name');
  const { slot, version } = cursor.context;
  if (slot === 'action' && version < 205)
    cursor.departure('VERSION', start, 'The action slot has assignments since version 2.5');
  const to: Assigned = { targets, first, time, start };
  const { token } = cursor;
  const phrase = token.kind === 'word' && !time ? phrases.get(token.value) : undefined;
  if (phrase !== undefined) {
    if (slot !== 'data' && token.value !== 'call')
      cursor.departure('SLOT', token.start, `${token.value.toUpperCase()} belongs to the data slot`);
    return phrase(cursor, to);
  }
  const value = cursor.expression(level.join);
  noticeTemplates(cursor, value);
  const span = { start, end: cursor.lastEnd };
  return tuple
    ? { kind: 'assign each', targets, value, span }
    : { kind: 'assign', target: first, time, value, span };
}

const one = (cursor: Cursor, { targets, first }: Assigned): Target => {
  if (targets.length > 1) cursor.fault('Here should be what gives several values');
  return first;
};

const declare =
  (what: 'event' | 'message' | 'destination' | 'interface'): Phrase =>
  (cursor, to) => {
    cursor.next();
    const hasType = (what === 'message' || what === 'destination') && cursor.take('as');
    const as = hasType ? cursor.name('type of the object').value : undefined;
    const braces: Braces =
      as !== undefined && !cursor.atKind('braces')
        ? { text: '', span: { start: cursor.lastEnd, end: cursor.lastEnd } }
        : bracesAt(cursor, what === 'event');
    return {
      kind: 'declare',
      what,
      target: one(cursor, to),
      ...(as === undefined ? {} : { as }),
      braces,
      span: { start: to.start, end: cursor.lastEnd },
    };
  };

const mlm: Phrase = (cursor, to) => {
  cursor.next();
  const target = one(cursor, to);
  if (cursor.take('mlm_self'))
    return { kind: 'mlm', target, name: null, span: { start: to.start, end: cursor.lastEnd } };
  const { token } = cursor;
  if (token.kind !== 'term') cursor.fault('Here should be the name of an MLM in single quotes');
  cursor.next();
  const institution = institutionOf(cursor);
  return {
    kind: 'mlm',
    target,
    name: token.value,
    ...(institution === undefined ? {} : { institution }),
    span: { start: to.start, end: cursor.lastEnd },
  };
};

function institutionOf(cursor: Cursor): string | undefined {
  if (!cursor.take('from')) return undefined;
  cursor.expect('institution');
  if (!cursor.atKind('string')) cursor.fault('Here should be the institution in double quotes');
  return cursor.next().value;
}

const object: Phrase = (cursor, to) => {
  cursor.next();
  cursor.expect('[');
  const attributes = [cursor.name('attribute').value];
  while (cursor.take(',')) attributes.push(cursor.name('attribute').value);
  cursor.expect(']');
  return {
    kind: 'object',
    target: one(cursor, to),
    attributes,
    span: { start: to.start, end: cursor.lastEnd },
  };
};

const argument: Phrase = (cursor, { targets, start }) => {
  cursor.next();
  return { kind: 'argument', targets, span: { start, end: cursor.lastEnd } };
};

const phrases: ReadonlyMap<string, Phrase> = new Map<string, Phrase>([
  ['read', (cursor, { targets, start }) => readStatement(cursor, targets, start)],
  ['event', declare('event')],
  ['message', declare('message')],
  ['destination', declare('destination')],
  ['interface', declare('interface')],
  ['mlm', mlm],
  ['object', object],
  ['argument', argument],
  ['call', (cursor, { targets, start }) => callStatement(cursor, targets, start)],
]);

/** `CALL x [WITH a, b] [DELAY d]` */
export function callStatement(
  cursor: Cursor,
  targets: readonly Target[],
  from = cursor.token.start,
): Statement {
  cursor.next();
  const { token } = cursor;
  const callee = cursor.name('MLM to be called').value;
  if (!cursor.context.assigned.has(callee))
    cursor.departure(
      'L11',
      token.start,
      `${callee} is never declared: the call is recorded and not run`,
      `Declare it: ${callee} := MLM '…';`,
    );
  const given = cursor.take('with') ? listed(cursor, level.sort) : [];
  const delay = cursor.take('delay') ? cursor.expression(level.join) : undefined;
  return {
    kind: 'call',
    targets,
    callee,
    arguments: given,
    ...(delay === undefined ? {} : { delay }),
    span: { start: from, end: cursor.lastEnd },
  };
}

/** READs among tokens that make no statement: what a rule needs is known even where it is not understood. */
export function salvagedReads(cursor: Cursor, start: number, end: number): readonly Statement[] {
  const reads: Statement[] = [];
  for (let place = start; place < end; place += 1) {
    const token = cursor.tokens[place];
    if (token?.kind !== 'word' || token.value !== 'read') continue;
    cursor.rewind(place);
    try {
      reads.push(readStatement(cursor, targetBefore(cursor, place), token.start));
      place = Math.max(place, cursor.position - 1);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
    }
  }
  return reads;
}

function targetBefore(cursor: Cursor, read: number): readonly Target[] {
  const name = cursor.tokens[read - 2];
  const { start, end } = name ?? cursor.token;
  return name?.kind === 'name' ? [{ name: name.value, path: [], span: { start, end } }] : [];
}
