import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fingerprint } from '../access/key.js';
import { loadWarehouseKey } from '../access/keys.js';
import { hmacPads } from '../access/pseudonym.js';
import type { Config } from '../config/environment.js';
import { ensureFolder, ensureHome } from '../config/home.js';
import { mayCreateKeys } from '../config/serving.js';
import { MaplewoodError } from '../errors.js';
import { listChanges } from '../etl/cdc/manifest.js';
import { contracts } from '../etl/contracts/index.js';
import { printReport, type RunReport } from '../etl/report.js';
import { runEtl } from '../etl/run.js';
import { folderLake } from '../lake/folder.js';
import { martTable } from '../measures/mart.js';
import { martPlan, measureDatasets } from '../schema/datasets.js';
import { newestRelease } from '../warehouse/duckdb/files.js';
import { goldTables } from '../warehouse/gold/index.js';
import { goldBuilder } from '../warehouse/gold-builder.js';
import { type Command, type CommandContext, parse } from './command.js';
import { progressTo } from './progress.js';

export const etl: Command = {
  name: 'etl',
  summary: 'Load a landing folder and publish a release; show the last run.',
  usage: 'maplewood etl run [--landing DIR] [--full] [--json] | maplewood etl status [--json]',
  async run([verb, ...args], context) {
    if (verb === 'run') return run(args, context);
    if (verb === 'status') return status(args, context);
    throw new MaplewoodError('USAGE', `etl needs run or status.\nUsage: ${etl.usage}`);
  },
};

async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const { values } = parse(etl, args, {
    landing: { type: 'string' },
    full: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const config = context.config();
  const report = await load(config, context, {
    landing: values.landing === undefined ? undefined : resolve(values.landing),
    full: values.full,
    json: values.json,
  });
  context.out(values.json ? `${JSON.stringify(report)}\n` : `${printReport(report)}\n`);
}

/** One run of the ETL with the configuration of this process. */
export async function load(
  config: Config,
  context: CommandContext,
  { landing, full, json }: { landing: string | undefined; full: boolean; json: boolean },
  now: () => Date = () => new Date(),
): Promise<RunReport> {
  if (
    config.warehouse.kind !== 'duckdb' ||
    config.lake.kind !== 'folder' ||
    config.identified.kind !== 'folder'
  ) {
    throw new MaplewoodError(
      'CONFIGURATION',
      'This version loads a lake folder into the embedded warehouse only. Set MAPLEWOOD_LAKE to a folder and MAPLEWOOD_WAREHOUSE to duckdb:PATH.',
    );
  }
  ensureHome(config.home);
  ensureFolder(config.lake.path, 'MAPLEWOOD_LAKE');
  ensureFolder(config.warehouse.path, 'MAPLEWOOD_WAREHOUSE');
  ensureFolder(config.identified.path, 'MAPLEWOOD_IDENTIFIED');
  const lake = folderLake(config.lake.path);
  if (landing === undefined && (await listChanges(lake)).length === 0)
    throw new MaplewoodError(
      'USAGE',
      `--landing is missing, and no changes were captured.\nUsage: ${etl.usage}`,
    );
  const key = loadWarehouseKey(config.home, { create: mayCreateKeys(config), dev: config.dev });
  const progress = progressTo(context, json);
  try {
    return await runEtl(
      {
        landing,
        full,
        lake,
        folders: {
          warehouse: config.warehouse.path,
          identified: config.identified.path,
          leases: join(config.lake.path, 'leases'),
          runs: config.home.runs,
          spill: config.home.tmp,
        },
        referenceDir: join(context.root, 'reference'),
        marts: measureDatasets.map(martPlan),
        gold: goldBuilder(),
        key: { ...hmacPads(key), fingerprint: fingerprint(key) },
        declarations: await declarationsDigest(context.root),
        threads: availableParallelism(),
        memoryLimit: '1GB',
        keepReleases: config.settings.releases.kept,
      },
      { now, progress: progress.step },
    );
  } finally {
    progress.end();
  }
}

/** Digest of everything declared that shapes a release: contracts, tables, marts and code lists. */
async function declarationsDigest(root: string): Promise<string> {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([
      [...contracts.values()],
      goldTables,
      measureDatasets.map((dataset) => martTable(martPlan(dataset))),
    ]),
  );
  for (const file of (await readdir(join(root, 'reference')))
    .filter((name) => name.endsWith('.csv'))
    .sort()) {
    hash.update(file).update(await readFile(join(root, 'reference', file)));
  }
  return hash.digest('hex');
}

async function status(args: readonly string[], context: CommandContext): Promise<void> {
  const { values } = parse(etl, args, { json: { type: 'boolean', default: false } });
  const config = context.config();
  const served = config.warehouse.kind === 'duckdb' ? await newestRelease(config.warehouse.path) : undefined;
  const reports = await runReports(config.home.runs);
  const last = reports.at(-1);
  if (values.json) {
    context.out(`${JSON.stringify({ release: served ?? null, lastRun: last ?? null })}\n`);
    return;
  }
  context.out(
    served
      ? `Release ${served.id}, published ${served.publishedAt}, data to ${served.dataAsOf}.\n`
      : 'No release has been published yet. Run: maplewood etl run --landing DIR\n',
  );
  if (last)
    context.out(
      `Last run ${last.runId}: ${last.outcome} in ${last.seconds.toFixed(1)} s.\n\n${printReport(last)}\n`,
    );
}

async function runReports(folder: string): Promise<RunReport[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  } catch {
    return [];
  }
  const last = names.at(-1);
  return last ? [JSON.parse(await readFile(join(folder, last), 'utf8')) as RunReport] : [];
}
