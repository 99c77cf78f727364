import type { Operator } from '../../syntax.js';
import type { Value } from '../../value.js';
import * as aggregates from './aggregates.js';
import * as arithmetic from './arithmetic.js';
import * as calendar from './calendar.js';
import { formattedWith } from './formatted-with.js';
import * as lists from './lists.js';
import * as logic from './logic.js';
import * as objects from './objects.js';
import type { Operation, Reckoning } from './operation.js';
import * as selection from './selection.js';
import * as texts from './text.js';

const { numeric, unitOf } = arithmetic;

/** What each operator means. */
export const operations: Readonly<Record<Operator, Operation>> = {
  join: lists.join,
  single: lists.single,
  merge: lists.merge,
  'sort data': lists.sortData,
  'sort time': lists.sortTime,
  seqto: lists.seqto,
  index: lists.index,
  sublist: lists.sublist,
  'add to': lists.addTo,
  'remove from': lists.removeFrom,
  reverse: lists.reverse,
  interval: lists.interval,
  increase: lists.increase,
  decrease: lists.decrease,
  'percent increase': lists.percentIncrease,
  'percent decrease': lists.percentDecrease,

  or: logic.or,
  and: logic.and,
  not: logic.not,
  '=': logic.isEqual,
  '<>': logic.isUnequal,
  '<': logic.comparison((sign) => sign < 0),
  '<=': logic.comparison((sign) => sign <= 0),
  '>': logic.comparison((sign) => sign > 0),
  '>=': logic.comparison((sign) => sign >= 0),
  in: logic.isIn,
  'is null': logic.isNull,
  within: logic.isWithin,
  before: logic.timeComparison((sign) => sign < 0),
  after: logic.timeComparison((sign) => sign > 0),
  'within same day': calendar.withinSameDay,

  '||': texts.concatenate,
  'formatted with': formattedWith,
  'matches pattern': texts.matchesPattern,
  trim: texts.trim,
  'trim left': texts.trimLeft,
  'trim right': texts.trimRight,
  find: texts.find,
  substring: texts.substring,
  'extract characters': texts.characters,
  length: texts.length,
  uppercase: texts.uppercase,
  lowercase: texts.lowercase,
  string: texts.string,
  'as number': texts.asNumber,
  'as time': texts.asTime,
  'as string': texts.asString,

  '+': arithmetic.sum,
  '-': arithmetic.difference,
  negate: arithmetic.negate,
  '*': arithmetic.product,
  '/': arithmetic.quotient,
  '**': arithmetic.power,
  abs: numeric(Math.abs),
  int: numeric(Math.floor),
  round: numeric(arithmetic.round),
  floor: numeric(Math.floor),
  ceiling: numeric(Math.ceil),
  truncate: numeric(Math.trunc),
  sqrt: numeric(Math.sqrt),
  exp: numeric(Math.exp),
  log: numeric(Math.log),
  log10: numeric(Math.log10),
  sine: numeric(Math.sin),
  cosine: numeric(Math.cos),
  tangent: numeric(Math.tan),
  arcsin: numeric(Math.asin),
  arccos: numeric(Math.acos),
  arctan: numeric(Math.atan),

  years: unitOf('months', 12),
  months: unitOf('months', 1),
  weeks: unitOf('seconds', 604_800),
  days: unitOf('seconds', 86_400),
  hours: unitOf('seconds', 3600),
  minutes: unitOf('seconds', 60),
  seconds: unitOf('seconds', 1),

  'extract year': calendar.year,
  'extract month': calendar.month,
  'extract day': calendar.dayOfMonth,
  'extract hour': calendar.hour,
  'extract minute': calendar.minute,
  'extract second': calendar.second,
  'extract time of day': calendar.clock,
  'time of day of': calendar.clock,
  'extract day of week': calendar.weekday,
  'replace year': calendar.replacing('year'),
  'replace month': calendar.replacing('month'),
  'replace day': calendar.replacing('day'),
  'replace hour': calendar.replacing('hour'),
  'replace minute': calendar.replacing('minute'),
  'replace second': calendar.replacing('second'),

  count: aggregates.count,
  exist: aggregates.exist,
  average: aggregates.average,
  median: aggregates.median,
  sum: aggregates.sum,
  stddev: aggregates.stddev,
  variance: aggregates.variance,
  minimum: aggregates.minimum,
  maximum: aggregates.maximum,
  first: aggregates.first,
  last: aggregates.last,
  earliest: aggregates.earliest,
  latest: aggregates.latest,
  any: aggregates.any,
  all: aggregates.all,
  no: aggregates.no,
  slope: aggregates.slope,
  'at least': aggregates.atLeast,
  'at most': aggregates.atMost,

  'minimum from': selection.minimumFrom,
  'maximum from': selection.maximumFrom,
  'first from': selection.firstFrom,
  'last from': selection.lastFrom,
  'earliest from': selection.earliestFrom,
  'latest from': selection.latestFrom,
  nearest: selection.nearest,
  'index nearest': selection.indexNearest,
  'index minimum': selection.indexMinimum,
  'index maximum': selection.indexMaximum,
  'index earliest': selection.indexEarliest,
  'index latest': selection.indexLatest,
  'index minimum from': selection.indexMinimumFrom,
  'index maximum from': selection.indexMaximumFrom,

  time: objects.time,
  clone: objects.clone,
  attribute: objects.attribute,
  'extract attribute names': objects.attributeNames,
};

/** The value of an operator for its operands, as the interpreter and the folding of constants reckon it. */
export function apply(operator: Operator, operands: readonly Value[], reckoning: Reckoning): Value {
  let work = 1;
  for (const operand of operands) work += sizeOf(operand);
  reckoning.charge(work);
  return operations[operator](operands, reckoning);
}

/** Elements of a list, and an eighth of the characters of texts. */
function sizeOf(value: Value): number {
  if (value.type === 'string') return value.value.length >> 3;
  if (value.type !== 'list') return 0;
  let size = value.items.length;
  for (const element of value.items) if (element.type === 'string') size += element.value.length >> 3;
  return size;
}
