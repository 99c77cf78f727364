import { cds } from '../../../src/commands/cds.js';
import type { Config } from '../../../src/config/environment.js';
import type { RuleLine } from '../../../src/etl/results.js';
import { quiet } from '../../support/home.js';
import { root } from '../../support/landing.js';

interface Ran {
  readonly release: number;
  readonly rules: readonly RuleLine[];
  /** Rules whose cards nobody follows. */
  readonly demoted: readonly object[];
}

/** `maplewood cds run` over the warehouse of a home: what it prints with `--json`. */
export const runRules = (config: Config, ...args: readonly string[]): Promise<Ran> =>
  runRulesOf(root, config, ...args);

/** The same with the rules of another folder than that of the product. */
export async function runRulesOf(from: string, config: Config, ...args: readonly string[]): Promise<Ran> {
  let printed = '';
  await cds.run(['run', '--json', ...args], {
    ...quiet(),
    root: from,
    config: () => config,
    out: (text) => {
      printed += text;
    },
  });
  return JSON.parse(printed) as Ran;
}
