import { statementsIn } from '../arden/statements-in.js';
import type { Mlm, Span, Statement } from '../arden/syntax.js';

/** A READ as it is written. */
export interface ReadOfMlm {
  /** Names that are assigned, those of a tuple with commas. */
  readonly variable: string;
  /** `LAST`, `FIRST 3 FROM` … in capitals; null for a plain READ. */
  readonly aggregate: string | null;
  /** Text between the braces, trimmed. */
  readonly braces: string;
  /** The condition, white space collapsed. */
  readonly where: string | null;
}

/** The READs of an MLM in the order of the file, and the text that it stands in. */
export const readsOfMlm = ({ data, logic, action }: Mlm, text: string): readonly ReadOfMlm[] =>
  statementsIn([...data, ...logic, ...action]).flatMap((statement) =>
    statement.kind === 'read' ? [readOf(statement, text)] : [],
  );

function readOf(
  { targets, aggregate, braces, where }: Extract<Statement, { kind: 'read' }>,
  text: string,
): ReadOfMlm {
  const written = (span: Span): string => collapsed(withParentheses(text, span));
  return {
    variable: targets.map(({ name }) => name).join(', '),
    aggregate: aggregate
      ? aggregate.operator
          .toUpperCase()
          .replace(/ FROM$/, aggregate.count ? ` ${written(aggregate.count.span)} FROM` : ' FROM')
      : null,
    braces: collapsed(braces.text),
    where: where ? written(where.span) : null,
  };
}

/** The text of an expression with the parentheses at its ends, which are outside of its span. */
function withParentheses(text: string, { start, end }: Span): string {
  let [depth, lowest] = [0, 0];
  for (const [sign] of text
    .slice(start, end)
    .replace(/"[^"]*"/g, '')
    .matchAll(/[()]/g)) {
    depth += sign === '(' ? 1 : -1;
    lowest = Math.min(lowest, depth);
  }
  let [from, to] = [start, end];
  for (let missing = -lowest; missing > 0; missing -= 1) from = Math.max(text.lastIndexOf('(', from - 1), 0);
  for (let missing = depth - lowest; missing > 0; missing -= 1)
    to = text.includes(')', to) ? text.indexOf(')', to) + 1 : text.length;
  return text.slice(from, to);
}

const collapsed = (text: string): string => text.replace(/\s+/g, ' ').trim();
