import type { Statement, Target } from '../arden/syntax.js';
import { NotCompilable } from './reason.js';

/** The name that is assigned to. Error: `OBJECT` where it is a part of what the name holds. */
export function plainName({ name, path }: Target): string {
  if (path.length > 0) throw new NotCompilable('OBJECT');
  return name;
}

/** Names that statements assign to, wherever in them. */
export function targetsOf(statements: readonly Statement[]): string[] {
  return statements.flatMap((statement) => {
    switch (statement.kind) {
      case 'assign':
      case 'declare':
      case 'mlm':
      case 'object':
        return [statement.target.name];
      case 'assign each':
      case 'read':
      case 'argument':
      case 'call':
        return statement.targets.map(({ name }) => name);
      case 'if':
        return targetsOf([...statement.branches.flatMap(({ body }) => body), ...statement.otherwise]);
      case 'switch':
        return targetsOf([...statement.cases.flatMap(({ body }) => body), ...statement.otherwise]);
      case 'for':
        return [statement.variable, ...targetsOf(statement.body)];
      case 'while':
        return targetsOf(statement.body);
      default:
        return [];
    }
  });
}
