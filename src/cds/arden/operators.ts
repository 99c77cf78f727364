import { level } from './level.js';
import type { Operator } from './syntax.js';

/** An operator between two operands: what it is written as and which levels its operands have at least. */
export interface BinaryRule {
  readonly operator: Operator;
  readonly words: readonly string[];
  readonly level: number;
  readonly left: number;
  readonly right: number;
}

const leftToRight = (operator: Operator, words: readonly string[], at: number): BinaryRule => ({
  operator,
  words,
  level: at,
  left: at,
  right: at + 1,
});

const notAssociative = (operator: Operator, words: readonly string[], at: number): BinaryRule => ({
  operator,
  words,
  level: at,
  left: at + 1,
  right: at + 1,
});

/** Operators that stand between their operands in one word. The first word is the one that is printed. */
export const binaryRules: readonly BinaryRule[] = [
  leftToRight('join', [','], level.join),
  { operator: 'merge', words: ['merge'], level: level.sort, left: level.where, right: level.sort },
  notAssociative('seqto', ['seqto'], level.seqto),
  leftToRight('or', ['or'], level.or),
  leftToRight('and', ['and'], level.and),
  notAssociative('=', ['=', 'eq'], level.comparison),
  notAssociative('<>', ['<>', 'ne'], level.comparison),
  notAssociative('<', ['<', 'lt'], level.comparison),
  notAssociative('<=', ['<=', 'le'], level.comparison),
  notAssociative('>', ['>', 'gt'], level.comparison),
  notAssociative('>=', ['>=', 'ge'], level.comparison),
  leftToRight('||', ['||'], level.text),
  leftToRight('+', ['+'], level.sum),
  leftToRight('-', ['-'], level.sum),
  leftToRight('*', ['*'], level.product),
  leftToRight('/', ['/'], level.product),
  notAssociative('**', ['**'], level.power),
];

/** Functions before one operand, which OF may precede, by word. The first word of an operator is the one that is printed. */
export const functionWords: readonly (readonly [words: string, operator: Operator])[] = [
  ['count', 'count'],
  ['exist exists', 'exist'],
  ['average avg', 'average'],
  ['median', 'median'],
  ['sum', 'sum'],
  ['stddev', 'stddev'],
  ['variance', 'variance'],
  ['minimum min', 'minimum'],
  ['maximum max', 'maximum'],
  ['first', 'first'],
  ['last', 'last'],
  ['earliest', 'earliest'],
  ['latest', 'latest'],
  ['any', 'any'],
  ['all', 'all'],
  ['no', 'no'],
  ['slope', 'slope'],
  ['interval', 'interval'],
  ['increase', 'increase'],
  ['decrease', 'decrease'],
  ['abs', 'abs'],
  ['int', 'int'],
  ['round', 'round'],
  ['floor', 'floor'],
  ['ceiling', 'ceiling'],
  ['truncate', 'truncate'],
  ['sqrt', 'sqrt'],
  ['exp', 'exp'],
  ['log', 'log'],
  ['log10', 'log10'],
  ['sine sin', 'sine'],
  ['cosine cos', 'cosine'],
  ['tangent tan', 'tangent'],
  ['arcsin', 'arcsin'],
  ['arccos', 'arccos'],
  ['arctan', 'arctan'],
  ['string', 'string'],
  ['reverse', 'reverse'],
  ['length', 'length'],
  ['uppercase', 'uppercase'],
  ['lowercase', 'lowercase'],
  ['clone', 'clone'],
];

/** Functions that may also take a number of elements: `LAST 3 FROM x`. */
export const countedOperators: ReadonlyMap<Operator, Operator> = new Map([
  ['minimum', 'minimum from'],
  ['maximum', 'maximum from'],
  ['first', 'first from'],
  ['last', 'last from'],
  ['earliest', 'earliest from'],
  ['latest', 'latest from'],
]);

/** Units of durations, by the singular. */
export const units: ReadonlyMap<string, Operator> = new Map([
  ['year', 'years'],
  ['month', 'months'],
  ['week', 'weeks'],
  ['day', 'days'],
  ['hour', 'hours'],
  ['minute', 'minutes'],
  ['second', 'seconds'],
]);

/** Parts of a time that EXTRACT takes out and REPLACE puts in. */
export const timeParts = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;

/** Days of the week; the first is 1. */
export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
