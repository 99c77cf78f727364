import type { Diagnostics } from '../arden/diagnostics.js';
import { statementsIn } from '../arden/statements-in.js';
import type { Braces, Mlm } from '../arden/syntax.js';
import { isReference, parseReference } from '../facts/reference/parse.js';
import type { Registry } from '../facts/registry.js';

/** Notes what is wrong with the braces of READ and EVENT. True: all of them name facts. */
export function checkBraces(mlm: Mlm, registry: Registry, diagnostics: Diagnostics): boolean {
  let areBound = true;
  for (const { text, span } of referencesOf(mlm)) {
    const read = parseReference(text, registry);
    if (isReference(read)) continue;
    areBound = false;
    // The parser has said already that nothing between these braces looks like a fact, at the brace.
    const isForeign = !looksLikeFact.test(text);
    for (const { offset, message, hint } of isForeign ? read.problems.slice(0, 1) : read.problems)
      diagnostics.departure('FACT', isForeign ? span.start - 1 : span.start + offset, message, hint);
  }
  return areBound;
}

const looksLikeFact = /^\s*[a-z]\w*\s*(?::|where\b|$)/i;

const referencesOf = ({ data, logic, action }: Mlm): readonly Braces[] =>
  statementsIn([...data, ...logic, ...action]).flatMap((statement) =>
    statement.kind === 'read' || (statement.kind === 'declare' && statement.what === 'event')
      ? [statement.braces]
      : [],
  );
