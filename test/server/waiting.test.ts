import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Listening, listen } from '../../src/commands/serve.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import { loadedHome, quiet } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { answer, type Held, standInVault } from '../support/vault.js';

const folder = temporaryFolder();
let home: Config;
let token: string;

beforeAll(async () => {
  home = (await loadedHome(folder, {}, { measuresAlone: true })).config;
  token = developmentToken(home, ['analyst'], undefined);
}, 180_000);

/** 32 bytes that are no published key. */
const key = (start: number): string =>
  Buffer.from(Array.from({ length: 32 }, (_, at) => (start + 7 * at) % 256)).toString('base64');
const whole: Readonly<Record<string, Held>> = {
  'maplewood-token-a1': key(1),
  'maplewood-cursor': key(2),
  'maplewood-audit': key(3),
  'maplewood-deployment-id': 'where-it-runs',
};
const values = Object.values(whole).map((value) => String(value).slice(0, 12));

const started: (() => Promise<void>)[] = [];
// One that a failed test leaves behind would hold the lease of the audit.
afterEach(async () => {
  await Promise.allSettled(started.splice(0).map((end) => end()));
});

interface Started extends Listening {
  /** Everything that the operator was told. */
  said(): string;
  stop(): Promise<void>;
}

async function start(config: Config, json = false): Promise<Started> {
  let said = '';
  const stop = new AbortController();
  const err = (text: string): void => {
    said += text;
  };
  const context = { ...quiet(stop.signal), err };
  const server = await listen(config, context, json);
  const ended = server.untilStopped();
  ended.catch(() => undefined);
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  started.push(end);
  return { url: server.url, untilStopped: () => ended, said: () => said, stop: end };
}

/** A port of this machine at which nothing listens. */
async function freePort(): Promise<number> {
  const vault = await standInVault();
  await vault.close();
  return vault.port;
}

const withVault = (port: number, more: Partial<Config> = {}): Config => ({
  ...home,
  ...more,
  keyVaultUrl: `http://127.0.0.1:${port}`,
});

const question = JSON.stringify({ query: '{ bedOccupancy(first: 1) { nodes { period } } }' });
const headers = (): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
});
const ask = (url: string, body = question): Promise<Response> =>
  fetch(`${url}/graphql`, { method: 'POST', headers: headers(), body });
const statusOf = async (url: string): Promise<number> => {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
};

async function until(is: () => Promise<boolean> | boolean, patience = 20_000): Promise<void> {
  const began = performance.now();
  while (!(await is())) {
    if (performance.now() - began > patience) throw new Error('it does not come');
    await pause(20);
  }
}
/** All that comes back for what is no request of HTTP, answer by answer. */
async function malformed(url: string): Promise<string[]> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (more: Buffer) => {
    text += more.toString();
  });
  socket.write('GIMME\r\n\r\n');
  await once(socket, 'close');
  return text.split(/(?=HTTP\/1\.1 )/);
}

const isReady = (url: string) => until(async () => (await statusOf(`${url}/readyz`)) === 200);

describe('a server whose vault is out of reach', () => {
  it('lives and is not ready', async () => {
    const { url, stop } = await start(withVault(await freePort()));
    expect(await (await fetch(`${url}/livez`)).json()).toEqual({ status: 'live' });
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'not ready' }]);
    await stop();
  });

  it('refuses everything else in the form of its address, and says when to ask again', async () => {
    const { url, stop } = await start(withVault(await freePort()));
    const asked: [string, RequestInit][] = [
      ['/graphql', { method: 'POST', headers: headers(), body: question }],
      ['/graphql', { method: 'POST', headers: headers(), body: '{"no' }],
      ['/graphql', { method: 'POST', body: 'x'.repeat(1_000_000) }],
      ['/graphql', {}],
      ['/metrics', {}],
      ['/.well-known/jwks.json', {}],
      ['/livez', { method: 'POST' }],
      ['/nothing', { method: 'DELETE' }],
      ['/%zz', {}],
    ];
    for (const [path, init] of asked) {
      const response = await fetch(url + path, init);
      expect([path, response.status]).toEqual([path, 503]);
      expect(response.headers.get('retry-after')).toMatch(/^[12]$/);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(await response.json()).toEqual({
        errors: [
          {
            message: expect.stringMatching(/^The keys cannot be read .*\. Try again/),
            extensions: { code: 'KEY_UNAVAILABLE', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
          },
        ],
      });
    }
    for (const path of ['/cds-services', '/cds-services/maplewood-patient-view']) {
      const response = await fetch(url + path, { method: path.length > 14 ? 'POST' : 'GET' });
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
      expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(await response.json()).toMatchObject({ status: 503, code: 'KEY_UNAVAILABLE' });
    }
    await stop();
  });

  it('refuses what is no request of HTTP as ever', async () => {
    const { url, stop } = await start(withVault(await freePort()));
    expect(await malformed(url)).toEqual([expect.stringMatching(/^HTTP\/1\.1 400 .*BAD_USER_INPUT/s)]);
    await stop();
  });

  it.each([401, 403, 429, 500])('waits where it answers %d', async (status) => {
    const vault = await standInVault(whole);
    vault.instead = (_, response) => {
      answer(response, status, {});
      return true;
    };
    const { url, stop, said } = await start(withVault(vault.port));
    expect((await ask(url)).status).toBe(503);
    expect(said()).toContain(`status ${status}`);
    vault.instead = undefined;
    await isReady(url);
    await stop();
    await vault.close();
  });

  it('tells the operator once of each reason, and when it is over', async () => {
    const vault = await standInVault(whole);
    vault.instead = (_, response) => {
      answer(response, 500, {});
      return true;
    };
    const { url, stop, said } = await start(withVault(vault.port));
    await until(() => vault.asked.length >= 3);
    expect(said()).toMatch(/^The Key Vault http:\S+ fails \(status 500\)\. .* Nothing is served until .*\n$/);
    vault.instead = undefined;
    await isReady(url);
    expect(said().match(/The keys were read/g)).toHaveLength(1);
    await stop();
    for (const value of values) expect(said()).not.toContain(value);
    await vault.close();
  });

  it('tells the log', async () => {
    const port = await freePort();
    const { url, stop, said } = await start(withVault(port), true);
    const vault = await standInVault(whole, { port });
    await isReady(url);
    await stop();
    const lines = said()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ event }) => event === 'keys')).toMatchObject([
      {
        level: 'warn',
        state: 'unavailable',
        error: { code: expect.stringMatching(/^(KEY_UNAVAILABLE|ECONNREFUSED)$/) },
      },
      { level: 'warn', state: 'available' },
    ]);
    const states = lines.filter(({ event }) => event === 'server').map(({ state }) => state);
    expect(states).toEqual(['listening', 'stopping', 'stopped']);
    for (const value of values) expect(said()).not.toContain(value);
    await vault.close();
  });

  it('asks less and less often, and says so to callers', async () => {
    const vault = await standInVault(whole);
    const at: number[] = [];
    vault.instead = (_, response) => {
      at.push(performance.now());
      answer(response, 503, {});
      return true;
    };
    const { url, stop } = await start(withVault(vault.port));
    await until(() => at.length === 4);
    await pause(50);
    expect((await ask(url)).headers.get('retry-after')).toMatch(/^[234]$/);
    const gaps = at.slice(1).map((time, index) => time - at[index]!);
    // No less than these, however busy the machine is: half a second, twice that, four times, less a fifth.
    for (const [index, least] of [390, 790, 1_590].entries()) expect(gaps[index]).toBeGreaterThan(least);
    await stop();
    await vault.close();
  });

  it('takes no port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(start(withVault(await freePort(), { port }))).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('keys that come', () => {
  it('are served with by itself, on the same port and with everything', async () => {
    const port = await freePort();
    const { url, stop } = await start(withVault(port));
    expect((await ask(url)).status).toBe(503);
    const vault = await standInVault(whole, { port });
    await isReady(url);
    const response = await ask(url);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ data: { bedOccupancy: { nodes: [expect.anything()] } } });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('maplewood_requests_total');
    expect(await statusOf(`${url}/cds-services`)).toBe(401);
    expect(await malformed(url)).toEqual([expect.stringMatching(/^HTTP\/1\.1 400 .*BAD_USER_INPUT/s)]);
    expect(vault.asked).not.toContain('/secrets/maplewood-warehouse');
    // The key of the development issuer is none of those that a vault holds, that of the warehouse was made by the load.
    expect(readdirSync(home.home.keys).sort()).toEqual(['development-issuer.pem', 'warehouse.key']);
    await stop();
    await vault.close();
  });

  it('serve on when the vault goes away', async () => {
    const vault = await standInVault(whole);
    const { url, stop, said } = await start(withVault(vault.port));
    await isReady(url);
    await vault.close();
    const asked = vault.asked.length;
    for (let turn = 0; turn < 5; turn += 1) {
      expect((await ask(url)).status).toBe(200);
      await pause(100);
    }
    expect(await statusOf(`${url}/readyz`)).toBe(200);
    expect(vault.asked).toHaveLength(asked);
    expect(said()).not.toContain('Key Vault');
    await stop();
  });

  it('lose no request and no connection', async () => {
    const port = await freePort();
    const { url, stop } = await start(withVault(port));
    const seen: { status: number; code: string }[] = [];
    const broken: unknown[] = [];
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) {
        try {
          const response = await ask(url);
          const body = (await response.json()) as { errors?: { extensions: { code: string } }[] };
          seen.push({ status: response.status, code: body.errors?.[0]?.extensions.code ?? '' });
        } catch (error) {
          broken.push(error);
        }
      }
    };
    /** A connection of its own each time. */
    const newcomer = async (): Promise<void> => {
      while (!isOver)
        await new Promise<void>((resolve) => {
          const asked = httpRequest(`${url}/livez`, { agent: false }, (response) => {
            response.resume().on('end', resolve);
            if (response.statusCode !== 200) broken.push(response.statusCode);
          });
          asked.on('error', (error) => {
            broken.push(error);
            resolve();
          });
          asked.end();
        });
    };
    const clients = [client(), client(), client(), client(), newcomer(), newcomer()];
    await pause(200);
    const vault = await standInVault(whole, { port });
    await isReady(url);
    await pause(300);
    isOver = true;
    await Promise.all(clients);
    expect(broken).toEqual([]);
    const kinds = new Set(seen.map(({ status, code }) => `${status} ${code}`));
    expect(kinds).toEqual(new Set(['503 KEY_UNAVAILABLE', '200 ']));
    const firstAnswer = seen.findIndex(({ status }) => status === 200);
    // Of four that ask at once each may have been refused in the same moment.
    const late = seen.slice(firstAnswer + 4).filter(({ status }) => status === 503);
    expect(late).toEqual([]);
    await stop();
    await vault.close();
  }, 30_000);

  it('answer a request that had begun before, on its connection', async () => {
    const port = await freePort();
    const { url, stop } = await start(withVault(port));
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (more: Buffer) => {
      text += more.toString();
    });
    const head = (length: number) =>
      `POST /graphql HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
    socket.write(head(question.length) + question);
    await until(() => text.includes('KEY_UNAVAILABLE'));
    // The next one on the same connection, of which the head is not whole yet.
    text = '';
    socket.write(head(question.length).slice(0, 40));
    const vault = await standInVault(whole, { port });
    await isReady(url);
    socket.write(head(question.length).slice(40) + question);
    await until(() => text.includes('"bedOccupancy"'));
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
    await stop();
    await vault.close();
  });

  it('that are wrong end the process as at any start', async () => {
    const port = await freePort();
    const { url, untilStopped } = await start(withVault(port));
    expect((await ask(url)).status).toBe(503);
    const vault = await standInVault({ ...whole, 'maplewood-cursor': 'no key' }, { port });
    await expect(untilStopped()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      exitCode: 2,
      message: expect.stringMatching(/secret maplewood-cursor .* is not written in base64\. Set it/),
    });
    await expect(fetch(`${url}/livez`)).rejects.toThrow('fetch failed');
    await vault.close();
  });

  it.each(Object.keys(whole))('without %s end a start', async (name) => {
    const vault = await standInVault({ ...whole });
    vault.held.delete(name);
    await expect(start(withVault(vault.port))).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining(`is missing (secret ${name} of ${vault.url}). Restore`),
    });
    await vault.close();
  });
});

describe('a server that is told to stop while it waits', () => {
  it('ends at once, between two tries', async () => {
    const vault = await standInVault(whole);
    vault.instead = (_, response) => {
      answer(response, 500, {});
      return true;
    };
    const { url, stop } = await start(withVault(vault.port));
    // The next try is more than three seconds away.
    await until(() => vault.asked.length === 4);
    const began = performance.now();
    await stop();
    expect(performance.now() - began).toBeLessThan(2_500);
    await expect(fetch(`${url}/livez`)).rejects.toThrow('fetch failed');
    await vault.close();
  });

  it('ends at once, in the middle of a try', async () => {
    const vault = await standInVault(whole);
    vault.instead = () => true;
    const stop = new AbortController();
    const began = performance.now();
    setTimeout(() => stop.abort(), 200);
    const server = await listen(withVault(vault.port), quiet(stop.signal), false);
    await server.untilStopped();
    expect(performance.now() - began).toBeLessThan(4_000);
    await vault.close();
  });

  it('answers for a moment longer, and says so', async () => {
    const { settings } = home;
    const notice = { settings: { ...settings, stop: { ...settings.stop, noticeMs: 300 } } };
    const { url, stop, said } = await start(withVault(await freePort(), notice));
    const before = Array.from({ length: 20 }, () => ask(url));
    const stopped = stop();
    const after = Array.from({ length: 20 }, () => ask(url));
    const answers = await Promise.all([...before, ...after]);
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(503));
    expect((await after[19]!).headers.get('connection')).toBe('close');
    await stopped;
    expect(said()).toContain('Stopping');
  });
});
