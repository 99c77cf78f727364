#!/usr/bin/env node
'use strict';
// CommonJS on purpose: the thread pool is sized when the ES module loader starts, so it has to be set before it.
// Each thread keeps memory that it has freed for itself: a load, which runs few statements at a time, has few.
process.env.UV_THREADPOOL_SIZE ??= process.argv[2] === 'etl' ? '4' : '16';

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { spawnSync } = require('node:child_process');
const { pathToFileURL } = require('node:url');

const root = join(__dirname, '..');
const main = join(root, 'dist', 'app', 'main.js');

if (!existsSync(main)) {
  try {
    require.resolve('esbuild', { paths: [root] });
  } catch {
    process.stderr.write('maplewood is not built. Run: npm ci && npm run build\n');
    process.exit(2);
  }
  process.stderr.write('Building maplewood, once …\n');
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  if (built.status !== 0) process.exit(built.status ?? 1);
}

import(pathToFileURL(main).href).then(
  ({ main: run }) => run(process.argv.slice(2), root),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  },
);
