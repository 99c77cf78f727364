import { randomUUID } from 'node:crypto';
import fastify, { type FastifyRequest } from 'fastify';
import { type Egress, makeEgress } from '../../src/server/egress.js';
import { ending } from '../../src/server/ending.js';
import { type Exchange, newExchange } from '../../src/server/exchange.js';
import { makeObservers } from '../../src/server/observe/observers.js';
import { rateLimiter } from '../../src/server/overload/rate-limit.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { changeRelease } from '../support/release.js';
import { serveAt, type TestServer } from '../support/server.js';

const folder = temporaryFolder();
let server: TestServer;

beforeAll(async () => {
  const { config } = await loadedHome(folder, { patients: 1_500 });
  await changeRelease(
    config,
    "update dim_trust set trust_name = 'Trust of PAT_000123' where trust_name is not null",
  );
  server = await serveAt(config);
}, 120_000);
afterAll(() => server?.close());

describe('an answer of the server that holds an identifier', () => {
  const refused = {
    errors: [
      {
        message:
          'The answer held what looks like an identifier of a person and was not sent. Report the request id.',
        extensions: { code: 'ANSWER_WITHHELD', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      },
    ],
  };

  it('is not sent, and nothing of it is', async () => {
    const { status, body } = await server.query('analyst', '{ edWaits(by: TRUST) { nodes { trustName } } }');
    expect([status, body]).toEqual([500, refused]);
  });

  it('is sent without what holds it', async () => {
    const { status, body } = await server.query('analyst', '{ edWaits(by: TRUST) { nodes { trustCode } } }');
    expect([status, body.errors]).toEqual([200, undefined]);
  });

  it('is not sent where the caller gave it: as a name, and as one that does not exist', async () => {
    for (const query of ['{ PAT_000123: me { role } }', '{ PAT_000123 }']) {
      const { status, body } = await server.query('admin', query);
      expect([query, status, body]).toEqual([query, 500, refused]);
    }
  });
});

describe('the share of answers that are searched', () => {
  const leak = { data: { rows: [{ name: 'ask jo@example.org' }] } };
  const clean = { data: { rows: [{ count: 9434765919, name: 'Leeds' }] } };
  const lines: string[] = [];

  async function answers(egress: Egress, path: string, times = 1): Promise<number[]> {
    const http = fastify({ genReqId: () => randomUUID() });
    const observers = await makeObservers(
      { log: { write: (line) => void lines.push(line) }, strict: true },
      {},
    );
    const exchanges = new WeakMap<FastifyRequest, Exchange>();
    ending(http, {
      exchangeOf(request) {
        const exchange = exchanges.get(request) ?? newExchange(request, observers.tracing);
        exchanges.set(request, exchange);
        return exchange;
      },
      egress,
      observers,
      // None of these addresses is one whose requests are recorded.
      audit: undefined as never,
      rate: rateLimiter({ perSecond: 1, burst: 1 }),
      away: undefined as never,
      unsentBytes: 1_000_000,
      now: () => new Date(),
    });
    http.get('/leak', async () => leak);
    http.get('/clean', async () => clean);
    http.get('/error', async (_request, reply) => reply.code(400).send(leak));
    http.get('/text', async (_request, reply) => reply.type('text/csv').send('name\r\nPAT_000123\r\n'));
    const statuses: number[] = [];
    for (let n = 0; n < times; n += 1) {
      const answer = await http.inject(path);
      statuses.push(answer.statusCode);
      if (answer.statusCode === 500) expect(answer.body).not.toContain('jo@');
      expect(Number(answer.headers['content-length'])).toBe(Buffer.byteLength(answer.body));
    }
    await http.close();
    await observers.close();
    return statuses;
  }

  it('decides by chance which ones', async () => {
    const drawn = [0.1, 0.3, 0.24, 0.25];
    const egress = makeEgress(0.25, () => drawn.shift() ?? 1);
    expect(await answers(egress, '/leak', 4)).toEqual([500, 200, 500, 200]);
    expect([...egress.refused]).toEqual([['e-mail address', 2]]);
  });

  it('may be none or all; a number is no text', async () => {
    expect(await answers(makeEgress(0, Math.random), '/leak', 3)).toEqual([200, 200, 200]);
    expect(await answers(makeEgress(1, Math.random), '/leak', 3)).toEqual([500, 500, 500]);
    expect(await answers(makeEgress(1, Math.random), '/clean', 3)).toEqual([200, 200, 200]);
    expect(await answers(makeEgress(1, Math.random), '/text')).toEqual([500]);
  });

  it('is all of the errors', async () => {
    expect(await answers(makeEgress(0, Math.random), '/error')).toEqual([500]);
  });

  it('logs the shape and how often it was found, and nothing of the value', () => {
    const withheld = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'withheld');
    expect(withheld.length).toBeGreaterThan(5);
    expect(withheld.slice(0, 2).map(({ shape, refused }) => [shape, refused])).toEqual([
      ['e-mail address', 1],
      ['e-mail address', 2],
    ]);
    expect(lines.join('')).not.toMatch(/jo@|PAT_/);
  });
});
