import {
  type AggregateFunctionNode,
  AliasNode,
  AndNode,
  BinaryOperationNode,
  type CaseNode,
  type CastNode,
  ColumnNode,
  type CommonTableExpressionNode,
  DataTypeNode,
  type FunctionNode,
  type GroupByItemNode,
  type HavingNode,
  InsertQueryNode,
  type JoinNode,
  type OnNode,
  type OperationNode,
  OperatorNode,
  type OrderByItemNode,
  OrNode,
  ParensNode,
  PrimitiveValueListNode,
  RawNode,
  ReferenceNode,
  type SelectionNode,
  type SelectModifierNode,
  type SelectQueryNode,
  type SetOperationNode,
  type TopNode,
  UnaryOperationNode,
  ValueNode,
  type ValuesNode,
  type WhenNode,
  type WhereNode,
  type WithNode,
} from 'kysely';
import type { PortableRule } from './portable-rules.js';
import { TypedValue } from './value.js';

type Kind = OperationNode['kind'];
type Parent = OperationNode | undefined;

/** Nodes that are refused wherever they stand. */
const refused: Partial<Record<Kind, PortableRule>> = {
  LimitNode: 'limit',
  OffsetNode: 'offset',
  FetchNode: 'fetch',
  TupleNode: 'tuple',
  ReturningNode: 'returning',
  OutputNode: 'output',
  UsingNode: 'using',
  MergeQueryNode: 'merge',
  MatchedNode: 'merge',
  OnConflictNode: 'on-conflict',
  OnDuplicateKeyNode: 'on-conflict',
  OrActionNode: 'insert-form',
  DefaultInsertValueNode: 'insert-form',
  UpdateQueryNode: 'change',
  DeleteQueryNode: 'change',
  ExplainNode: 'explain',
  CollateNode: 'collate',
  JSONReferenceNode: 'json',
  JSONPathNode: 'json',
  JSONPathLegNode: 'json',
  JSONOperatorChainNode: 'json',
};

/** Nodes that are portable in every position. */
const plain: ReadonlySet<Kind> = new Set<Kind>([
  'AliasNode',
  'ColumnNode',
  'CommonTableExpressionNameNode',
  'FromNode',
  'GroupByNode',
  'IdentifierNode',
  'ListNode',
  'OrderByNode',
  'OverNode',
  'ParensNode',
  'PartitionByItemNode',
  'PartitionByNode',
  'ReferenceNode',
  'SchemableIdentifierNode',
  'SelectAllNode',
  'TableNode',
  'ValueListNode',
]);

type Check = (node: never, parent: Parent) => PortableRule | false | undefined;

/** Nodes that are portable in some forms. The checks see a node of the kind they are filed under. */
const checks: Partial<Record<Kind, Check>> = {
  SelectQueryNode: selectViolation,
  InsertQueryNode: (node: InsertQueryNode) =>
    (node.with && 'nested-with') ||
    (node.returning && 'returning') ||
    (node.output && 'output') ||
    ((node.ignore || node.replace || node.top || node.defaultValues || node.endModifiers || !node.columns) &&
      'insert-form'),
  AggregateFunctionNode: aggregateViolation,
  JoinNode: joinViolation,
  BinaryOperationNode: operationViolation,
  UnaryOperationNode: (node: UnaryOperationNode) =>
    operatorRule(node.operator) ?? (isBareColumn(node.operand) && isNot(node.operator) && 'bare-predicate'),
  OperatorNode: operatorRule,
  CaseNode: (node: CaseNode) => node.isStatement && 'case-statement',
  WhenNode: (node: WhenNode, parent) =>
    !(parent as CaseNode | undefined)?.value && isBareColumn(node.condition) && 'bare-predicate',
  WhereNode: (node: WhereNode) => isBareColumn(node.where) && 'bare-predicate',
  HavingNode: (node: HavingNode) => isBareColumn(node.having) && 'bare-predicate',
  OnNode: (node: OnNode) => isBareColumn(node.on) && 'bare-predicate',
  AndNode: (node: AndNode, parent) => !isBetween(parent) && pairViolation(node),
  OrNode: (node: OrNode) => pairViolation(node),
  SelectionNode: (node: SelectionNode) => isTruthValue(node.selection) && 'boolean-value',
  OrderByItemNode: (node: OrderByItemNode) =>
    (node.nulls && 'nulls-order') ||
    (node.collation && 'collate') ||
    (isTruthValue(node.orderBy) && 'boolean-value'),
  GroupByItemNode: groupViolation,
  WithNode: (node: WithNode, parent) =>
    (node.recursive && 'recursive') || (parent?.kind !== 'SelectQueryNode' && 'nested-with'),
  CommonTableExpressionNode: (node: CommonTableExpressionNode) =>
    node.materialized !== undefined && 'cte-modifier',
  SelectModifierNode: (node: SelectModifierNode) => node.modifier !== 'Distinct' && 'select-modifier',
  TopNode: (node: TopNode) => node.modifiers !== undefined && 'top-modifier',
  SetOperationNode: (node: SetOperationNode) => node.all && node.operator !== 'union' && 'set-operation-all',
  ValuesNode: (node: ValuesNode, parent) =>
    (!(parent && InsertQueryNode.is(parent)) && 'values-table') ||
    (node.values.length !== 1 && 'multi-row-values'),
  PrimitiveValueListNode: (node: PrimitiveValueListNode) =>
    (node.values.length === 0 && 'empty-in') ||
    (node.values.some((value) => !(value instanceof TypedValue)) && 'bare-value'),
  ValueNode: (node: ValueNode) =>
    node.immediate
      ? typeof node.value === 'boolean' && 'literal-boolean'
      : !(node.value instanceof TypedValue) && 'bare-value',
  FunctionNode: (node: FunctionNode) => !functions.has(node.func.toLowerCase()) && 'function',
  CastNode: (node: CastNode) => !isCommonType(node.dataType) && 'cast',
  DataTypeNode: (node: DataTypeNode) => !isCommonType(node) && 'cast',
  RawNode: (node: RawNode) =>
    node.sqlFragments.some((fragment) => /^\s*(true|false)\s*$/i.test(fragment)) && 'literal-boolean',
};

/** The rule that a node breaks by itself or by where it stands. */
export function violation(node: OperationNode, parent: Parent): PortableRule | undefined {
  const check = checks[node.kind];
  if (check) return check(node as never, parent) || undefined;
  if (plain.has(node.kind)) return undefined;
  return (
    refused[node.kind] ??
    (/^(Create|Drop|Alter|Add|Rename|Modify|Refresh)/.test(node.kind) ? 'definition' : 'unknown')
  );
}

function selectViolation(node: SelectQueryNode, parent: Parent): PortableRule | undefined {
  if (node.distinctOn) return 'distinct-on';
  if (node.endModifiers) return 'select-modifier';
  if (parent && node.with) return 'nested-with';
  if (parent && node.orderBy && !node.top) return 'nested-order';
  return undefined;
}

const aggregates: ReadonlySet<string> = new Set([
  ...['min', 'max', 'sum', 'avg'],
  ...['row_number', 'rank', 'dense_rank', 'lag', 'lead'],
]);

function aggregateViolation(node: AggregateFunctionNode): PortableRule | undefined {
  const name = node.func.toLowerCase();
  if (node.filter) return 'filter-where';
  if (node.orderBy || node.withinGroup) return 'ordered-aggregate';
  if (name === 'count') return 'count';
  if (!aggregates.has(name)) return 'aggregate';
  if (name === 'avg' && node.aggregated.some(isBareColumn)) return 'average-of-column';
  return node.aggregated.some(isTruthValue) ? 'boolean-value' : undefined;
}

function joinViolation(node: JoinNode): PortableRule | undefined {
  if (node.joinType === 'Using') return 'using';
  return /^Lateral|Apply$/.test(node.joinType) ? 'lateral' : undefined;
}

const comparisons: ReadonlySet<string> = new Set([
  ...['=', '!=', '<>', '>', '>=', '<', '<=', 'in', 'not in', 'is', 'is not', 'like', 'not like', 'between'],
]);
const otherOperators: ReadonlySet<string> = new Set(['+', '-', '*', '%', 'not', 'exists', 'not exists']);
const namedOperators: Readonly<Record<string, PortableRule>> = {
  '/': 'division',
  '||': 'concatenation',
  ilike: 'ilike',
  'not ilike': 'ilike',
  'is distinct from': 'distinct-from',
  'is not distinct from': 'distinct-from',
  '->': 'json',
  '->>': 'json',
};

function operatorRule(node: OperationNode): PortableRule | undefined {
  if (!OperatorNode.is(node)) return 'operator';
  if (comparisons.has(node.operator) || otherOperators.has(node.operator)) return undefined;
  return namedOperators[node.operator] ?? 'operator';
}

function operationViolation(node: BinaryOperationNode): PortableRule | undefined {
  const rule = operatorRule(node.operator);
  if (rule) return rule;
  if (hasOperator(node, 'like', 'not like') && !isTextLiteral(node.rightOperand)) return 'like-pattern';
  const list = node.rightOperand;
  if (hasOperator(node, 'in', 'not in') && list.kind === 'ValueListNode') {
    return childrenOf(list).length === 0 ? 'empty-in' : undefined;
  }
  return undefined;
}

const functions: ReadonlySet<string> = new Set([
  ...['coalesce', 'nullif', 'abs', 'floor', 'ceiling', 'sqrt'],
  ...['year', 'month', 'day', 'lower', 'upper', 'concat'],
]);

function groupViolation(node: GroupByItemNode): PortableRule | undefined {
  const grouped = unwrap(node.groupBy);
  if (isTruthValue(grouped)) return 'boolean-value';
  if (ValueNode.is(grouped) && grouped.immediate) return 'group-ordinal';
  return holdsParameter(grouped) ? 'grouped-parameter' : undefined;
}

function pairViolation(node: AndNode | OrNode): PortableRule | undefined {
  return isBareColumn(node.left) || isBareColumn(node.right) ? 'bare-predicate' : undefined;
}

const hasOperator = (node: BinaryOperationNode, ...names: string[]): boolean =>
  OperatorNode.is(node.operator) && names.includes(node.operator.operator);

const isBetween = (node: Parent): boolean =>
  node !== undefined && BinaryOperationNode.is(node) && hasOperator(node, 'between');

const isNot = (node: OperationNode): boolean => OperatorNode.is(node) && node.operator === 'not';

function isBareColumn(node: OperationNode): boolean {
  const inner = unwrap(node);
  return ReferenceNode.is(inner) || ColumnNode.is(inner);
}

/** True for what T-SQL knows as a predicate only. */
function isTruthValue(node: OperationNode): boolean {
  const inner = unwrap(node);
  if (BinaryOperationNode.is(inner))
    return OperatorNode.is(inner.operator) && comparisons.has(inner.operator.operator);
  if (UnaryOperationNode.is(inner)) return OperatorNode.is(inner.operator) && inner.operator.operator !== '-';
  return AndNode.is(inner) || OrNode.is(inner);
}

const isTextLiteral = (node: OperationNode): boolean => {
  const inner = unwrap(node);
  return ValueNode.is(inner) && inner.immediate === true && typeof inner.value === 'string';
};

const isCommonType = (node: OperationNode): boolean =>
  DataTypeNode.is(node) && /^(integer|bigint|date|decimal\(\d+, ?\d+\))$/.test(node.dataType);

/** The node itself, without an alias, parentheses, or a raw fragment that only holds it. */
function unwrap(node: OperationNode): OperationNode {
  if (ParensNode.is(node) || AliasNode.is(node)) return unwrap(node.node);
  const only = RawNode.is(node) && node.sqlFragments.every((text) => text === '') ? node.parameters : [];
  const [child] = only;
  return child && only.length === 1 ? unwrap(child) : node;
}

function holdsParameter(node: OperationNode): boolean {
  if (PrimitiveValueListNode.is(node)) return true;
  if (ValueNode.is(node)) return node.immediate !== true;
  return childrenOf(node).some(holdsParameter);
}

/** Every node of every statement is asked for these: no list is made on the way. */
export function childrenOf(node: OperationNode): OperationNode[] {
  const children: OperationNode[] = [];
  for (const value of Object.values(node)) {
    if (!Array.isArray(value)) {
      if (isNode(value)) children.push(value);
      continue;
    }
    for (const one of value) if (isNode(one)) children.push(one);
  }
  return children;
}

function isNode(value: unknown): value is OperationNode {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
}
