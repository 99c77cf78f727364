import { parseFile } from '../../../src/cds/arden/parse.js';
import { printExpression } from '../../../src/cds/arden/print-expression.js';
import type { Diagnostic, Expression, Mlm, Mode, ParsedFile } from '../../../src/cds/arden/syntax.js';

/** Slots of an MLM of version 2.10 in which nothing is wrong; a test gives the ones that it is about, null leaves one out. */
const usualSlots = {
  title: 'A rule',
  mlmname: 'a_rule',
  arden: 'Version 2.10',
  version: '1.0',
  institution: 'Maplewood General Hospital',
  author: 'CDS group',
  specialist: '',
  date: '2025-01-15',
  validation: 'testing',
  purpose: 'To be tested',
  explanation: 'None',
  keywords: 'test',
  citations: null,
  links: null,
  type: 'data_driven',
  data: '',
  priority: null,
  evoke: '',
  logic: 'CONCLUDE TRUE;',
  action: '',
  urgency: null,
  default: 'en',
  language: 'en',
} as const;

export type SlotTexts = { readonly [slot in keyof typeof usualSlots]?: string | null };

const firstOfCategory: Readonly<Record<string, string>> = {
  title: 'maintenance',
  purpose: 'library',
  type: 'knowledge',
  default: 'resources',
};

export function mlmText(slots: SlotTexts = {}): string {
  const lines = Object.entries({ ...usualSlots, ...slots }).map(([name, text]) => {
    const category = firstOfCategory[name];
    const heading = category === undefined ? '' : `${category}:\n`;
    return `${heading}${text === null ? '' : `  ${name}: ${text} ;;\n`}`;
  });
  return `${lines.join('')}end:\n`;
}

export const parseText = (text: string, mode: Mode = 'strict'): ParsedFile =>
  parseFile(Buffer.from(text), { mode });

export const parseSlots = (slots: SlotTexts, mode: Mode = 'strict'): ParsedFile =>
  parseText(mlmText(slots), mode);

/** The one MLM of a file in which nothing is wrong. */
export function parseSound(slots: SlotTexts): Mlm {
  const { mlms, diagnostics } = parseSlots(slots);
  expect(diagnostics).toEqual([]);
  expect(mlms).toHaveLength(1);
  return mlms[0]!;
}

export const codes = (diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics.map(({ code, severity }) => `${code} ${severity}`);

/** Names that the expressions of tests may use. */
const assigned = ['a', 'b', 'c', 'd', 'x', 'y', 'z', 's', 't'].map((name) => `${name} := 1;`).join(' ');

/** The tree of an expression as an S-expression: each operation in parentheses of its own. */
export function tree(expression: Expression): string {
  switch (expression.kind) {
    case 'operation':
      return `(${[expression.operator, ...expression.operands.map(tree)].join(' ')})`;
    case 'where':
      return `(where ${tree(expression.value)} ${tree(expression.condition)})`;
    case 'using':
      return `(using ${[expression.operator, ...expression.operands.map(tree), tree(expression.each)].join(' ')})`;
    case 'is type':
      return `(is ${expression.type} ${tree(expression.value)})`;
    case 'dot':
      return `(. ${tree(expression.object)} ${expression.attribute})`;
    case 'new':
      return `(new ${[
        expression.type,
        ...expression.values.map(tree),
        ...expression.named.map(({ attribute, value }) => `${attribute}=${tree(value)}`),
      ].join(' ')})`;
    default:
      return printExpression(expression);
  }
}

/** An expression of the language, as the right side of an assignment; what is wrong with it as codes. */
export function parsedExpression(text: string, version = '2.10'): { tree: string; wrong: string[] } {
  const { mlms, diagnostics } = parseSlots({
    arden: `Version ${version}`,
    ...(version === '2.10' ? {} : { default: null, language: null, type: 'data_driven' }),
    data: `${assigned} result := ${text};`,
  });
  const statement = mlms[0]?.data.at(-1);
  return {
    tree:
      statement?.kind === 'assign' && statement.target.name === 'result' ? tree(statement.value) : 'nothing',
    wrong: codes(diagnostics),
  };
}
