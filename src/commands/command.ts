import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Config } from '../config/environment.js';
import { MaplewoodError } from '../errors.js';

/** Where a command writes, and what it starts from. */
export interface CommandContext {
  /** Folder of the package: reference lists and migrations lie in it. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  config(overrides?: NodeJS.ProcessEnv): Config;
  out(text: string): void;
  err(text: string): void;
  /** stderr is a terminal: progress may be drawn over. */
  readonly terminal: boolean;
  /** Set by the first Ctrl-C or SIGTERM; the second ends the process. */
  readonly stopped: AbortSignal;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  run(args: readonly string[], context: CommandContext): Promise<void>;
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** The arguments of a command, or `USAGE` with its usage line. */
export function parse<const O extends Options>(
  command: Pick<Command, 'usage'>,
  args: readonly string[],
  options: O,
  positionals = 0,
) {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: positionals > 0, strict: true });
    if (parsed.positionals.length > positionals)
      throw new Error(`Unexpected argument '${parsed.positionals[positionals]}'`);
    return parsed;
  } catch (error) {
    const message = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new MaplewoodError('USAGE', `${message}.\nUsage: ${command.usage}`);
  }
}

/** A whole number given as text. */
export function wholeNumber(command: Pick<Command, 'usage'>, option: string, given: string): number {
  if (!/^\d{1,15}$/.test(given))
    throw new MaplewoodError('USAGE', `${option} must be a whole number.\nUsage: ${command.usage}`);
  return Number(given);
}

export function required(command: Pick<Command, 'usage'>, option: string, given: string | undefined): string {
  if (given === undefined || given === '')
    throw new MaplewoodError('USAGE', `${option} is missing.\nUsage: ${command.usage}`);
  return given;
}
