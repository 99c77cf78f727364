import { type Question, questions } from './api-questions.js';
import { type Serving, serving } from './serving.js';

const rounds = 5;

/** CPU of a request by GraphQL and by the floor route, in turn, and the ratio of the medians. */
export async function benchApi(home: string): Promise<void> {
  const server = await serving(home);
  try {
    process.stdout.write('API, CPU a request (median of rounds), ratio to the floor route\n');
    for (const question of questions) await compare(question, server);
  } finally {
    server.stop();
  }
}

async function compare(question: Question, { asking, cpu }: Serving): Promise<void> {
  const call = (path: string, body: string): Promise<string> => asking(question.role, path, body);
  const graphql = JSON.stringify({ query: question.query });
  const floor = JSON.stringify({ query: `${question.name}/${question.rows}` });
  same(await call('/graphql', graphql), await call('/floor', floor), question);
  const requests = question.rows > 1000 ? 40 : 600;
  const lanes = question.rows > 1000 ? 2 : 8;
  const round = async (path: string, body: string): Promise<number> => {
    const before = await cpu();
    let left = requests;
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        while (left > 0) {
          left -= 1;
          await call(path, body);
        }
      }),
    );
    return ((await cpu()) - before) / requests;
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

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
