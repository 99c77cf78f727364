import 'reflect-metadata';
import { cdc } from './commands/cdc.js';
import type { Command, CommandContext } from './commands/command.js';
import { demo } from './commands/demo.js';
import { doctor } from './commands/doctor.js';
import { etl } from './commands/etl.js';
import { migrate } from './commands/migrate.js';
import { schema } from './commands/schema.js';
import { serve } from './commands/serve.js';
import { synth } from './commands/synth.js';
import { token } from './commands/token.js';
import { loadConfig } from './config/environment.js';
import { armFailPoint } from './config/fail-point.js';
import { MaplewoodError, systemCode } from './errors.js';

const commands: readonly Command[] = [demo, synth, etl, cdc, serve, token, migrate, schema, doctor];

/** The `maplewood` command. Sets the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 75 lease held. */
export async function main(args: readonly string[], root: string): Promise<void> {
  const stop = new AbortController();
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      signals += 1;
      if (signals > 1 || !waits.has(args[0] ?? '')) process.exit(signal === 'SIGINT' ? 130 : 143);
      stop.abort();
    });
  }
  const context: CommandContext = {
    root,
    env: process.env,
    config: (overrides = {}) => {
      const config = loadConfig({ ...process.env, ...overrides }, process.cwd());
      armFailPoint(config.failpoint);
      return config;
    },
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY,
    stopped: stop.signal,
  };
  // `maplewood schema | head` closes the pipe early; that is no failure.
  process.stdout.on('error', (error) => process.exit(systemCode(error) === 'EPIPE' ? 0 : 1));
  try {
    await run(args, context);
  } catch (error) {
    process.exitCode = report(error, context);
  }
}

/** Commands that end in good order when told to stop. */
const waits: ReadonlySet<string> = new Set(['serve', 'demo']);

async function run([name, ...rest]: readonly string[], context: CommandContext): Promise<void> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    context.out(
      `Usage: maplewood COMMAND …\n\n${commands.map((command) => `  ${command.name.padEnd(8)} ${command.summary}\n           ${command.usage}\n`).join('')}`,
    );
    if (name === undefined) process.exitCode = 2;
    return;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) {
    throw new MaplewoodError(
      'USAGE',
      `There is no command ${name}. Commands: ${commands.map((known) => known.name).join(', ')}.`,
    );
  }
  if (rest.includes('--help') || rest.includes('-h'))
    return context.out(`${command.summary}\nUsage: ${command.usage}\n`);
  await command.run(rest, context);
}

function report(error: unknown, context: CommandContext): number {
  if (error instanceof MaplewoodError) {
    context.err(`${error.message}\n`);
    return error.exitCode;
  }
  if (systemCode(error) === 'ENOSPC') {
    context.err('The disk is full. Free some space and try again; the last release stays served.\n');
    return 1;
  }
  context.err(`Maplewood failed unexpectedly. ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
