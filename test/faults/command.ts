import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** How a process ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly said: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Settles when the process reports a step of its progress, or ends. */
  step(name: string): Promise<void>;
}

/** `maplewood …` as a process of its own, on a development home. */
export function maplewood(
  root: string,
  home: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('MAPLEWOOD_'));
  const child = spawn(process.execPath, [join(root, 'bin', 'maplewood.cjs'), ...args], {
    env: { ...Object.fromEntries(clean), MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let said = '';
  const waiting: { name: string; settle: () => void }[] = [];
  const settle = (ended: boolean): void => {
    for (const { name, settle } of waiting) if (ended || said.includes(`"step":"${name}"`)) settle();
  };
  child.stdout?.on('data', (text: Buffer) => {
    out += text.toString();
  });
  child.stderr?.on('data', (text: Buffer) => {
    said += text.toString();
    settle(false);
  });
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => {
      settle(true);
      resolve({ code, signal, out, said });
    }),
  );
  return {
    child,
    ended,
    step: (name) =>
      new Promise((resolve) => {
        waiting.push({ name, settle: resolve });
        settle(child.exitCode !== null || child.signalCode !== null);
      }),
  };
}

/** `etl run --json`; its report is the text of `out`. */
export const etlRun = (landing: string | undefined, ...more: readonly string[]): string[] => [
  'etl',
  'run',
  ...(landing === undefined ? [] : ['--landing', landing]),
  '--json',
  ...more,
];

export const exitOf = ({ code, signal }: Ended): string => signal ?? `exit ${code}`;

/** What a process said beside its progress, in one line. */
export const messageOf = ({ said }: Ended): string =>
  said
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{"step"'))
    .join(' ');

/** `published`, `unchanged`, or how the run ended and why. */
export function outcomeOf(ended: Ended): string {
  if (ended.code !== 0) return `${exitOf(ended)}: ${messageOf(ended).slice(0, 160)}`;
  return (JSON.parse(ended.out) as { outcome: string }).outcome;
}
