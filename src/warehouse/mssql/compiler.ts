import { MssqlQueryCompiler, type RootOperationNode } from 'kysely';
import { assertPortable } from '../portable.js';
import { TypedValue } from '../value.js';

/**
 * Kysely's T-SQL, refused outside the portable subset. Names stand in brackets: quotation marks mean a text
 * literal on a connection whose QUOTED_IDENTIFIER is off, as it is when no SET follows the login.
 */
export class PortableTsqlCompiler extends MssqlQueryCompiler {
  override compileQuery(...[node, queryId]: Parameters<MssqlQueryCompiler['compileQuery']>) {
    assertPortable(node satisfies RootOperationNode);
    return super.compileQuery(node, queryId);
  }

  protected override getLeftIdentifierWrapper(): string {
    return '[';
  }

  protected override getRightIdentifierWrapper(): string {
    return ']';
  }

  /** Inside brackets only the closing one is doubled; Kysely would double both. */
  protected override sanitizeIdentifier(identifier: string): string {
    return identifier.replaceAll(']', ']]');
  }

  /** A decimal travels as text, because the client would round it to a double; the server reads it exactly. */
  protected override appendValue(parameter: unknown): void {
    const type = parameter instanceof TypedValue ? parameter.type : undefined;
    if (type?.kind === 'decimal') this.append('cast(');
    super.appendValue(parameter);
    if (type?.kind === 'decimal') this.append(` as decimal(${type.precision}, ${type.scale}))`);
  }
}
