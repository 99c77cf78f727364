import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { openTracing } from '../../../src/server/observe/open-tracing.js';
import { noTracing, type Tracing } from '../../../src/server/observe/tracing.js';
import { type Collector, collector } from './collector.js';
import { secrets, secretsIn } from './hostile.js';

const open: Collector[] = [];
const receiving = async (...how: Parameters<typeof collector>): Promise<Collector> => {
  const made = await collector(...how);
  open.push(made);
  return made;
};
afterEach(async () => {
  for (const made of open.splice(0)) await made.close();
});

const tracingTo = (url: string, strict = true): Promise<Tracing> =>
  openTracing({ url: `${url}/v1/traces`, serviceName: 'maplewood' }, { strict });

const sql = 'select "n" from "dim_patient" where "patient_sk" = $1';
const answered = { role: 'analyst', outcome: 'answered', code: 'none', rows: 4, cached: false } as const;

function oneRequest(tracing: Tracing, traceparent?: string): string | undefined {
  const request = tracing.request(traceparent);
  request.plan().end('done');
  const [first, second] = [
    request.statement('duckdb', 'query', sql),
    request.statement('synapse', 'point', sql),
  ];
  second.end('deadline');
  first.end('done', 4);
  request.end(answered);
  return request.traceId;
}

describe('the trace of a request', () => {
  it('arrives as a tree: the request, its plan and its statements', async () => {
    const received = await receiving();
    const tracing = await tracingTo(received.url);
    const traceId = oneRequest(tracing);
    await tracing.close();
    const [root] = received.spans.filter(({ name }) => name === 'request');
    expect(root).toEqual({
      traceId,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      parentSpanId: undefined,
      name: 'request',
      kind: 2,
      failed: false,
      attributes: {
        'maplewood.role': 'analyst',
        'maplewood.outcome': 'answered',
        'maplewood.code': 'none',
        'maplewood.rows': 4,
        'maplewood.cached': false,
      },
    });
    const within = { traceId, spanId: expect.any(String), parentSpanId: root?.spanId };
    const children = received.spans.filter((span) => span !== root);
    expect(children).toHaveLength(3);
    expect(children).toEqual(
      expect.arrayContaining([
        { ...within, name: 'plan', kind: 1, failed: false, attributes: {} },
        {
          ...within,
          name: 'statement',
          kind: 3,
          failed: false,
          attributes: {
            'db.system.name': 'duckdb',
            'db.query.text': sql,
            'maplewood.lane': 'query',
            'maplewood.outcome': 'done',
            'maplewood.rows': 4,
          },
        },
        {
          ...within,
          name: 'statement',
          kind: 3,
          failed: true,
          attributes: {
            'db.system.name': 'microsoft.sql_server',
            'db.query.text': sql,
            'maplewood.lane': 'point',
            'maplewood.outcome': 'deadline',
          },
        },
      ]),
    );
  });

  it('names the service, and neither the machine nor the process', async () => {
    const received = await receiving();
    const tracing = await tracingTo(received.url);
    oneRequest(tracing);
    await tracing.close();
    expect(received.resources).toEqual([{ path: '/v1/traces', 'service.name': 'maplewood' }]);
  });

  it('comes with the headers that the standard variable names', async () => {
    const received = await receiving();
    process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'x-collector-key=for-the-collector';
    const tracing = await tracingTo(received.url).finally(() => {
      delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
    });
    oneRequest(tracing);
    await tracing.close();
    expect(received.received.join()).toContain('"x-collector-key":"for-the-collector"');
  });

  it('goes on the trace of the caller where that is well formed, else begins one', async () => {
    const received = await receiving();
    const tracing = await tracingTo(received.url);
    const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    expect(oneRequest(tracing, `00-${trace}-${span}-01`)).toBe(trace);
    expect(oneRequest(tracing, `00-${trace}-${span}-00`)).toBeUndefined();
    const own = oneRequest(tracing, `00-${trace}-${'0'.repeat(16)}-01`);
    expect(own).toMatch(/^(?!4bf92f3577b34da6a3ce929d0e0e4736)[0-9a-f]{32}$/);
    await tracing.close();
    const roots = received.spans.filter(({ name }) => name === 'request');
    expect(roots.map(({ traceId, parentSpanId }) => [traceId, parentSpanId]).sort()).toEqual(
      [
        [trace, span],
        [own, undefined],
      ].sort(),
    );
  });

  it('holds no value, whatever it is given', async () => {
    const received = await receiving();
    const tracing = await tracingTo(received.url, false);
    const value = fc.constantFrom(...secrets);
    fc.assert(
      fc.property(value, value, fc.string(), (one, another, text) => {
        const request = tracing.request(one);
        request.plan().end(another as never);
        request
          .statement(one as never, another as never, `select 1 -- ${text} '${one}'`)
          .end(another as never, one as never);
        request.end({
          role: one,
          outcome: another,
          code: one,
          rows: another,
          cached: one,
          more: one,
        } as never);
      }),
      { numRuns: 150 },
    );
    await tracing.close();
    expect(received.spans.length).toBe(450);
    expect(secretsIn(received.received.join('\n'))).toEqual([]);
    const keys = new Set(received.spans.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...keys].sort()).toEqual([
      'db.query.text',
      'db.system.name',
      'maplewood.code',
      'maplewood.lane',
      'maplewood.outcome',
      'maplewood.role',
    ]);
  });

  it('takes no attribute from outside of its list where mistakes are to show', async () => {
    const tracing = await tracingTo((await receiving()).url);
    expect(() => tracing.request(undefined).end({ ...answered, role: 'root' as never })).toThrow(
      'maplewood.role has a value outside of its list',
    );
    await tracing.close();
  });

  it('cuts the SQL at 4,000 characters', async () => {
    const received = await receiving();
    const tracing = await tracingTo(received.url);
    const request = tracing.request(undefined);
    request.statement('duckdb', 'query', `${sql} ${'or 1 = 1 '.repeat(1_000)}`).end('done', 1);
    request.end(answered);
    await tracing.close();
    const texts = received.spans.flatMap(({ attributes }) => attributes['db.query.text'] ?? []);
    expect(texts.map((text) => String(text).length)).toEqual([4_000]);
  });
});

describe('tracing that is not configured', () => {
  it('loads nothing, and costs next to nothing', async () => {
    const tracing = await openTracing(null);
    expect(tracing).toBe(noTracing);
    const rounds = 200_000;
    for (let n = 0; n < rounds; n += 1) oneRequest(tracing);
    const began = performance.now();
    for (let n = 0; n < rounds; n += 1) oneRequest(tracing);
    // Microseconds a request.
    expect(((performance.now() - began) / rounds) * 1000).toBeLessThan(5);
  });
});

describe('a collector that does not take spans', () => {
  /** Nobody listens there. */
  async function refusing(): Promise<string> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    server.close();
    await once(server, 'close');
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }
  const hanging = async () => (await receiving(() => undefined)).url;
  const broken = async () =>
    (await receiving((response) => void response.writeHead(500).end('PAT_000123'))).url;
  const busy = async () =>
    (await receiving((response) => void response.writeHead(503, { 'retry-after': '0' }).end())).url;
  /** An idle time-out never comes. */
  const dripping = async () =>
    (
      await receiving((response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(timer));
      })
    ).url;

  it.each([
    ['refuses', refusing],
    ['hangs', hanging],
    ['fails', broken],
    ['is busy', busy],
    ['never ends', dripping],
  ] as const)(
    '%s: nothing fails, memory is bounded, and the process ends within a second',
    async (_how, at) => {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', join(__dirname, 'tracing-child.ts'), await at()],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      const { told, stderr, exitCode } = await outcome(child);
      expect([stderr, exitCode]).toEqual(['', 0]);
      expect(told.requests).toBe(16_000);
      // All of them would be 240 MB: 32,000 statements with 3,800 characters of two bytes.
      expect(told.grownMb).toBeLessThan(100);
      expect(told.closeMs).toBeLessThan(1_300);
      expect(told.endedMs - told.closedAt).toBeLessThan(1_000);
    },
    60_000,
  );

  it('is busy for a millisecond longer than a batch has: what is given up, and hung up on, ends nothing', async () => {
    let now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
    const received = await receiving((response) => {
      now += 751;
      response.writeHead(503, { 'retry-after': '0' }).end();
      // The connection is kept for the next attempt, which sends nothing any more.
      setTimeout(() => response.socket?.destroy(), 50);
    });
    try {
      const tracing = await tracingTo(received.url);
      oneRequest(tracing);
      const closed = tracing.close();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await closed;
      expect(received.received).toHaveLength(1);
    } finally {
      clock.mockRestore();
    }
  });
});

interface Told {
  readonly requests: number;
  readonly grownMb: number;
  readonly closeMs: number;
  readonly closedAt: number;
}

async function outcome(
  child: ChildProcess,
): Promise<{ told: Told & { endedMs: number }; stderr: string; exitCode: number | null }> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.on('data', (part) => {
      texts[name] += String(part);
    });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const told = JSON.parse(texts.stdout || '{}') as Told;
  return { told: { ...told, endedMs: Date.now() }, stderr: texts.stderr, exitCode };
}
