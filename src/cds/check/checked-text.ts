import { excerptLength } from '../arden/diagnostics.js';
import type { Diagnostic } from '../arden/syntax.js';
import type { CheckedMlm, NotOverSets } from './check-file.js';
import type { ReadOfMlm } from './reads-of-mlm.js';

/** What was found of an MLM, for the author of the rule. */
export function checkedText(checked: CheckedMlm): string {
  const { file, mlm, ardenVersion, slots, reads, diagnostics } = checked;
  const lines = [
    mlm === null
      ? `${file}: no MLM`
      : `${file}: ${mlm} (Arden Syntax ${ardenVersion}, ${slots['validation'] || 'validation not stated'})`,
    ...diagnostics.flatMap((one) => diagnosticLines(file, one)),
    ...(mlm === null ? [] : [...reads.map(readLine), ...runLines(checked)]),
  ];
  return `${lines.join('\n')}\n\n`;
}

/** `file:line:column`, which editors take one to; the line of the file with a mark below it; what to do. */
function diagnosticLines(
  file: string,
  { code, severity, line, column, message, excerpt, hint }: Diagnostic,
): readonly string[] {
  const shown = excerpt.trimStart();
  const indent = excerpt.length - shown.length;
  // Of a long line the part around the place is shown.
  const mark = ' '.repeat(Math.max(Math.min(column - 1, excerptLength / 2) - indent, 0));
  return [
    `${file}:${line}:${column}: ${severity} ${code}: ${message}.`,
    ...(shown === '' ? [] : [`    ${shown}`, `    ${mark}^`]),
    ...(hint === undefined ? [] : [`    ${hint}${/[:;}]$/.test(hint) ? '' : '.'}`]),
  ];
}

const readLine = ({ variable, aggregate, braces, where }: ReadOfMlm): string =>
  `  reads ${variable}: ${aggregate === null ? '' : `${aggregate} `}{${braces}}${where === null ? '' : ` where ${where}`}`;

function runLines({ setCompilable, reasons, runnable }: CheckedMlm): readonly string[] {
  if (!runnable)
    return ['  cannot be run: it has errors, or what stands between its braces is bound to nothing'];
  if (setCompilable) return ['  runs over all patients at once'];
  return ['  runs patient by patient only:', ...reasons.map(reasonLine)];
}

const reasonLine = ({ code, statement, line, column, message }: NotOverSets): string =>
  `    ${line}:${column}: ${code}: ${message} (${statement})`;
