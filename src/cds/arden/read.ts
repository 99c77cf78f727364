import { type Cursor, Fault } from './cursor.js';
import { level } from './level.js';
import { countedOperators, functionWords } from './operators.js';
import type { Braces, Expression, Operator, ReadAggregate, Statement, Target } from './syntax.js';

const aggregates: ReadonlyMap<string, Operator> = new Map(
  functionWords
    .filter(([, operator]) => isAggregate(operator))
    .flatMap(([words, operator]) => words.split(' ').map((word) => [word, operator] as const)),
);

/** `READ [AS type] [aggregate] {…} [WHERE condition]`, at the word READ. */
export function readStatement(cursor: Cursor, targets: readonly Target[], start: number): Statement {
  cursor.next();
  const as = cursor.take('as') ? cursor.name('type of the object').value : undefined;
  const aggregate = readAggregate(cursor);
  const { braces, where } = mapping(cursor);
  return {
    kind: 'read',
    targets,
    ...(aggregate === undefined ? {} : { aggregate }),
    ...(as === undefined ? {} : { as }),
    braces,
    ...(where === undefined ? {} : { where }),
    span: { start, end: cursor.lastEnd },
  };
}

function readAggregate(cursor: Cursor): ReadAggregate | undefined {
  const { token } = cursor;
  const operator = token.kind === 'word' ? aggregates.get(token.value) : undefined;
  if (operator === undefined) return undefined;
  cursor.next();
  cursor.take('of');
  const from = countedOperators.get(operator);
  if (from === undefined || cursor.atKind('braces') || cursor.at('(')) {
    const counted = from === undefined ? undefined : countInParentheses(cursor);
    return counted === undefined ? narrowed(operator) : narrowed(from ?? operator, counted);
  }
  const count = cursor.expression(level.as);
  if (!cursor.take('from')) {
    if (!cursor.atKind('braces')) cursor.fault('Here should be FROM');
    cursor.departure('SYNTAX', cursor.token.start, 'Here should be FROM', 'Write READ LAST 3 FROM {…}');
  }
  return narrowed(from, count);
}

/** `LAST (n + 1) FROM`: in parentheses stands a number, unless it is braces that are read. */
function countInParentheses(cursor: Cursor): Expression | undefined {
  let ahead = 0;
  while (cursor.followedBy('(', ahead)) ahead += 1;
  if (ahead === 0 || cursor.peek(ahead).kind === 'braces') return undefined;
  const count = cursor.expression(level.as);
  cursor.expect('from');
  return count;
}

function narrowed(operator: Operator, count?: Expression): ReadAggregate | undefined {
  if (!isAggregate(operator)) return undefined;
  return { operator, ...(count === undefined ? {} : { count }) };
}

function isAggregate(operator: Operator): operator is ReadAggregate['operator'] {
  switch (operator) {
    case 'count':
    case 'exist':
    case 'average':
    case 'median':
    case 'sum':
    case 'stddev':
    case 'variance':
    case 'minimum':
    case 'maximum':
    case 'first':
    case 'last':
    case 'earliest':
    case 'latest':
    case 'any':
    case 'all':
    case 'no':
    case 'minimum from':
    case 'maximum from':
    case 'first from':
    case 'last from':
    case 'earliest from':
    case 'latest from':
      return true;
    default:
      return false;
  }
}

interface Mapping {
  readonly braces: Braces;
  readonly where: Expression | undefined;
}

/** Braces with their condition, perhaps in parentheses. */
function mapping(cursor: Cursor): Mapping {
  if (!cursor.at('(')) return condition(cursor, bracesAt(cursor, true));
  return cursor.deeper(() => {
    cursor.expect('(');
    const inner = mapping(cursor);
    cursor.expect(')', 'Close what ( opens');
    return inner.where === undefined ? condition(cursor, inner.braces) : inner;
  });
}

/** A condition that cannot be understood leaves the READ as it is, so that what it reads is known. */
function condition(cursor: Cursor, braces: Braces): Mapping {
  if (!cursor.take('where')) return { braces, where: undefined };
  try {
    return { braces, where: cursor.expression(level.seqto) };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    cursor.report(fault);
    while (!cursor.atKind('end') && !cursor.at(';')) cursor.next();
    return { braces, where: undefined };
  }
}

/** A name, perhaps with what is read of it and a condition: the form of a fact. */
const factForm = /^\s*[a-z]\w*\s*(?::|where\b|$)/i;

/** The braces that come next; those of a READ or EVENT should name a fact. */
export function bracesAt(cursor: Cursor, ofFact: boolean): Braces {
  const { token } = cursor;
  if (token.kind !== 'braces') cursor.fault('Here should be braces');
  cursor.next();
  if (ofFact && !factForm.test(token.value))
    cursor.departure(
      'L16',
      token.start,
      'The braces hold something foreign, which is kept as it is',
      'Write a fact: {name: columns where conditions}',
    );
  return {
    text: token.value,
    span: { start: token.start + 1, end: Math.max(token.end - 1, token.start + 1) },
  };
}
