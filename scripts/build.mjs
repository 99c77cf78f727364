// Compiles the sources into `dist/`, and what the command line runs into few files of `dist/app/`: most of the time that
// a command takes to start goes into finding and reading hundreds of modules.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');

// Types are looked at by `npm run typecheck`, which takes longer than all of this.
const options = ['-p', join(root, 'tsconfig.build.json'), '--noCheck'];
execFileSync(process.execPath, [compiler, ...options], { stdio: 'inherit' });
await build({
  entryPoints: [join(root, 'dist', 'src', 'main.js')],
  outdir: join(root, 'dist', 'app'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  keepNames: true,
  // Native code; what is read on demand only; and what a library asks for if it is there.
  external: ['@duckdb/*', 'mssql', '@azure/identity', 'class-validator'],
  // Libraries that are CommonJS ask for the modules of Node by `require`.
  banner: { js: "import { createRequire as _cr } from 'node:module'; const require = _cr(import.meta.url);" },
  logLevel: 'warning',
});
