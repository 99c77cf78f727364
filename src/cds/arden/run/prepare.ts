import type { Mlm, Statement } from '../syntax.js';
import type { Value } from '../value.js';
import { prepareExpression } from './expression.js';
import type { Frame, Program } from './frame.js';
import { Scope } from './scope.js';
import { prepareBody } from './statement.js';
import { nothing, truthOf } from './values.js';

/** Finds an MLM by its name in lower case, for CALL and INCLUDE. */
export type Modules = (name: string) => Mlm | undefined;

/** Makes closures of an MLM once, to be run any number of times. */
export function prepareProgram(mlm: Mlm, modules: Modules, traced: boolean): Program {
  const scope = new Scope(mlm, traced);
  const included = inclusions(mlm.data, modules, new Set());
  for (const statement of [...included, ...mlm.data]) declareTypes(statement, scope);
  const outside = scope.untraced(() => prepareBody(included, scope));
  const [data, logic, action] = [mlm.data, mlm.logic, mlm.action].map((statements) =>
    prepareBody(statements, scope),
  );
  const urgency = scope.untraced(() => prepareExpression(mlm.urgency, scope));
  return (host, session, programs) => {
    const frame: Frame = {
      host,
      session,
      programs,
      values: [],
      callees: new Map(),
      definitions: [],
      it: nothing,
      concluded: undefined,
      returned: [],
    };
    outside(frame);
    data?.(frame);
    logic?.(frame);
    const result = {
      concluded: frame.concluded,
      urgency: urgency(frame),
      variables: () => variablesOf(frame, scope),
    };
    if (frame.concluded && truthOf(frame.concluded) === true) action?.(frame);
    return { ...result, returned: frame.returned };
  };
}

/** The values of all names that were assigned to. */
function variablesOf(frame: Frame, scope: Scope): ReadonlyMap<string, Value> {
  const variables = new Map<string, Value>();
  for (const [name, number] of scope.names) {
    const value = frame.values[number];
    if (value !== undefined) variables.set(name, value);
  }
  return variables;
}

const declarations: ReadonlySet<Statement['kind']> = new Set(['declare', 'mlm', 'object']);

/** The declarations of the MLMs that are included, and of those that they include. */
function inclusions(statements: readonly Statement[], modules: Modules, seen: Set<string>): Statement[] {
  return statements.flatMap((statement) => {
    if (statement.kind !== 'include') return [];
    const name = moduleNamed(statement.name, statements);
    if (seen.has(name)) return [];
    seen.add(name);
    const data = modules(name)?.data ?? [];
    return [...inclusions(data, modules, seen), ...data.filter(({ kind }) => declarations.has(kind))];
  });
}

/** INCLUDE names a variable that holds an MLM, or the MLM itself. */
function moduleNamed(name: string, statements: readonly Statement[]): string {
  const declared = statements.find((statement) => statement.kind === 'mlm' && statement.target.name === name);
  return ((declared?.kind === 'mlm' ? declared.name : undefined) ?? name).toLowerCase();
}

function declareTypes(statement: Statement, scope: Scope): void {
  if (statement.kind === 'object') scope.types.set(statement.target.name, statement.attributes);
}
