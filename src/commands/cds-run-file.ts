import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { decode } from '../cds/arden/decode.js';
import { parseFile } from '../cds/arden/parse.js';
import { blockers } from '../cds/arden/run/blockers.js';
import { type ExplainedBlocker, type Explanation, explainer } from '../cds/arden/run/explain.js';
import { factsHost } from '../cds/arden/run/facts-host.js';
import { printLiteral, timeOrEndOfDay } from '../cds/arden/run/literal.js';
import { type Outcome, run } from '../cds/arden/run/run.js';
import type { Mlm } from '../cds/arden/syntax.js';
import type { Time } from '../cds/arden/value.js';
import { MaplewoodError } from '../errors.js';
import { readGiven } from './cds-files.js';
import { type Command, type CommandContext, parse, required } from './command.js';

/**
 * `cds run FILE`: the interpreter alone, on facts of a file, without a warehouse. A file with errors is not run: exit
 * code 1. MLMs that are called or included are looked for in the file, then in its folder.
 */
export async function runFile(
  command: Pick<Command, 'usage'>,
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { values, positionals } = parse(
    command,
    args,
    {
      facts: { type: 'string' },
      now: { type: 'string' },
      event: { type: 'string' },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    1,
  );
  const file = required(command, 'FILE.mlm', positionals[0]);
  const facts = json(await readGiven(required(command, '--facts', values.facts)), '--facts');
  const now = values.now === undefined ? undefined : endOf(command, values.now);
  const host = factsHost(facts, {
    ...(now === undefined ? {} : { now }),
    ...(values.event === undefined ? {} : { event: values.event }),
  });
  const mlms = parsed(await readGiven(file), file, context);
  if (!mlms) {
    process.exitCode = 1;
    return;
  }
  const modules = modulesOf(mlms, dirname(resolve(file)));
  const show = explainer({ file, text: mlms.text });
  for (const mlm of mlms.all) {
    const outcome = run(mlm, host, { trace: values.trace, modules });
    const report: Report = {
      mlm: mlm.name,
      concluded: outcome.concluded,
      returned: outcome.returned.map(printLiteral),
      written: outcome.written.map(({ text, destination = null }) => ({ text, destination })),
      calls: callsOf(outcome),
      ...(outcome.trace
        ? { trace: outcome.trace.map(show.node), blockers: blockers(mlm, outcome).map(show.blocker) }
        : {}),
    };
    for (const { code, message } of outcome.diagnostics) context.err(`${mlm.name}: ${code}: ${message}\n`);
    context.out(values.json ? `${JSON.stringify(report)}\n` : printed(report));
  }
}

interface Report {
  readonly mlm: string;
  readonly concluded: boolean | null;
  readonly returned: readonly string[];
  readonly written: readonly { readonly text: string; readonly destination: string | null }[];
  readonly calls: readonly {
    readonly mlm: string;
    readonly delay: string | null;
    readonly arguments: readonly string[];
  }[];
  readonly trace?: readonly Explanation[];
  readonly blockers?: readonly ExplainedBlocker[];
}

function callsOf({ calls }: Outcome): Report['calls'] {
  return calls.map(({ mlm, delay, arguments: given }) => ({
    mlm,
    delay: delay ? printLiteral(delay) : null,
    arguments: given.map(printLiteral),
  }));
}

function json(bytes: Buffer, where: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new MaplewoodError('USAGE', `The file of ${where} is not JSON.`);
  }
}

/** A date alone stands for its last second. */
function endOf({ usage }: Pick<Command, 'usage'>, given: string): Time {
  const time = timeOrEndOfDay(given);
  if (!time)
    throw new MaplewoodError('USAGE', `--now must be a time such as 2023-06-30T23:59:59.\nUsage: ${usage}`);
  return time;
}

interface Parsed {
  readonly all: readonly Mlm[];
  readonly text: string;
}

/** What a file holds; undefined, with its errors told, if it has any. */
function parsed(bytes: Buffer, file: string, context: CommandContext): Parsed | undefined {
  const { mlms, diagnostics } = parseFile(bytes, { mode: 'lenient' });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  for (const { line, column, code, message, hint } of errors)
    context.err(`${file}:${line}:${column}: ${code}: ${message}.${hint === undefined ? '' : ` ${hint}`}\n`);
  if (mlms.length === 0 && errors.length === 0) context.err(`${file} has no MLM.\n`);
  if (mlms.length === 0 || errors.length > 0) return undefined;
  return { all: mlms, text: decode(bytes).text };
}

/** MLMs of the file, then of files of its folder that are named as an MLM is. */
function modulesOf({ all }: Parsed, folder: string): (name: string) => Mlm | undefined {
  return (name) => {
    const here = all.find((mlm) => mlm.name === name);
    if (here || !/^[a-z][a-z0-9_.-]*$/.test(name)) return here;
    try {
      const { mlms } = parseFile(readFileSync(join(folder, `${name}.mlm`)), { mode: 'lenient' });
      return mlms.find((mlm) => mlm.name === name);
    } catch {
      return undefined;
    }
  };
}

function printed({ mlm, concluded, returned, written, calls, trace, blockers: blocking }: Report): string {
  const said = concluded === null ? 'undecided' : concluded ? 'concluded TRUE' : 'concluded FALSE';
  return [
    `${mlm}: ${said}`,
    ...written.map(
      ({ text, destination }) => `  written${destination === null ? '' : ` to ${destination}`}: ${text}`,
    ),
    ...returned.map((value) => `  returned: ${value}`),
    ...calls.map(({ mlm: called, delay }) => `  called: ${called}${delay === null ? '' : ` after ${delay}`}`),
    ...(blocking ?? []).map(({ kind, text, span }) => `  not fired: ${kind} ${text} (line ${span.line})`),
    ...(trace ?? []).flatMap((node) => printedTrace(node, 1)),
    '',
  ].join('\n');
}

function printedTrace({ text, value, read: rows, children }: Explanation, depth: number): string[] {
  const counted = rows ? ` [${rows.rows} of ${rows.found} rows]` : '';
  return [
    `${'  '.repeat(depth)}${text}${value === null ? '' : ` = ${value}`}${counted}`,
    ...children.flatMap((child) => printedTrace(child, depth + 1)),
  ];
}
