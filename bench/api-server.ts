import 'reflect-metadata';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { openParts } from '../src/commands/parts.js';
import { loadConfig } from '../src/config/environment.js';
import { createApp } from '../src/server/app.js';
import { newestRelease } from '../src/warehouse/duckdb/files.js';
import { floors, type Question } from './api-questions.js';

/**
 * The real server with one more route: the floor. It runs plain SQL on the same release file, makes objects of the
 * rows and `JSON.stringify`s them, behind the same authentication and body limits. The parent reads the CPU time
 * that the process has used.
 */
async function main(): Promise<void> {
  const home = process.argv[2] ?? '';
  const config = loadConfig({ MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1', MAPLEWOOD_PORT: '0' }, home);
  // As many requests as the bench can send, and no answer that is kept: but for the part that measures these. Requests are
  // recorded, but for the part that measures what that costs.
  const { settings } = config;
  const overload = { ...settings.overload, requestsPerSecond: 1_000_000, burst: 1_000_000 };
  const parts = await openParts(
    {
      ...config,
      settings: {
        ...settings,
        overload,
        cache: { bytes: process.argv[3] === 'keep' ? settings.cache.bytes : 0 },
      },
    },
    { root: join(import.meta.dirname, '..', '..'), note: () => undefined },
  );
  const audit =
    process.argv[3] === 'unrecorded'
      ? { ...parts.audit, log: { ...parts.audit.log, keep: () => undefined } }
      : parts.audit;
  const app = await createApp({ ...parts, audit, searchAll: false });
  const manifest = await newestRelease(config.home.warehouse);
  if (!manifest) throw new Error('no release');
  const instance = await DuckDBInstance.create(join(config.home.warehouse, manifest.file), {
    access_mode: 'READ_ONLY',
    threads: '2',
  });
  const connections = await Promise.all([1, 2, 3, 4].map(() => instance.connect()));
  let turn = 0;
  app.http.post('/floor', async (request, reply) => {
    await parts.verifier.verify(request.raw.rawHeaders);
    const { query } = request.body as { query: string };
    const question = floors.get(query);
    if (!question) return reply.code(404).send();
    const connection = connections[turn++ % connections.length];
    if (!connection) throw new Error('no connection');
    return reply
      .type('application/json')
      .send(JSON.stringify({ data: { nodes: await floorRows(connection, question) } }));
  });
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  const address = app.http.server.address();
  process.on('message', (message) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpu: (user + system) / 1000 });
    }
  });
  process.send?.({ port: typeof address === 'object' && address ? address.port : 0 });
}

type Row = Record<string, unknown>;

/** The rows of a floor; those below them are found by a second statement and put where they belong. */
async function floorRows(connection: DuckDBConnection, { floor, below }: Question): Promise<readonly Row[]> {
  const read = async (sql: string): Promise<Row[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
  const rows = await read(floor);
  if (!below) return rows;
  const found = new Map<unknown, Row[]>(rows.map(({ n }) => [n, []]));
  for (const { n, ...row } of await read(below.floor.replace(':rows', [...found.keys()].join(', '))))
    found.get(n)?.push(row);
  return rows.map(({ n, ...row }) => ({ ...row, [below.field]: { nodes: found.get(n) ?? [] } }));
}

void main();
