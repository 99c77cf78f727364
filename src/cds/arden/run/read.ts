import type { Row } from '../host.js';
import type { Operator, Statement } from '../syntax.js';
import type { Item, Time, Value } from '../value.js';
import { meant, prepareExpression } from './expression.js';
import { withIt } from './filter.js';
import type { Execute, Frame } from './frame.js';
import { blank } from './object.js';
import { apply } from './operators/table.js';
import { deepest, type Scope } from './scope.js';
import { preparePlace } from './target.js';
import type { ReadTrace, TraceNode } from './trace.js';
import { items, list, nothing, number, timed, truthOf } from './values.js';

type Read = Extract<Statement, { kind: 'read' }>;

/** Aggregates that choose rows rather than reckon with all of them: all columns of a READ come from the rows chosen. */
const choosing: ReadonlySet<Operator> = new Set<Operator>([
  'first',
  'last',
  'earliest',
  'latest',
  'first from',
  'last from',
  'earliest from',
  'latest from',
]);

/** READ: what the host knows under the text between the braces. */
export function prepareRead(statement: Read, scope: Scope): Execute {
  const places = statement.targets.map((target) => preparePlace(target, scope));
  const condition = statement.where && prepareExpression(statement.where, scope);
  const operator = statement.aggregate && meant(statement.aggregate.operator, scope);
  const count = statement.aggregate?.count && prepareExpression(statement.aggregate.count, scope);
  const targets = statement.targets.map(({ name }) => name);
  const { text: braces } = statement.braces;

  const { traced } = scope;
  const unknownType = statement.as !== undefined && !scope.types.has(statement.as);

  return (frame) => {
    if (unknownType) {
      const message = `There is no object type ${statement.as}.`;
      frame.session.diagnose({ code: 'TYPE', message, span: statement.span });
    }
    const found = rowsOf(frame, statement);
    let rows = found;
    if (condition) rows = keptRows(found, withIt(frame, list(column(found, 0)), condition));
    const n = count?.(frame);
    if (operator && choosing.has(operator)) rows = chosenRows(frame, operator, n, rows);
    const keys = rows.flatMap(({ key }) => (key === undefined ? [] : [key]));
    frame.session.evidence.push({ targets, braces, span: statement.span, keys });
    const values =
      statement.as === undefined ? columns(places.length, rows) : [objects(statement, scope, rows)];
    places.forEach((place, index) => {
      place.set(frame, result(frame, operator, n, values[index] ?? []));
    });
    const node = traced ? frame.session.tracer?.current : undefined;
    if (node) node.read = readTrace(braces, found.length, rows.length, keys, node);
    return 'next';
  };
}

function rowsOf(frame: Frame, { braces }: Read): readonly Row[] {
  const rows = frame.host.rows(braces.text);
  if (!rows) {
    frame.session.diagnose({
      code: 'UNBOUND',
      message: `Nothing is bound to {${braces.text}}: it is read as empty.`,
      span: braces.span,
    });
    return [];
  }
  frame.session.reckoning.charge(rows.length);
  return rows;
}

/** The rows whose condition is TRUE: one condition goes for all rows. */
function keptRows(rows: readonly Row[], condition: Value): readonly Row[] {
  if (condition.type !== 'list') return truthOf(condition) === true ? rows : [];
  if (condition.items.length !== rows.length) return [];
  return rows.filter((_, place) => truthOf(condition.items[place] ?? nothing) === true);
}

/** The rows that FIRST, LAST and their like choose. */
function chosenRows(
  frame: Frame,
  operator: Operator,
  n: Value | undefined,
  rows: readonly Row[],
): readonly Row[] {
  const places = list(rows.map((row, place): Item => number(place, row.time)));
  const operands = n === undefined ? [places] : [n, places];
  return rowsAt(rows, apply(operator, operands, frame.session.reckoning));
}

function rowsAt(rows: readonly Row[], places: Value): readonly Row[] {
  return items(places).flatMap((place) => {
    const row = place.type === 'number' ? rows[place.value] : undefined;
    return row ? [row] : [];
  });
}

function column(rows: readonly Row[], index: number): Item[] {
  return rows.map((row) => timed(row.values[index] ?? nothing, row.time));
}

function columns(count: number, rows: readonly Row[]): Item[][] {
  return Array.from({ length: count }, (_, index) => column(rows, index));
}

/** READ AS: an object a row, its attributes the columns. */
function objects({ as: type = '' }: Read, scope: Scope, rows: readonly Row[]): Item[] {
  const attributes = scope.types.get(type) ?? [];
  return rows.map((row) => {
    const object = blank(type, attributes);
    attributes.forEach((name, index) => {
      object.attributes.set(name, timed(row.values[index] ?? nothing, row.time));
    });
    return { type: 'object', value: object, primaryTime: row.time };
  });
}

/** One value of a chosen row, a list of chosen rows, or the aggregate of all. */
function result(frame: Frame, operator: Operator | undefined, n: Value | undefined, elements: Item[]): Value {
  if (operator === undefined) return list(elements);
  if (choosing.has(operator)) return n === undefined ? (elements[0] ?? nothing) : list(elements);
  const operands = n === undefined ? [list(elements)] : [n, list(elements)];
  return apply(operator, operands, frame.session.reckoning);
}

function readTrace(
  braces: string,
  found: number,
  kept: number,
  keys: readonly string[],
  node: TraceNode,
): ReadTrace {
  const window = windowOf(node.children, 0);
  return { braces, found, kept, keys, ...(window ? { window } : {}) };
}

/** The bounds of the first WITHIN below a node. */
function windowOf(
  nodes: readonly TraceNode[],
  depth: number,
): { readonly from: Time; readonly to: Time } | undefined {
  if (depth > deepest) return undefined;
  for (const { tree, children } of nodes) {
    if (tree.kind === 'operation' && tree.operator === 'within') {
      const [, low, high] = children;
      if (low?.value?.type === 'time' && high?.value?.type === 'time')
        return { from: low.value.value, to: high.value.value };
    }
    const inner = windowOf(children, depth + 1);
    if (inner) return inner;
  }
  return undefined;
}
