import 'reflect-metadata';
import type { Command, CommandContext } from './commands/command.js';
import { loadConfig } from './config/environment.js';
import { armFailPoint } from './config/fail-point.js';
import { MaplewoodError, systemCode } from './errors.js';

/** A command is loaded when it is asked for: a server needs nothing of the ETL. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['demo', async () => (await import('./commands/demo.js')).demo],
  ['synth', async () => (await import('./commands/synth.js')).synth],
  ['etl', async () => (await import('./commands/etl.js')).etl],
  ['cdc', async () => (await import('./commands/cdc.js')).cdc],
  ['cds', async () => (await import('./commands/cds.js')).cds],
  ['serve', async () => (await import('./commands/serve.js')).serve],
  ['token', async () => (await import('./commands/token.js')).token],
  ['audit', async () => (await import('./commands/audit.js')).audit],
  ['migrate', async () => (await import('./commands/migrate.js')).migrate],
  ['schema', async () => (await import('./commands/schema.js')).schema],
  ['doctor', async () => (await import('./commands/doctor.js')).doctor],
]);

/** The `maplewood` command. Sets the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 75 try again later. */
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
    const all = await Promise.all([...commands.values()].map((load) => load()));
    context.out(
      `Usage: maplewood COMMAND …\n\n${all.map((command) => `  ${command.name.padEnd(8)} ${command.summary}\n           ${command.usage}\n`).join('')}`,
    );
    if (name === undefined) process.exitCode = 2;
    return;
  }
  const load = commands.get(name);
  if (!load) {
    throw new MaplewoodError(
      'USAGE',
      `There is no command ${name}. Commands: ${[...commands.keys()].join(', ')}.`,
    );
  }
  const command = await load();
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
