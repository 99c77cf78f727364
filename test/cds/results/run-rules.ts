import { cds } from '../../../src/commands/cds.js';
import type { Config } from '../../../src/config/environment.js';
import type { RuleLine } from '../../../src/etl/results.js';
import { quiet } from '../../support/home.js';

/** `maplewood cds run` over the warehouse of a home: what it prints with `--json`. */
export async function runRules(
  config: Config,
  ...args: readonly string[]
): Promise<{ readonly release: number; readonly rules: readonly RuleLine[] }> {
  let printed = '';
  await cds.run(['run', '--json', ...args], {
    ...quiet(),
    config: () => config,
    out: (text) => {
      printed += text;
    },
  });
  return JSON.parse(printed) as { release: number; rules: RuleLine[] };
}
