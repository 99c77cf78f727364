import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Group, groupNames, groups, sample, tryAll } from './groups.js';
import { type Fault, type Outcome, printOutcomes, verdict } from './outcome.js';
import { World } from './world.js';

const usage = `Usage: npm run test:faults [-- GROUP…] [--every] [--kills N] [--sample N] [--jobs N]\nGroups: ${groupNames.join(', ')}`;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Tries every fault and prints what came of each. Returns the exit code: 1 if any outcome is wrong. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      every: { type: 'boolean', default: false },
      kills: { type: 'string', default: '20' },
      sample: { type: 'string' },
      jobs: { type: 'string', default: '2' },
    },
  });
  const chosen =
    positionals.length === 0 ? groupNames : groupNames.filter((name) => positionals.includes(name));
  if (chosen.length === 0 || positionals.some((name) => !groupNames.includes(name as Group))) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) return 1;
  const folder = mkdtempSync(join(tmpdir(), 'maplewood-faults-'));
  try {
    const world = await World.make(root, folder);
    const extent = { every: values.every, randomKills: Number(values.kills) };
    const faults: Fault[] = [];
    for (const name of chosen) {
      const all = await groups[name](world, extent);
      faults.push(...(values.sample === undefined ? all : sample(all, Number(values.sample), 1)));
    }
    let done = 0;
    const outcomes = await tryAll(faults, Number(values.jobs), (outcome: Outcome) => {
      done += 1;
      process.stderr.write(
        `${done}/${faults.length} ${verdict(outcome)} ${outcome.fault}, ${outcome.moment}\n`,
      );
      for (const what of outcome.wrong) process.stderr.write(`    ${what}\n`);
    });
    process.stdout.write(`${printOutcomes(outcomes)}\n`);
    return outcomes.some((outcome) => verdict(outcome) === 'WRONG') ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
