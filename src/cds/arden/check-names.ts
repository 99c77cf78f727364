import type { Diagnostics } from './diagnostics.js';
import type { Statement, Target } from './syntax.js';

/** Assigning to the name of an event, an MLM or an object type is an error: it would be none any more. */
export function checkNames(
  statements: readonly (readonly Statement[])[],
  unknown: ReadonlyMap<string, number>,
  diagnostics: Diagnostics,
): void {
  const declared = new Map<string, string>();
  const included = { found: false };
  for (const slot of statements) collect(slot, declared, included);
  for (const slot of statements) check(slot, declared, diagnostics);
  // An included MLM may give the name a meaning.
  if (included.found) return;
  for (const [name, offset] of unknown)
    diagnostics.departure('NAME', offset, `Nothing is ever assigned to ${name}: it is NULL`);
}

function collect(
  statements: readonly Statement[],
  declared: Map<string, string>,
  included: { found: boolean },
): void {
  for (const statement of statements) {
    if (statement.kind === 'mlm') declared.set(statement.target.name, 'MLM');
    else if (statement.kind === 'object') declared.set(statement.target.name, 'OBJECT');
    else if (statement.kind === 'declare' && ['event', 'interface'].includes(statement.what))
      declared.set(statement.target.name, statement.what.toUpperCase());
    else if (statement.kind === 'include') included.found = true;
    for (const body of bodies(statement)) collect(body, declared, included);
  }
}

function check(
  statements: readonly Statement[],
  declared: ReadonlyMap<string, string>,
  diagnostics: Diagnostics,
): void {
  for (const statement of statements) {
    for (const { name, path, span } of targets(statement)) {
      const what = path.length === 0 ? declared.get(name) : undefined;
      if (what !== undefined)
        diagnostics.error('NAME', span.start, `${name} is declared as ${what} and cannot be assigned to`);
    }
    for (const body of bodies(statement)) check(body, declared, diagnostics);
  }
}

/** Targets of what assigns a value; `TIME OF x :=` changes none. */
function targets(statement: Statement): readonly Target[] {
  switch (statement.kind) {
    case 'assign':
      return statement.time ? [] : [statement.target];
    case 'assign each':
    case 'read':
    case 'argument':
    case 'call':
      return statement.targets;
    default:
      return [];
  }
}

/** The statements within a statement. */
function bodies(statement: Statement): readonly (readonly Statement[])[] {
  switch (statement.kind) {
    case 'if':
      return [...statement.branches.map(({ body }) => body), statement.otherwise];
    case 'for':
    case 'while':
      return [statement.body];
    case 'switch':
      return [...statement.cases.map(({ body }) => body), statement.otherwise];
    default:
      return [];
  }
}
