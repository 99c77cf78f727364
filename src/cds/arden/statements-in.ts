import type { Statement } from './syntax.js';

/** Statements and those within them, in branches and loops, each before what it holds. */
export const statementsIn = (statements: readonly Statement[]): readonly Statement[] =>
  statements.flatMap((statement) => [statement, ...statementsIn(heldBy(statement))]);

function heldBy(statement: Statement): readonly Statement[] {
  switch (statement.kind) {
    case 'if':
      return [...statement.branches.flatMap(({ body }) => body), ...statement.otherwise];
    case 'switch':
      return [...statement.cases.flatMap(({ body }) => body), ...statement.otherwise];
    case 'for':
    case 'while':
      return statement.body;
    default:
      return [];
  }
}
