import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, maplewood, type Running } from '../faults/command.js';

/** `maplewood serve` as a process of its own. */
export interface Served extends Running {
  readonly url: string;
  readonly pid: number;
  /** Resident memory, in megabytes. */
  megabytes(): number;
  /** Files, sockets and pipes that it holds open. */
  openFiles(): number;
  /** Figures of /metrics by their names with labels. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  /** Status of a GET; 0 where there is no answer. */
  status(path: string): Promise<number>;
  /** SIGTERM, and how it ended. */
  stop(): Promise<Ended>;
}

/** Serves a home on a free port. `settings` is its configuration file. */
export async function serve(
  root: string,
  home: string,
  settings: object = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const file = join(home, 'serve.json');
  writeFileSync(file, JSON.stringify(settings));
  const running = maplewood(root, home, ['serve'], {
    MAPLEWOOD_PORT: '0',
    MAPLEWOOD_CONFIG: file,
    ...env,
  });
  const { child, ended } = running;
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (more: Buffer) => {
      text += more.toString();
      const found = /serves (http:\S+)\/graphql/.exec(text)?.[1];
      if (found) resolve(found);
    });
    void ended.then(({ code, said }) => reject(new Error(`serve ended with ${code}: ${said}`)));
  });
  const pid = child.pid ?? 0;
  return {
    ...running,
    url,
    pid,
    megabytes: () => residentMegabytes(pid),
    openFiles: () => readdirSync(`/proc/${pid}/fd`).length,
    async metrics() {
      const text = await (await fetch(`${url}/metrics`)).text();
      return new Map(
        text
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('#'))
          .map((line) => {
            const at = line.lastIndexOf(' ');
            return [line.slice(0, at), Number(line.slice(at + 1))];
          }),
      );
    },
    status: (path) =>
      fetch(`${url}${path}`).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        },
        () => 0,
      ),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** The sum of a metric over its labels, or over those that hold a text such as `role="analyst"`. */
export const sumOf = (metrics: ReadonlyMap<string, number>, name: string, label = ''): number =>
  [...metrics]
    .filter(([key]) => (key === name || key.startsWith(`${name}{`)) && key.includes(label))
    .reduce((sum, [, value]) => sum + value, 0);
