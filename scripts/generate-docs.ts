import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pages } from './pages/index.js';

const usage = 'Usage: npm run docs [-- --check]';

/** Writes the generated pages, or with `--check` names those that are out of date. Returns the exit code. */
function generate(args: readonly string[], root: string): number {
  if (args.length > 1 || (args.length === 1 && args[0] !== '--check')) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const check = args[0] === '--check';
  const stale = pages().filter(({ path, text }) => read(join(root, path)) !== text);
  if (check)
    for (const { path } of stale) process.stderr.write(`${path} is out of date. Run: npm run docs\n`);
  else for (const { path, text } of stale) writeFileSync(join(root, path), text);
  if (!check || stale.length === 0) {
    process.stdout.write(
      stale.length === 0
        ? 'All generated pages are up to date.\n'
        : `Written: ${stale.map(({ path }) => path).join(', ')}.\n`,
    );
  }
  return check && stale.length > 0 ? 1 : 0;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

process.exitCode = generate(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url)));
