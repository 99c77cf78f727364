import { parseFile } from '../../../../src/cds/arden/parse.js';
import { factsHost } from '../../../../src/cds/arden/run/facts-host.js';
import { printLiteral } from '../../../../src/cds/arden/run/literal.js';
import { type Outcome, type RunOptions, run } from '../../../../src/cds/arden/run/run.js';
import type { Mlm } from '../../../../src/cds/arden/syntax.js';

/** MLMs and values from text, for the tests of this folder. */

export interface Code {
  readonly data?: string;
  readonly evoke?: string;
  readonly logic?: string;
  readonly action?: string;
  readonly urgency?: string;
  readonly resources?: string;
  readonly name?: string;
  /** `2.10` where it is not said; `1` for a file without an `arden` slot. */
  readonly version?: string;
}

export function sourceOf(code: Code): string {
  const { data = '', evoke = '', logic = 'CONCLUDE TRUE;', action = '', urgency = '50' } = code;
  const { resources = 'default: en;; language: en ;;', name = 'test_rule', version = '2.10' } = code;
  const old = version === '1';
  return `maintenance: title: Test;; ${old ? 'filename' : 'mlmname'}: ${name};; ${old ? '' : `arden: Version ${version};;`}
 version: 1.0;; institution: Test;; author: ;; specialist: ;; date: 2023-01-01;; validation: testing;;
library: purpose: test;; explanation: test;; keywords: test;;
knowledge: type: ${old ? 'data-driven' : 'data_driven'};;
 data: ${data} ;;
 evoke: ${evoke} ;;
 logic: ${logic} ;;
 action: ${action} ;;
 urgency: ${urgency};;
${old || Number(version.split('.')[1]) < 6 ? '' : `resources: ${resources}`}
end:`;
}

export function mlmOf(code: Code): Mlm {
  const { mlms, diagnostics } = parseFile(Buffer.from(sourceOf(code)), { mode: 'lenient' });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [mlm] = mlms;
  if (!mlm || errors.length > 0)
    throw new Error(errors.map(({ message, excerpt }) => `${message}: ${excerpt}`).join('\n'));
  return mlm;
}

export const now = '2023-06-30T23:59:59';

export function runCode(code: Code, facts: Record<string, unknown> = {}, options: RunOptions = {}): Outcome {
  return run(mlmOf(code), factsHost({ now, ...facts }), options);
}

/** The literal of an expression, after what the data slot says. */
export function value(expression: string, data = '', facts: Record<string, unknown> = {}): string {
  const outcome = runCode({ data, action: `RETURN (${expression});` }, facts);
  return outcome.returned.map(printLiteral).join(' ; ');
}

/** Expressions and the literals that they are, as a table for `it.each`. */
export type Table = readonly (readonly [expression: string, literal: string])[];
