import { setImmediate as turn } from 'node:timers/promises';
import { openTracing } from '../../../src/server/observe/open-tracing.js';

/** Traces far more than is taken, closes, and tells what it cost. Ends by itself, as a server that was stopped. */
async function main(url: string): Promise<void> {
  const tracing = await openTracing({ url: `${url}/v1/traces`, serviceName: 'maplewood' });
  const before = process.memoryUsage().heapUsed;
  const requests = 16_000;
  for (let n = 0; n < requests; n += 1) {
    const request = tracing.request(undefined);
    request.plan().end('done');
    for (const lane of ['query', 'point'] as const)
      request.statement('duckdb', lane, `select ${n} -- ${'é '.repeat(1_900)}`).end('done', 1);
    request.end({ role: 'analyst', outcome: 'answered', code: 'none', rows: 1, cached: false });
    // Batches are sent meanwhile, for some seconds.
    if (n % 100 === 0) await turn();
    if (n % 2_000 === 0) await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const grownMb = (process.memoryUsage().heapUsed - before) / 1e6;
  const closing = Date.now();
  await tracing.close();
  const closedAt = Date.now();
  process.stdout.write(JSON.stringify({ requests, grownMb, closeMs: closedAt - closing, closedAt }));
}

void main(process.argv[2] ?? '');
