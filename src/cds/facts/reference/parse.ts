import type { Fact, FactReference } from '../fact.js';
import type { Registry } from '../registry.js';
import { conditionsOf } from './conditions.js';
import { Cursor, Misread } from './cursor.js';
import { type ReferenceProblem, referenceTokens } from './tokens.js';

export type { ReferenceProblem } from './tokens.js';

/** What is wrong with a text between braces. One problem at least. */
export interface NoReference {
  readonly problems: readonly ReferenceProblem[];
}

export const isReference = (read: FactReference | NoReference): read is FactReference => 'fact' in read;

/**
 * Reads what stands between the braces of a READ or EVENT:
 * `fact [: column, …] [where condition and condition …]`. Words may be in any case. Never throws.
 */
export function parseReference(text: string, registry: Registry): FactReference | NoReference {
  const { tokens, problem } = referenceTokens(text);
  if (problem) return { problems: [problem] };
  const cursor = new Cursor(tokens);
  try {
    const fact = factOf(cursor, registry);
    const columns = columnsOf(cursor, fact);
    const where = cursor.takeWord('where') ? conditionsOf(cursor, fact, registry) : [];
    if (!cursor.atEnd)
      cursor.fail('there is more than a reference', 'it is fact : column, … where condition and condition …');
    return cursor.problems.length > 0 ? { problems: cursor.problems } : { fact, columns, where };
  } catch (error) {
    if (!(error instanceof Misread)) throw error;
    return { problems: [...cursor.problems, error.problem] };
  }
}

function factOf(cursor: Cursor, { facts }: Registry): Fact {
  const token = cursor.word('the name of a fact', `facts: ${[...facts.keys()].join(', ')}`);
  const fact = facts.get(token.text);
  if (!fact)
    throw new Misread({
      offset: token.offset,
      message: `there is no fact ${token.text}`,
      hint: `facts: ${[...facts.keys()].join(', ')}`,
    });
  return fact;
}

/** The columns named, or the one that is meant where none is. */
function columnsOf(cursor: Cursor, fact: Fact): string[] {
  if (!cursor.takeSymbol(':')) return [fact.defaultColumn];
  const columns: string[] = [];
  do {
    const { text, offset } = cursor.column(fact);
    if (columns.includes(text))
      cursor.note({ offset, message: `${text} is named twice`, hint: 'name each column once' });
    columns.push(text);
  } while (cursor.takeSymbol(','));
  return columns;
}
