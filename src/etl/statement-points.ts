import type { DuckDBConnection } from '@duckdb/node-api';
import { around } from '../config/fail-point.js';

/** Statements that may write to the disk, by their first word. */
const writing =
  /^\s*(?:force )?(copy|checkpoint|attach|detach|commit|insert|delete|update|truncate|create)\b/i;

/**
 * Lets each statement of a connection that may write pass the fail points `sql.before-<word>` and `sql.after-<word>`.
 * The connection itself is changed, so that no statement goes past them, wherever it is run from.
 */
export function watchStatements(connection: DuckDBConnection): void {
  const run = connection.run.bind(connection);
  connection.run = (sql, values, types) => {
    const [, word] = writing.exec(sql) ?? [];
    const statement = () => run(sql, values, types);
    return word === undefined ? statement() : around('sql', word.toLowerCase(), statement);
  };
}
