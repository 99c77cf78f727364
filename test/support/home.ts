import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandContext } from '../../src/commands/command.js';
import { load } from '../../src/commands/etl.js';
import type { Config } from '../../src/config/environment.js';
import { loadConfig } from '../../src/config/environment.js';
import type { RunReport } from '../../src/etl/report.js';
import { synthesise } from '../../src/synth/synthesise.js';
import { root } from './landing.js';
import { sharedCopy } from './shared.js';

/** A command context that writes nowhere. */
export const quiet = (stopped: AbortSignal = new AbortController().signal): CommandContext => ({
  root,
  env: {},
  config: () => {
    throw new Error('not configured');
  },
  out: () => undefined,
  err: () => undefined,
  terminal: false,
  stopped,
});

/**
 * The configuration of a development home in a folder, for callers who ask as fast as tests do and whose server is stopped
 * as soon as they are told to.
 */
export function configAt(home: string, env: NodeJS.ProcessEnv = {}): Config {
  const config = loadConfig({ MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1', MAPLEWOOD_PORT: '0', ...env }, home);
  const { settings } = config;
  return {
    ...config,
    settings: {
      ...settings,
      overload: { ...settings.overload, requestsPerSecond: 1_000_000, burst: 1_000_000 },
      stop: { ...settings.stop, noticeMs: 0 },
    },
  };
}

/** The same without the OMOP tables and the results of rules, for tests that look elsewhere: they are half of a small run. */
export function measuresAlone(config: Config): Config {
  const { settings } = config;
  return {
    ...config,
    settings: { ...settings, releases: { ...settings.releases, omop: false, rules: false } },
  };
}

export interface Sources {
  readonly patients?: number;
  readonly faultRate?: number;
  readonly seed?: number;
}

/** Small synthetic sources in `<folder>/landing`. Those of the usual seed are made once a run and copied. */
export async function synthAt(folder: string, options: Sources = {}): Promise<string> {
  const landing = join(folder, 'landing');
  const { patients = 1_000, faultRate = 0.05, seed = 7 } = options;
  const make = async (out: string): Promise<void> => {
    const referenceDir = join(root, 'reference');
    await synthesise({ out, patients, seed, years: 1, faultRate, referenceDir });
  };
  // Random seeds do not come again.
  if (options.seed === undefined) await sharedCopy(['sources', patients, faultRate], landing, make);
  else await make(landing);
  return landing;
}

/** One run of the ETL. */
export const loadAt = (config: Config, landing: string, full = false, now?: () => Date): Promise<RunReport> =>
  load(config, quiet(), { landing, full, json: false }, now);

/** A home that holds release 1 of a landing, and the report of its run. */
export interface LoadedHome {
  readonly config: Config;
  readonly landing: string;
  readonly report: RunReport;
}

/**
 * A home in `<folder>/home` with one whole load of synthetic sources, or of a folder of sample data. It is loaded once
 * a run of jest and copied, so that a test may go on changing it. `measuresAlone` leaves the OMOP tables and the results of rules out.
 */
export async function loadedHome(
  folder: string,
  from: Sources | { readonly sample: string },
  { measuresAlone: alone = false }: { measuresAlone?: boolean } = {},
): Promise<LoadedHome> {
  const at = (place: string): Config => {
    const config = configAt(join(place, 'home'));
    return alone ? measuresAlone(config) : config;
  };
  await sharedCopy(['home', from, alone], folder, async (place) => {
    const report = await loadAt(at(place), 'sample' in from ? from.sample : await synthAt(place, from));
    writeFileSync(join(place, 'report.json'), JSON.stringify(report));
  });
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as RunReport;
  return { config: at(folder), landing: 'sample' in from ? from.sample : join(folder, 'landing'), report };
}
