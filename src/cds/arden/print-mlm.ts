import { printExpression, printString } from './print-expression.js';
import { printStatements, printTriggers } from './print-statement.js';
import type { Language, Mlm, Slot } from './syntax.js';

/**
 * An MLM as a file of Arden Syntax: text slots as they were written, code from the tree. Parsing it gives the same MLM but for
 * spans and the texts of its code slots.
 */
export function printMlm(mlm: Mlm): string {
  let category = '';
  let language = 0;
  const lines = mlm.slots.map((slot) => {
    const heading = slot.category === category ? '' : `${slot.category}:\n`;
    category = slot.category;
    const body = slot.name === 'language' ? printLanguage(mlm.languages[language++]) : printSlot(slot, mlm);
    return `${heading}  ${slot.name}:${body.startsWith('\n') ? '' : ' '}${body}${body.endsWith(';') ? ' ' : ''};;\n`;
  });
  return `${lines.join('')}end:\n`;
}

function printSlot({ name, text }: Slot, mlm: Mlm): string {
  switch (name) {
    case 'data':
    case 'logic':
    case 'action':
      return `\n${printStatements(mlm[name], '    ')}    `;
    case 'evoke':
      return `\n${printTriggers(mlm.evoke, '    ')}    `;
    case 'priority':
      return String(mlm.priority);
    case 'urgency':
      return printExpression(mlm.urgency);
    default:
      return text;
  }
}

function printLanguage(language: Language | undefined): string {
  if (language === undefined) return '';
  const texts = Object.entries(language.texts).map(([key, text]) => `\n    '${key}': ${printString(text)};`);
  return `${language.language}${texts.join('')}`;
}
