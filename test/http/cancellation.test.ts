import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RequestRecord } from '../../src/audit/record.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import { ensureHome } from '../../src/config/home.js';
import { MaplewoodError } from '../../src/errors.js';
import type { ReleaseHandle, Warehouse } from '../../src/warehouse/warehouse.js';
import { recordsIn } from '../audit/records.js';
import { makeWorld, publish } from '../loaders/world.js';
import { configAt } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { type ServedApp, servedApp } from '../support/served-app.js';

const folder = temporaryFolder();
let config: Config;
let warehouse: Warehouse;

/** Whoever counts attendances from the events waits for hours: their table is a view that repeats them without end. */
const endless = [
  'alter table fact_ed_attendance rename to real_attendance',
  'create view fact_ed_attendance as select a.* from real_attendance a, range(10000000) x, range(10000000) y',
];

beforeAll(async () => {
  config = configAt(join(folder, 'home'));
  ensureHome(config.home);
  const world = makeWorld(1, {
    name: 'slow',
    first: '2023-01-02',
    days: 9,
    patients: 20,
    spells: 30,
    attendances: 60,
  });
  warehouse = await publish(world, join(folder, 'release'), endless);
}, 60_000);
afterAll(() => warehouse?.close());

/** Waits until the engine has left every statement; the milliseconds that it took. */
async function untilIdle(): Promise<number> {
  const start = performance.now();
  while (warehouse.running() > 0 && performance.now() - start < 5_000) await pause(5);
  return performance.now() - start;
}

async function untilBusy(): Promise<void> {
  for (let turn = 0; turn < 400 && warehouse.running() === 0; turn++) await pause(5);
  expect(warehouse.running()).toBeGreaterThan(0);
}

describe('a heavy statement', () => {
  const heavy = {
    sql: 'select count(*) as n from range(10000000) a, range(10000000) b where (a.range * b.range) % 7 = 3',
    parameters: [],
  };
  const light = { sql: 'select count(*) as n from dim_trust', parameters: [] };
  const output = [{ name: 'n', type: { kind: 'int64' } }] as const;
  let handle: ReleaseHandle;
  beforeEach(() => {
    handle = warehouse.open();
  });
  afterEach(() => handle.close());

  const codeOf = (reading: Promise<unknown>): Promise<string> =>
    reading.then(
      () => 'an answer',
      (error: unknown) => (error instanceof MaplewoodError ? error.code : String(error)),
    );

  it.each([
    ['at the deadline', new MaplewoodError('DEADLINE_EXCEEDED'), 'DEADLINE_EXCEEDED'],
    ['when the caller goes away', new MaplewoodError('REQUEST_CANCELLED'), 'REQUEST_CANCELLED'],
    ['when it is given up for no stated reason', undefined, 'REQUEST_CANCELLED'],
  ])('stops within a second %s, and its connection can be used again', async (_when, reason, code) => {
    const controller = new AbortController();
    const reading = codeOf(handle.read(heavy, output, { signal: controller.signal }));
    await pause(200);
    expect(warehouse.running()).toBe(1);
    const start = performance.now();
    controller.abort(reason);
    expect(await reading).toBe(code);
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(warehouse.running()).toBe(0);
    for (let turn = 0; turn < 6; turn++) {
      const { rowCount } = await handle.read(light, output, { signal: new AbortController().signal });
      expect(rowCount).toBe(1);
    }
  });

  it('stops when it is given up at the very moment at which it begins', async () => {
    for (let turn = 0; turn < 40; turn++) {
      const controller = new AbortController();
      const reading = codeOf(handle.read(heavy, output, { signal: controller.signal }));
      if (turn % 4 > 0) await pause(turn % 4);
      else await new Promise(setImmediate);
      const start = performance.now();
      controller.abort();
      expect(await reading).toBe('REQUEST_CANCELLED');
      expect(performance.now() - start).toBeLessThan(1_000);
    }
  });

  it('does not begin for a caller who has gone already', async () => {
    expect(await codeOf(handle.read(heavy, output, { signal: AbortSignal.abort() }))).toBe(
      'REQUEST_CANCELLED',
    );
    expect(warehouse.running()).toBe(0);
  });

  it('leaves the queue at once, and those that run alone', async () => {
    const controllers = [new AbortController(), new AbortController(), new AbortController()];
    const [a, b, waiting] = controllers.map(({ signal }) => codeOf(handle.read(heavy, output, { signal })));
    await pause(100);
    expect(warehouse.running()).toBe(2);
    controllers[2]!.abort(new MaplewoodError('DEADLINE_EXCEEDED'));
    expect(await waiting).toBe('DEADLINE_EXCEEDED');
    expect(warehouse.running()).toBe(2);
    // Look-ups do not wait behind them.
    expect((await handle.read(light, output, { lane: 'point' })).rowCount).toBe(1);
    for (const controller of controllers) controller.abort();
    expect(await Promise.all([a, b])).toEqual(['REQUEST_CANCELLED', 'REQUEST_CANCELLED']);
    expect(await untilIdle()).toBeLessThan(1_000);
  });
});

describe('a heavy request', () => {
  const heavy = '{ edWaits(by: [TRIAGE, WEEKDAY]) { nodes { attendances } } }';
  const light = '{ lengthOfStay { nodes { discharges } } }';

  const serve = (deadlineMs: number): Promise<ServedApp> =>
    servedApp(config, () => ({
      warehouse,
      settings: { ...config.settings, limits: { ...config.settings.limits, deadlineMs } },
    }));

  /** The request, and its answer; undefined where the connection broke. */
  function send(port: number, query: string) {
    const request = httpRequest({
      port,
      method: 'POST',
      path: '/graphql',
      agent: false,
      headers: {
        authorization: `Bearer ${developmentToken(config, ['operations'], ['RA1', 'RB2'] as never)}`,
        'content-type': 'application/json',
      },
    });
    const answer = new Promise<{ status: number | undefined; body: string } | undefined>((resolve) => {
      request.on('error', () => resolve(undefined));
      request.on('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode, body }));
        response.on('error', () => resolve(undefined));
      });
    });
    request.end(JSON.stringify({ query }));
    return { request, answer };
  }

  it('stops within a second of the deadline and says so', async () => {
    const { port, close } = await serve(300);
    try {
      expect((await send(port, light).answer)?.status).toBe(200);
      const start = performance.now();
      const answer = await send(port, heavy).answer;
      expect(performance.now() - start).toBeLessThan(1_300);
      expect([answer?.status, JSON.parse(answer!.body).errors[0].extensions.code]).toEqual([
        422,
        'DEADLINE_EXCEEDED',
      ]);
      expect(warehouse.running()).toBe(0);
      expect((await send(port, light).answer)?.status).toBe(200);
    } finally {
      await close();
    }
  });

  it('stops within a second of its client going away, is recorded, and others go on', async () => {
    const { port, parts, close } = await serve(20_000);
    try {
      for (let turn = 0; turn < 3; turn++) {
        const { request, answer } = send(port, heavy);
        await untilBusy();
        request.destroy();
        expect(await answer).toBeUndefined();
        expect(await untilIdle()).toBeLessThan(1_000);
      }
      expect((await send(port, light).answer)?.status).toBe(200);
      await parts.audit.log.flush();
      const outcomes = recordsIn(config.home.audit).flatMap((record) =>
        record.kind === 'request' ? [(record as unknown as RequestRecord).outcome] : [],
      );
      expect(outcomes.slice(-4)).toEqual(['cancelled', 'cancelled', 'cancelled', 'answered']);
    } finally {
      await close();
    }
  });

  it('stops when the server is told to stop at once', async () => {
    const { app, port, close } = await serve(20_000);
    const { answer } = send(port, heavy);
    await untilBusy();
    app.abort();
    await answer;
    expect(await untilIdle()).toBeLessThan(1_000);
    await close();
  });
});
