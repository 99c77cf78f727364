import { join } from 'node:path';
import type { CommandContext } from '../../src/commands/command.js';
import { load } from '../../src/commands/etl.js';
import type { Config } from '../../src/config/environment.js';
import { loadConfig } from '../../src/config/environment.js';
import type { RunReport } from '../../src/etl/report.js';
import { synthesise } from '../../src/synth/synthesise.js';
import { root } from './landing.js';

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

/** The configuration of a development home in a folder. */
export const configAt = (home: string, env: NodeJS.ProcessEnv = {}): Config =>
  loadConfig({ MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1', MAPLEWOOD_PORT: '0', ...env }, home);

/** The same without the OMOP tables, for tests that look elsewhere: they are a fifth of a small run. */
export function withoutOmop(config: Config): Config {
  const { settings } = config;
  return { ...config, settings: { ...settings, releases: { ...settings.releases, omop: false } } };
}

/** Small synthetic sources in `<folder>/landing`. */
export async function synthAt(
  folder: string,
  options: { patients?: number; faultRate?: number; seed?: number } = {},
): Promise<string> {
  const out = join(folder, 'landing');
  await synthesise({
    out,
    patients: options.patients ?? 1_000,
    seed: options.seed ?? 7,
    years: 1,
    faultRate: options.faultRate ?? 0.05,
    referenceDir: join(root, 'reference'),
  });
  return out;
}

/** One run of the ETL. */
export const loadAt = (config: Config, landing: string, full = false, now?: () => Date): Promise<RunReport> =>
  load(config, quiet(), { landing, full, json: false }, now);
