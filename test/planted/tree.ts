import { spawn } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PlantedError, type Suite, suites } from './planted-error.js';

/** What came of a run of a test: whether it passed, and if not why. */
export type Finding =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly test: string; readonly cases: number | undefined }
  /** The test could not run: the error is none that a test can find. */
  | { readonly kind: 'broken'; readonly message: string };

/** A throw-away copy of the sources and tests, in which a mistake does no harm. */
export class Tree {
  /** Worlds that were published by sources without an error. */
  private readonly worlds: string;
  private readonly copy: string;

  constructor(
    private readonly root: string,
    folder: string,
    /** Random questions at most until an error is found. */
    private readonly cases: number,
  ) {
    this.worlds = join(folder, 'worlds');
    this.copy = join(folder, 'tree');
    for (const part of ['src', 'test', 'package.json', 'jest.config.cjs', 'tsconfig.json', 'reference'])
      cpSync(join(root, part), join(this.copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(this.copy, 'node_modules'));
  }

  /** Runs a test with an error in one of the sources. */
  async tryError(planted: PlantedError): Promise<Finding> {
    const file = join(this.copy, 'src', planted.file);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(planted.was, () => planted.becomes),
    );
    try {
      return await this.run(planted.by ?? 'measures', this.cases, planted.of, planted.inMarts === true);
    } finally {
      writeFileSync(file, text);
    }
  }

  /**
   * Runs a test until its first failure. `of`: datasets that are asked about, all by default. `anew`: the worlds are
   * published by what the sources are now.
   */
  async run(suite: Suite, cases: number, of?: string, anew = false): Promise<Finding> {
    const { files, name, random } = suites[suite];
    const report = join(this.copy, 'report.json');
    rmSync(report, { force: true });
    const printed = await output(
      process.execPath,
      [
        join(this.root, 'node_modules', 'jest', 'bin', 'jest.js'),
        ...['--runInBand', '--forceExit', '--json', `--outputFile=${report}`],
        `--cacheDirectory=${join(this.copy, 'cache')}`,
        `--testNamePattern=${name}`,
        ...files,
      ],
      this.copy,
      {
        ...process.env,
        MAPLEWOOD_TEST_FULL: '0',
        MAPLEWOOD_TEST_CASES: String(cases),
        ...(of === undefined ? {} : { MAPLEWOOD_TEST_DATASETS: of }),
        ...(anew ? {} : { MAPLEWOOD_TEST_WORLDS: this.worlds }),
      },
    );
    return findingOf(report, printed, random);
  }
}

/** Why the text of an error cannot be replaced, or undefined if it can. */
export function notPlantable(root: string, { file, was, becomes }: PlantedError): string | undefined {
  const found = readFileSync(join(root, 'src', file), 'utf8').split(was).length - 1;
  if (was === becomes) return 'it changes nothing';
  if (found === 1) return undefined;
  return `its text stands ${found} times in src/${file}, and must once: ${JSON.stringify(was)}`;
}

interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

function findingOf(report: string, printed: string, random: boolean): Finding {
  let read: Report;
  try {
    read = JSON.parse(readFileSync(report, 'utf8')) as Report;
  } catch {
    return { kind: 'broken', message: printed.slice(-2_000) };
  }
  if (read.success) return { kind: 'passed' };
  const failed = read.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === 'failed');
  const cases = /Property failed after (\d+) tests/.exec(failed?.failureMessages[0] ?? '')?.[1];
  if (!failed || (random && cases === undefined)) {
    const message = read.testResults.map((one) => one.message).find((text) => text !== '');
    return { kind: 'broken', message: (message ?? printed).slice(0, 2_000) };
  }
  return { kind: 'failed', test: failed.fullName, cases: random ? Number(cases) : undefined };
}

/** Milliseconds after which a test hangs, which is broken: it should have failed. */
const patience = 20 * 60_000;

/** What a program prints. */
function output(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: patience,
      killSignal: 'SIGKILL',
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
    child.on('error', reject);
    child.on('close', () => resolve(text));
  });
}
