import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fingerprint } from '../access/key.js';
import { keyring } from '../access/keyring.js';
import { hmacPads } from '../access/pseudonym.js';
import { categoriesOf } from '../access/sensitive.js';
import type { Config } from '../config/environment.js';
import { MaplewoodError } from '../errors.js';
import { listChanges } from '../etl/cdc/manifest.js';
import { contracts } from '../etl/contracts/index.js';
import { type Acceptance, acceptances } from '../etl/quality/accept.js';
import type { Replay } from '../etl/replay/replay.js';
import { printReport, type RunReport } from '../etl/report.js';
import { runEtl } from '../etl/run.js';
import { martTable } from '../measures/mart.js';
import { measureDatasets } from '../schema/datasets.js';
import { martPlan } from '../schema/mart-plan.js';
import { newestRelease } from '../warehouse/duckdb/files.js';
import { goldTables } from '../warehouse/gold/index.js';
import { goldBuilder } from '../warehouse/gold-builder.js';
import { omopTables } from '../warehouse/omop/index.js';
import { ruleResults } from './cds-results.js';
import { type Command, type CommandContext, parse } from './command.js';
import { contractsDiff } from './etl-contracts.js';
import { etlFolders } from './etl-folders.js';
import { replayed } from './etl-replay.js';
import { vacuumed } from './etl-vacuum.js';
import { progressTo } from './progress.js';

export const etl: Command = {
  name: 'etl',
  summary:
    'Load a landing folder and publish a release; show the last run; remove what nobody needs; replay corrected rows; compare files with the contracts.',
  usage:
    'maplewood etl run [--landing DIR] [--full] [--accept CHECK --reason TEXT]… [--json] | maplewood etl status [--json] | maplewood etl vacuum [--keep N] [--json] | maplewood etl replay --batch N [--file FILE] [--json] | maplewood etl contracts diff --landing DIR [--json]',
  async run([verb, ...args], context) {
    if (verb === 'run') return run(args, context);
    if (verb === 'status') return status(args, context);
    if (verb === 'vacuum') return vacuumed(etl, args, context);
    if (verb === 'replay') return replayed(etl, args, context, load);
    if (verb === 'contracts' && args[0] === 'diff') return contractsDiff(etl, args.slice(1), context);
    throw new MaplewoodError(
      'USAGE',
      `etl needs run, status, vacuum, replay or contracts diff.\nUsage: ${etl.usage}`,
    );
  },
};

async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const { values } = parse(etl, args, {
    landing: { type: 'string' },
    full: { type: 'boolean', default: false },
    accept: { type: 'string', multiple: true, default: [] },
    reason: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  });
  const config = context.config();
  const report = await load(config, context, {
    landing: values.landing === undefined ? undefined : resolve(values.landing),
    full: values.full,
    json: values.json,
    accept: acceptances(values.accept, values.reason),
  });
  context.out(values.json ? `${JSON.stringify(report)}\n` : `${printReport(report)}\n`);
}

/** One run of the ETL with the configuration of this process. */
export async function load(
  config: Config,
  context: CommandContext,
  {
    landing,
    full,
    json,
    accept = [],
    replay,
  }: {
    landing: string | undefined;
    full: boolean;
    json: boolean;
    accept?: readonly Acceptance[];
    replay?: Replay | undefined;
  },
  now: () => Date = () => new Date(),
): Promise<RunReport> {
  const { lake, folders } = etlFolders(config);
  if (landing === undefined && replay === undefined && (await listChanges(lake)).length === 0)
    throw new MaplewoodError(
      'USAGE',
      `--landing is missing, and no changes were captured.\nUsage: ${etl.usage}`,
    );
  const key = await keyring(config).warehouse();
  const { anonymity, sensitiveDiagnoses } = config.settings.rows;
  const sensitive = categoriesOf(sensitiveDiagnoses);
  const results = config.settings.releases.rules ? await ruleResults(context.root) : undefined;
  const progress = progressTo(context, json);
  try {
    return await runEtl(
      {
        landing,
        replay,
        full,
        accept,
        checks: config.settings.checks,
        lake,
        folders,
        referenceDir: join(context.root, 'reference'),
        marts: measureDatasets.map(martPlan),
        gold: goldBuilder(),
        key: { ...hmacPads(key), fingerprint: fingerprint(key) },
        sensitive,
        anonymity,
        disclosure: config.settings.disclosure,
        declarations: await declarationsDigest(context.root, config.settings.releases.omop, [
          sensitive,
          anonymity,
          config.settings.disclosure,
        ]),
        threads: availableParallelism(),
        memoryLimit: '900MB',
        keepReleases: config.settings.releases.kept,
        results,
        omop: config.settings.releases.omop,
      },
      { now, progress: progress.step },
    );
  } finally {
    progress.end();
  }
}

/** Digest of everything declared that shapes a release: contracts, tables, marts, code lists, and what rows show. */
async function declarationsDigest(root: string, omop: boolean, rows: readonly unknown[]): Promise<string> {
  const hash = createHash('sha256');
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  hash.update(
    JSON.stringify([
      version,
      rows,
      [...contracts.values()],
      goldTables,
      omop ? omopTables : [],
      measureDatasets.map(martPlan).map((plan) => [martTable(plan), plan.parts, plan.published]),
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
