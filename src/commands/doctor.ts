import { keyring } from '../access/keyring.js';
import { environmentVariables, unknownVariables } from '../config/environment.js';
import { ensureHome } from '../config/home.js';
import { MaplewoodError } from '../errors.js';
import { findDamage } from '../etl/damage.js';
import { folderLake } from '../lake/folder.js';
import { newestRelease } from '../warehouse/duckdb/files.js';
import { type Command, type CommandContext, parse } from './command.js';

export const doctor: Command = {
  name: 'doctor',
  summary: 'Check the configuration and say what is missing.',
  usage: 'maplewood doctor [--full]',
  async run(args, context) {
    const { values } = parse(doctor, args, { full: { type: 'boolean', default: false } });
    context.out('Variables (values of secrets are never shown):\n');
    for (const variable of environmentVariables) {
      if ('testsOnly' in variable) continue;
      const set = context.env[variable.name];
      const shown =
        set === undefined || set === ''
          ? `not set (${variable.default ?? 'no default'})`
          : 'secret' in variable
            ? 'set'
            : set;
      context.out(`  ${variable.name.padEnd(24)} ${shown}\n${' '.repeat(27)}${variable.description}\n`);
    }
    for (const name of unknownVariables(context.env))
      context.out(`  ${name} is set, but is no variable of Maplewood.\n`);
    const checks = await examine(context, values.full);
    context.out('\nChecks:\n');
    for (const { name, problem, isNote } of checks)
      context.out(
        `  ${problem === undefined ? 'ok  ' : isNote ? 'note' : 'FAIL'} ${name}${problem === undefined ? '' : `: ${problem}`}\n`,
      );
    if (checks.some(({ problem, isNote }) => problem !== undefined && !isNote))
      throw new MaplewoodError('CONFIGURATION', 'Some checks failed; see above.');
  },
};

interface Check {
  readonly name: string;
  readonly problem?: string;
  /** What is wrong may be as it should be. */
  readonly isNote?: true;
}

/** `full`: reads all files of the lake and of the served release too. */
async function examine(context: CommandContext, full: boolean): Promise<Check[]> {
  const problemOf = async (check: () => unknown): Promise<{ problem?: string }> => {
    try {
      await check();
      return {};
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) };
    }
  };
  const configuration = await problemOf(() => context.config());
  if (configuration.problem !== undefined) return [{ name: 'configuration', ...configuration }];
  const config = context.config();
  const keys = keyring(config);
  return [
    { name: 'configuration' },
    { name: `home ${config.home.root} can be written`, ...(await problemOf(() => ensureHome(config.home))) },
    { name: 'keys of the API can be read', ...(await problemOf(() => keys.examineApi())) },
    // Whoever only serves has no right to it.
    {
      name: 'key of the warehouse can be read, for loads',
      ...(await problemOf(() => keys.examineWarehouse())),
      isNote: true,
    },
    {
      name: 'a release is published',
      ...(await problemOf(async () => {
        if (config.warehouse.kind === 'duckdb' && !(await newestRelease(config.warehouse.path))) {
          throw new MaplewoodError('WAREHOUSE_UNAVAILABLE', 'None yet. Run: maplewood etl run --landing DIR');
        }
      })),
    },
    ...(full
      ? [
          {
            name: 'lake and release are as they were written',
            ...(await problemOf(async () => {
              const { lake, warehouse, identified } = config;
              if (lake.kind !== 'folder' || warehouse.kind !== 'duckdb' || identified.kind !== 'folder')
                return;
              const folders = { warehouse: warehouse.path, identified: identified.path };
              const damage = await findDamage(folderLake(lake.path), folders);
              if (damage.length > 0) throw new MaplewoodError('LAKE_DAMAGED', damage.join(' '));
            })),
          },
        ]
      : []),
  ];
}
