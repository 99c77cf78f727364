import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role } from '../src/access/role.js';
import { maskings, type Question, questions } from './api-questions.js';
import { type Serving, serving } from './serving.js';
import { print } from './timed.js';

/** What is compared in turns, and how many requests a turn has at most. */
interface Turns {
  readonly rounds: number;
  readonly requests: number;
}
const fewRounds: Turns = { rounds: 5, requests: 600 };
/** Of differences that are smaller than what one turn differs from the next. */
const manyRounds: Turns = { rounds: 60, requests: 200 };

/** CPU of a request by GraphQL and by the floor route, and by roles from whom something is withheld and by others. */
export async function benchApi(home: string): Promise<void> {
  const server = await serving(home);
  try {
    print('API, CPU a request (median of rounds), ratio to the floor route\n');
    for (const question of questions) {
      const graphql = { role: question.role, path: '/graphql', query: question.query };
      const floor = { role: question.role, path: '/floor', query: `${question.name}/${question.rows}` };
      same(await call(server, graphql), await call(server, floor), question);
      await compare(server, `${question.name} ${question.rows} rows`, graphql, floor, question);
    }
    print('Roles with masking or suppression, CPU a request, ratio to a role without\n');
    for (const { name, masked, plain, query, most } of maskings) {
      const as = (role: Role): Request => ({ role, path: '/graphql', query });
      const [ours, theirs] = [await call(server, as(masked)), await call(server, as(plain))].map(nodesOf);
      if (ours?.length !== theirs?.length || ours?.length === 0)
        throw new Error(`${name}: ${ours?.length} rows for ${masked} and ${theirs?.length} for ${plain}`);
      const words = `${name}, ${ours?.length} rows: ${masked} / ${plain}`;
      await compare(server, words, as(masked), as(plain), { rows: ours?.length ?? 0, most });
    }
  } finally {
    server.stop();
  }
  await benchServers(home);
}

/** What a kept answer costs beside a live one, and what it costs to record requests. Servers of one home take turns. */
async function benchServers(home: string): Promise<void> {
  const [question] = questions;
  if (!question) throw new Error('no question');
  const { role, query, rows, name } = question;
  const live = { role, path: '/graphql', query };
  for (const { words, ours, theirs, most, turns } of [
    { words: 'given again / live', ours: 'keep', theirs: 'live', most: 0.1, turns: fewRounds },
    { words: 'recorded / not recorded', ours: 'live', theirs: 'unrecorded', most: 1.05, turns: manyRounds },
  ] as const) {
    const folder = mkdtempSync(join(tmpdir(), 'maplewood-bench-'));
    // One server at a time records for a home.
    const [one, other] = [await serving(home, ours), await serving(copyOf(home, folder), theirs)];
    try {
      await compare(
        one,
        `${name} ${rows} rows, ${words}`,
        live,
        { ...live, server: other },
        { rows, most },
        turns,
      );
    } finally {
      one.stop();
      other.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** What a server needs of a home. */
function copyOf(home: string, folder: string): string {
  for (const name of ['warehouse', 'identified', 'keys', 'state'])
    cpSync(join(home, name), join(folder, name), { recursive: true });
  return folder;
}

interface Request {
  /** Another one than the usual. */
  readonly server?: Serving;
  readonly role: Role;
  readonly path: string;
  readonly query: string;
}

const call = (usual: Serving, { server = usual, role, path, query }: Request): Promise<string> =>
  server.asking(role, path, JSON.stringify({ query }));

/** Asks both in turn, and prints the ratio of what they cost. */
async function compare(
  server: Serving,
  words: string,
  ours: Request,
  theirs: Request,
  { rows, most }: Pick<Question, 'rows' | 'most'>,
  turns: Turns = fewRounds,
): Promise<void> {
  await call(server, ours);
  const began = performance.now();
  await call(server, ours);
  // A round of some seconds, whatever a question costs.
  const requests = Math.max(8, Math.min(turns.requests, Math.round(2_500 / (performance.now() - began))));
  const lanes = rows > 1000 ? 2 : 8;
  const round = async (request: Request): Promise<number> => {
    const { cpu } = request.server ?? server;
    const before = await cpu();
    let left = requests;
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        while (left > 0) {
          left -= 1;
          await call(server, request);
        }
      }),
    );
    return ((await cpu()) - before) / requests;
  };
  await round(ours);
  await round(theirs);
  const taken: [ours: number[], theirs: number[]] = [[], []];
  for (let n = 0; n < turns.rounds; n += 1) {
    taken[1].push(await round(theirs));
    taken[0].push(await round(ours));
  }
  const [a, b] = taken.map(median) as [number, number];
  print(
    `  ${words.padEnd(58)} ${a.toFixed(2)} ms / ${b.toFixed(2)} ms = ${(a / b).toFixed(2)}  (at most ${most}) ${a / b <= most ? 'ok' : 'TOO SLOW'}\n`,
  );
}

const nodesOf = (answer: string): unknown[] => {
  const { data } = JSON.parse(answer) as { data: Record<string, { nodes: unknown[] }> };
  return Object.values(data)[0]?.nodes ?? [];
};

/** A floor that gives other rows would measure nothing. */
function same(ours: string, theirs: string, question: Question): void {
  const a = nodesOf(ours);
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
  if (a.length < question.rows) print(`  (${question.name}: only ${a.length} rows there)\n`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
