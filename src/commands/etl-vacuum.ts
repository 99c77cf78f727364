import { MaplewoodError } from '../errors.js';
import { printVacuum, vacuum } from '../etl/vacuum.js';
import { type Command, type CommandContext, parse, wholeNumber } from './command.js';
import { etlFolders } from './etl-folders.js';

/** `etl vacuum`: removes older releases, and whatever no release and no delivery needs. */
export async function vacuumed(
  command: Pick<Command, 'usage'>,
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { values } = parse(command, args, {
    keep: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const config = context.config();
  const keep =
    values.keep === undefined ? config.settings.releases.kept : wholeNumber(command, '--keep', values.keep);
  if (keep < 1) throw new MaplewoodError('USAGE', `--keep must be at least 1.\nUsage: ${command.usage}`);
  const report = await vacuum({ ...etlFolders(config), keep });
  context.out(values.json ? `${JSON.stringify(report)}\n` : `${printVacuum(report)}\n`);
}
