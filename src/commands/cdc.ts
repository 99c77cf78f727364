import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/environment.js';
import { ensureFolder, ensureHome } from '../config/home.js';
import { MaplewoodError } from '../errors.js';
import { capture } from '../etl/cdc/capture.js';
import { databaseSource } from '../etl/cdc/database.js';
import { type CaptureReport, printCapture } from '../etl/cdc/report.js';
import { snapshotFolder } from '../etl/cdc/snapshot-folder.js';
import type { CaptureSource } from '../etl/cdc/source.js';
import { openSqlServer } from '../etl/cdc/sqlserver.js';
import { contracts } from '../etl/contracts/index.js';
import { folderLake } from '../lake/folder.js';
import { type Command, type CommandContext, parse } from './command.js';
import { progressTo } from './progress.js';

export const cdc: Command = {
  name: 'cdc',
  summary:
    'Find what has changed in source tables since the last time, and keep it as change files in the lake.',
  usage:
    'maplewood cdc capture (--from DIR | --source NAME) [--dataset D]… [--allow-empty] [--allow-mass-delete] [--json]',
  async run([verb, ...args], context) {
    if (verb !== 'capture') throw new MaplewoodError('USAGE', `cdc needs capture.\nUsage: ${cdc.usage}`);
    const { values } = parse(cdc, args, {
      from: { type: 'string' },
      source: { type: 'string' },
      dataset: { type: 'string', multiple: true, default: [] },
      'allow-empty': { type: 'boolean', default: false },
      'allow-mass-delete': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    if ((values.from === undefined) === (values.source === undefined)) {
      throw new MaplewoodError('USAGE', `Give either --from or --source.\nUsage: ${cdc.usage}`);
    }
    const unknown = values.dataset.find((dataset) => !contracts.has(dataset));
    if (unknown !== undefined) {
      throw new MaplewoodError(
        'USAGE',
        `There is no dataset ${unknown}. Datasets: ${[...contracts.keys()].join(', ')}.`,
      );
    }
    const report = await run(context, {
      from: values.from,
      source: values.source,
      datasets: values.dataset,
      allowEmpty: values['allow-empty'],
      allowMassDelete: values['allow-mass-delete'],
      json: values.json,
    });
    context.out(values.json ? `${JSON.stringify(report)}\n` : `${printCapture(report)}\n`);
    if (report.refused.length > 0) {
      throw new MaplewoodError(
        'CAPTURE_REFUSED',
        `Not captured: ${report.refused.map(({ dataset }) => dataset).join(', ')}. The reasons stand above.`,
      );
    }
  },
};

interface CaptureCall {
  readonly from: string | undefined;
  readonly source: string | undefined;
  readonly datasets: readonly string[];
  readonly allowEmpty: boolean;
  readonly allowMassDelete: boolean;
  readonly json: boolean;
}

async function run(context: CommandContext, call: CaptureCall): Promise<CaptureReport> {
  const config = context.config();
  if (config.lake.kind !== 'folder') {
    throw new MaplewoodError(
      'CONFIGURATION',
      'This version captures into a lake folder only. Set MAPLEWOOD_LAKE to a folder.',
    );
  }
  ensureHome(config.home);
  ensureFolder(config.lake.path, 'MAPLEWOOD_LAKE');
  const { keys, maxDeleteShare } = config.settings.cdc;
  const source = await openSource(config, call);
  const progress = progressTo(context, call.json);
  try {
    return await capture(
      {
        source,
        contracts,
        datasets: call.datasets,
        keys,
        limits: { maxDeleteShare, allowEmpty: call.allowEmpty, allowMassDelete: call.allowMassDelete },
        lake: folderLake(config.lake.path),
        folders: { leases: join(config.lake.path, 'leases'), spill: config.home.tmp },
        threads: availableParallelism(),
        memoryLimit: '1GB',
      },
      { now: () => new Date(), progress: progress.step },
    );
  } finally {
    progress.end();
    await source.close();
  }
}

/** The source that the command line names. Errors: `USAGE`, `CONFIGURATION`, and those of the source. */
async function openSource(config: Config, { from, source: name = '' }: CaptureCall): Promise<CaptureSource> {
  if (from !== undefined) return snapshotFolder(from, [...contracts.keys()]);
  const { sources } = config.settings.cdc;
  const settings = sources.get(name);
  if (!settings) {
    const known = sources.size === 0 ? 'None is configured' : `Sources: ${[...sources.keys()].join(', ')}`;
    throw new MaplewoodError(
      'CONFIGURATION',
      `There is no source ${name}. ${known}; add it to cdc.sources of the file that MAPLEWOOD_CONFIG names.`,
    );
  }
  const foreign = [...settings.tables.keys()].find((dataset) => !contracts.has(dataset));
  if (foreign !== undefined) {
    throw new MaplewoodError(
      'CONFIGURATION',
      `cdc.sources.${name}.tables names ${foreign}, which is no dataset.`,
    );
  }
  return databaseSource(await openSqlServer(name, settings.url, config.dev), { name, ...settings });
}
