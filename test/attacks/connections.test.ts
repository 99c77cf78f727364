import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createApp } from '../../src/server/app.js';
import type { Verifier } from '../../src/server/authentication/verify.js';
import { changeRelease } from '../support/release.js';
import { full } from './sample.js';
import { attacked } from './target.js';
import { exchange, message } from './wire.js';

/** Whoever counts attendances from the events waits for hours: their table is a view that repeats them without end. */
const endless = [
  'alter table fact_ed_attendance rename to real_attendance',
  'create view fact_ed_attendance as select a.* from real_attendance a, range(10000000) x, range(10000000) y',
];
const target = attacked(
  (settings) => ({ ...settings, overload: { ...settings.overload, connections: 60 } }),
  async (config) => {
    for (const sql of endless) await changeRelease(config, sql);
  },
);
const body = '{"query":"{ me { role } }"}';
const line = 'POST /graphql HTTP/1.1';
const base = (): string[] => [
  'Host: localhost',
  `Authorization: Bearer ${target().token('analyst')}`,
  'Content-Type: application/json',
];

/** Connections that this file has opened and the server still has. */
const openConnections = (): Promise<number> =>
  new Promise((resolve) => target().served.app.http.server.getConnections((_error, count) => resolve(count)));
async function untilClosed(): Promise<void> {
  for (let turn = 0; turn < 400 && (await openConnections()) > 0; turn += 1) await pause(10);
  expect(await openConnections()).toBe(0);
}

/** Milliseconds until the engine has left every statement. */
async function msUntilIdle(): Promise<number> {
  const began = performance.now();
  while (target().served.parts.warehouse.running() > 0 && performance.now() - began < 5_000) await pause(5);
  return performance.now() - began;
}

describe('a caller who goes away', () => {
  const post = (text: string, headers = base()): string =>
    message(line, [...headers, `Content-Length: ${text.length}`], text);
  const asked: readonly ((at: number) => string)[] = [
    (at) =>
      post(
        JSON.stringify({
          query: `{ b${at}: episodes(first: 200) { nodes { losDays patient { ageBand } } } }`,
        }),
      ),
    () => post(body, ['Host: localhost', 'Content-Type: application/json']),
    () => post('{', ['Host: localhost', 'Content-Type: application/json']),
    () => message('GET /metrics HTTP/1.1', ['Host: localhost']),
    () => message('GET /readyz HTTP/1.1', ['Host: localhost']),
    () => message('GET /nothing HTTP/1.1', ['Host: localhost']),
    () => post(body) + post(body) + post(body),
  ];
  const leave = async (texts: readonly string[], ms: number): Promise<void> => {
    const sockets = texts.map((text) => {
      const socket = connect(target().served.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(Buffer.from(text));
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    if (ms > 0) await pause(ms);
    for (const [at, socket] of sockets.entries()) {
      if (at % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
    await untilClosed();
  };

  it.each([0, 0, 1, 2, 5, 10, 20, 60])('%i ms after the request leaves nothing running', async (ms) => {
    const texts = Array.from({ length: 28 }, (_none, at) => asked[at % asked.length]!(ms * 100 + at));
    await leave([...texts, ...texts], ms);
    expect(await msUntilIdle()).toBeLessThan(1_000);
  });

  it.each([0, 0, 0, 1, 2, 5, 50])('%i ms after one that would take hours stops it', async (ms) => {
    const query = `{ c${ms}: edWaits(by: [TRIAGE, WEEKDAY]) { nodes { attendances } } }`;
    const headers = base().map((header) =>
      header.startsWith('Authorization') ? `Authorization: Bearer ${target().token('operations')}` : header,
    );
    await leave(
      [1, 2, 3, 4].map(() => post(JSON.stringify({ query }), headers)),
      ms,
    );
    await pause(100);
    expect(await msUntilIdle()).toBeLessThan(1_000);
  });

  it('while the token is looked at leaves nothing running', async () => {
    const { parts } = target().served;
    // As where the keys of the tenant have to be fetched.
    const verifier: Verifier = {
      remembered: () => undefined,
      async verify(rawHeaders) {
        await pause(150);
        return parts.verifier.verify(rawHeaders);
      },
    };
    const app = await createApp({ ...parts, verifier });
    await app.http.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.http.server.address() as AddressInfo;
    const query = '{ edWaits(by: [TRIAGE, DESTINATION]) { nodes { attendances } } }';
    const headers = [
      'Host: localhost',
      `Authorization: Bearer ${target().token('operations')}`,
      'Content-Type: application/json',
    ];
    await exchange(port, [post(JSON.stringify({ query }), headers)], { quiet: 50 });
    await pause(300);
    expect(await msUntilIdle()).toBeLessThan(1_000);
    await app.http.close();
  });

  it.each<[string, () => string]>([
    ['in the line', () => 'POST /gra'],
    ['in the headers', () => `${line}\r\nHost: local`],
    ['after the headers', () => message(line, [...base(), 'Content-Length: 100'])],
    ['in the body', () => message(line, [...base(), 'Content-Length: 100'], body)],
    ['in a chunk', () => message(line, [...base(), 'Transfer-Encoding: chunked'], '1b\r\n{"que')],
    ['before anything', () => ''],
  ])('%s is forgotten', async (_where, text) => {
    for (const half of [true, false]) {
      await exchange(target().served.port, [text()], { quiet: 30, half });
      await untilClosed();
    }
  });
});

it('serves whoever closes only the own side', async () => {
  const { answers } = await exchange(
    target().served.port,
    [message(line, [...base(), `Content-Length: ${body.length}`], body)],
    { half: true, quiet: 3_000 },
  );
  expect(answers.length).toBeLessThanOrEqual(1);
  for (const { status } of answers) expect(status).toBe(200);
  await untilClosed();
});

it('takes no more connections than it may, and those again that are given back', async () => {
  const sockets: Socket[] = [];
  for (let at = 0; at < 120; at += 1) {
    const socket = connect(target().served.port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
  }
  await pause(300);
  expect(await openConnections()).toBeLessThanOrEqual(60);
  for (const socket of sockets) socket.destroy();
  await untilClosed();
});

it('expects a body only where it takes the request', async () => {
  const expects = (more: readonly string[]): string => message(line, [...base(), ...more]);
  const go = await exchange(
    target().served.port,
    [expects([`Content-Length: ${body.length}`, 'Expect: 100-continue', 'Connection: close']), 100, body],
    { quiet: 2_000 },
  );
  expect(go.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  const unknown = await exchange(
    target().served.port,
    [expects([`Content-Length: ${body.length}`, 'Expect: 200-ok', 'Connection: close']), 50, body],
    { quiet: 1_000 },
  );
  expect(unknown.text.startsWith('HTTP/1.1 417') || unknown.text.startsWith('HTTP/1.1 200')).toBe(true);
  const large = await exchange(
    target().served.port,
    [expects(['Content-Length: 99999999', 'Expect: 100-continue'])],
    { quiet: 1_000 },
  );
  expect(large.text).toMatch(/HTTP\/1\.1 413 /);
  expect(large.closed).toBe(true);
});

it('is no other protocol, whatever it is asked to become', async () => {
  for (const protocol of ['websocket', 'h2c', 'TLS/1.0', 'graphql-ws']) {
    const upgrade = [
      'Connection: Upgrade, HTTP2-Settings',
      `Upgrade: ${protocol}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    ];
    const { text } = await exchange(
      target().served.port,
      [message('GET /graphql HTTP/1.1', ['Host: localhost', ...upgrade])],
      { quiet: 500 },
    );
    expect([protocol, text.slice(0, 12)]).toEqual([protocol, 'HTTP/1.1 405']);
    expect(text).not.toMatch(/ 101 |upgrade:|sec-websocket/i);
  }
});

it('has time-outs for headers, requests and what is idle', () => {
  const { server } = target().served.app.http;
  expect({
    headers: server.headersTimeout,
    request: server.requestTimeout,
    idle: server.keepAliveTimeout,
    requests: server.maxRequestsPerSocket,
    connections: server.maxConnections,
  }).toEqual({ headers: 10_000, request: 20_000, idle: 5_000, requests: 10_000, connections: 60 });
});

describe('a caller who is slow', () => {
  const isQuick = !full;
  const drip = (text: string, every: number): (string | number)[] =>
    [...text].flatMap((letter) => [letter, every]);
  it('and idle is let go after five seconds', async () => {
    const good = message(line, [...base(), `Content-Length: ${body.length}`], body);
    const { answers, closed, ms } = await exchange(target().served.port, [good], { quiet: 12_000 });
    expect([answers.length, closed, ms > 4_000, ms < 9_000]).toEqual([1, true, true, true]);
  });
  (isQuick ? it.skip : it)('with headers is let go after ten seconds', async () => {
    const slow = drip(`${line}\r\n${base().join('\r\n')}\r\nX-Slow: ${'a'.repeat(200)}`, 100);
    const { text, closed, ms } = await exchange(target().served.port, slow.slice(0, 300), { quiet: 30_000 });
    expect([text.slice(0, 12), closed, ms < 16_000]).toEqual(['HTTP/1.1 408', true, true]);
  });
  (isQuick ? it.skip : it)('with a body is let go after twenty seconds', async () => {
    const slow = [message(line, [...base(), 'Content-Length: 100']), ...drip('{"query":"', 1_000)];
    const { text, closed, ms } = await exchange(target().served.port, slow, { quiet: 30_000 });
    expect([text.slice(0, 12), closed, ms < 27_000]).toEqual(['HTTP/1.1 408', true, true]);
  });
  (isQuick ? it.skip : it)('fifty at once keep nobody else out', async () => {
    const slow = Array.from({ length: 50 }, () =>
      exchange(target().served.port, drip(`${line}\r\nHost: `, 200), { quiet: 20_000 }),
    );
    for (let turn = 0; turn < 20; turn += 1) {
      const { status, ms } = await target().ask('analyst', `{ c${turn}: edWaits { totalCount } }`);
      expect([status, ms < 2_000]).toEqual([200, true]);
      await pause(100);
    }
    for (const { closed } of await Promise.all(slow)) expect(closed).toBe(true);
  });
});
