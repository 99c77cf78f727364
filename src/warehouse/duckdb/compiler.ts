import { PostgresQueryCompiler, type SelectQueryNode, type TopNode, ValueNode } from 'kysely';

/**
 * Kysely's PostgreSQL text is what DuckDB reads, but for one thing: the portable `TOP (n)` is `LIMIT n` at
 * the end of the statement.
 */
export class DuckdbCompiler extends PostgresQueryCompiler {
  protected override visitSelectQuery(node: SelectQueryNode): void {
    const { top, ...rest } = node;
    if (top) super.visitSelectQuery({ ...rest, limit: { kind: 'LimitNode', limit: literal(top) } });
    else super.visitSelectQuery(node);
  }
}

function literal(top: TopNode): ValueNode {
  return ValueNode.createImmediate(Number(top.expression));
}
