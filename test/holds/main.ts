import 'reflect-metadata';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brokenOnes, printFindings } from './figures.js';
import { isScene, sceneNames, scenes } from './scenes.js';
import { Stage } from './stage.js';

const usage = `Usage: npm run test:holds -- ${sceneNames.join('|')} [--seconds N] [--patients N]`;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Plays a scene and prints its figures. Returns the exit code: 1 if a promise is broken. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { seconds: { type: 'string' }, patients: { type: 'string', default: '5000' } },
  });
  const [name, ...more] = positionals;
  if (name === undefined || !isScene(name) || more.length > 0) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) return 1;
  const folder = mkdtempSync(join(tmpdir(), 'maplewood-holds-'));
  try {
    const stage = await Stage.make(root, folder, Number(values.patients));
    const { play, seconds } = scenes[name];
    const findings = await play(stage, Number(values.seconds ?? seconds));
    process.stdout.write(`${printFindings(findings)}\n`);
    return brokenOnes(findings).length > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
