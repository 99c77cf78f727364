import { resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { landingDiff, printDiff } from '../etl/contracts/diff.js';
import { type Command, type CommandContext, parse, required } from './command.js';

/**
 * `etl contracts diff`: how the files of a landing folder differ from the contracts, without loading them. Exit
 * code 1 if one of them would be quarantined, else 0.
 */
export async function contractsDiff(
  command: Pick<Command, 'usage'>,
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { values } = parse(command, args, {
    landing: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const landing = resolve(required(command, '--landing', values.landing));
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const diff = await landingDiff(landing, connection);
    context.out(values.json ? `${JSON.stringify(diff)}\n` : `${printDiff(diff)}\n`);
    if (diff.files.some(({ refusal }) => refusal !== null)) process.exitCode = 1;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
