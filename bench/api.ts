import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TrustCode } from '../src/access/grant.js';
import { developmentToken } from '../src/commands/token.js';
import { loadConfig } from '../src/config/environment.js';
import { type Question, questions } from './api-questions.js';

const rounds = 5;

/** CPU of a request by GraphQL and by the floor route, in turn, and the ratio of the medians. */
export async function benchApi(home: string, trusts: readonly string[]): Promise<void> {
  const child = fork(join(import.meta.dirname, 'api-server.js'), [home], {
    execArgv: [],
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
  });
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    const config = loadConfig({ MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1' }, home);
    const token = developmentToken(config, ['operations'], trusts as readonly TrustCode[]);
    const call = async (path: string, body: string): Promise<string> => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body,
      });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text.slice(0, 300)}`);
      return text;
    };
    process.stdout.write('API, CPU a request (median of rounds), ratio to the floor route\n');
    for (const question of questions) await compare(question, child, call);
  } finally {
    child.kill();
  }
}

async function compare(
  question: Question,
  child: ChildProcess,
  call: (path: string, body: string) => Promise<string>,
): Promise<void> {
  const graphql = JSON.stringify({ query: question.query });
  const floor = JSON.stringify({ query: `${question.name}/${question.rows}` });
  same(await call('/graphql', graphql), await call('/floor', floor), question);
  const requests = question.rows > 1000 ? 40 : 600;
  const lanes = question.rows > 1000 ? 2 : 8;
  const round = async (path: string, body: string): Promise<number> => {
    const before = await cpu(child);
    let left = requests;
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        while (left > 0) {
          left -= 1;
          await call(path, body);
        }
      }),
    );
    return ((await cpu(child)) - before) / requests;
  };
  await round('/graphql', graphql);
  await round('/floor', floor);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let n = 0; n < rounds; n += 1) {
    theirs.push(await round('/floor', floor));
    ours.push(await round('/graphql', graphql));
  }
  const ratio = median(ours) / median(theirs);
  process.stdout.write(
    `  ${question.name.padEnd(14)} ${String(question.rows).padStart(6)} rows  ${median(ours).toFixed(2)} ms / ${median(theirs).toFixed(2)} ms = ${ratio.toFixed(2)}  (at most ${question.most}) ${ratio <= question.most ? 'ok' : 'TOO SLOW'}\n`,
  );
}

/** A floor that gives other rows would measure nothing. */
function same(ours: string, theirs: string, question: Question): void {
  const [key] = Object.keys((JSON.parse(ours) as { data: Record<string, unknown> }).data);
  const a = (JSON.parse(ours) as { data: Record<string, { nodes: unknown[] }> }).data[key ?? '']?.nodes ?? [];
  const b = (JSON.parse(theirs) as { data: { nodes: unknown[] } }).data.nodes;
  const rounded = (rows: unknown[]): string =>
    JSON.stringify(rows, (_name, value: unknown) =>
      typeof value === 'number' ? Number(value.toPrecision(12)) : value,
    );
  if (a.length === 0 || rounded(a) !== rounded(b)) {
    throw new Error(
      `${question.name}/${question.rows}: the floor route gives other rows (${a.length} and ${b.length})`,
    );
  }
  if (a.length < question.rows) process.stdout.write(`  (${question.name}: only ${a.length} rows there)\n`);
}

async function cpu(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ cpu: used }] = (await once(child, 'message')) as [{ cpu: number }];
  return used;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
