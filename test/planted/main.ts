import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { clauses } from './clauses.js';
import type { PlantedError, Suite } from './planted-error.js';
import { type Finding, notPlantable, Tree } from './tree.js';

const usage = 'Usage: npm run test:planted [-- CLAUSE…] [--each N] [--cases N]';
const root = fileURLToPath(new URL('../..', import.meta.url));

interface Tried {
  readonly clause: string;
  readonly planted: PlantedError;
  readonly finding: Finding;
  readonly seconds: number;
}

const wordOf = (finding: Finding): string =>
  finding.kind === 'failed'
    ? `found by ${finding.cases === undefined ? '' : `question ${finding.cases} of `}"${finding.test}"`
    : finding.kind === 'passed'
      ? 'SURVIVED'
      : 'BROKEN';

/** A table of every error, for people to read. */
const printed = (all: readonly Tried[]): string =>
  [
    '| clause | planted error | found by | after | s |',
    '|---|---|---|--:|--:|',
    ...all.map(({ clause, planted, finding, seconds }) => {
      const [by, after] =
        finding.kind !== 'failed'
          ? [wordOf(finding), '']
          : finding.cases === undefined
            ? [finding.test, '']
            : [planted.by ?? 'measures', String(finding.cases)];
      return `| ${clause} | ${planted.error} | ${by} | ${after} | ${seconds} |`;
    }),
  ].join('\n');

/** Plants one error after the other and asks random questions. Returns the exit code: 1 if one is not found. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      each: { type: 'string', default: 'Infinity' },
      cases: { type: 'string', default: '2000' },
    },
  });
  const names = Object.keys(clauses);
  if (positionals.some((name) => !names.includes(name))) {
    process.stderr.write(`${usage}\nClauses: ${names.join(', ')}\n`);
    return 2;
  }
  const chosen = names.filter((name) => positionals.length === 0 || positionals.includes(name));
  const errors = chosen.flatMap((clause) =>
    (clauses[clause] ?? []).slice(0, Number(values.each)).map((planted) => ({ clause, planted })),
  );
  const wrong = errors.flatMap(({ clause, planted }) => {
    const why = notPlantable(root, planted);
    return why === undefined ? [] : [`${clause}: ${planted.error}: ${why}`];
  });
  if (wrong.length > 0) {
    process.stderr.write(`Cannot be planted:\n${wrong.join('\n')}\n`);
    return 1;
  }

  const folder = mkdtempSync(join(tmpdir(), 'maplewood-planted-'));
  try {
    const tree = new Tree(root, folder, Number(values.cases));
    for (const suite of new Set(errors.map(({ planted }): Suite => planted.by ?? 'measures'))) {
      const finding = await tree.run(suite, 40);
      if (finding.kind !== 'passed') {
        process.stderr.write(`Without an error the test of ${suite} fails: ${JSON.stringify(finding)}\n`);
        return 1;
      }
    }
    const tried: Tried[] = [];
    for (const { clause, planted } of errors) {
      const start = Date.now();
      const finding = await tree.tryError(planted);
      const seconds = Math.round((Date.now() - start) / 1000);
      tried.push({ clause, planted, finding, seconds });
      process.stderr.write(
        `${tried.length}/${errors.length} ${wordOf(finding)}, ${seconds} s: ${clause}: ${planted.error}\n`,
      );
      if (finding.kind === 'broken') process.stderr.write(`${finding.message}\n`);
    }
    process.stdout.write(`${printed(tried)}\n`);
    return tried.every(({ finding }) => finding.kind === 'failed') ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
