import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { print } from './timed.js';

const rounds = 5;
const most = 300;

/** Made once a process, so that each round is a process of its own; loading the modules is not counted. */
const program = (root: string): string => `
  const { buildRoleSchemas } = await import(${JSON.stringify(join(root, 'dist', 'src', 'resolvers', 'build-schema.js'))});
  const began = performance.now();
  buildRoleSchemas();
  console.log(performance.now() - began);`;

/** Milliseconds in which the schemas of all roles are made. */
export function benchSchemas(root: string): void {
  const times = Array.from({ length: rounds }, () => {
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', program(root)], {
      encoding: 'utf8',
    });
    if (child.status !== 0) throw new Error(child.stderr);
    return Number(child.stdout);
  }).sort((a, b) => a - b);
  const median = times[Math.floor(rounds / 2)] ?? Number.NaN;
  print(
    `Schemas of all roles: ${median.toFixed(0)} ms (at most ${most}) ${median <= most ? 'ok' : 'TOO SLOW'}\n`,
  );
}
