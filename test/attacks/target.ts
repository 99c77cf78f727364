import { request } from 'node:http';
import type { TrustCode } from '../../src/access/grant.js';
import { type Right, type Role, roleDeclarations } from '../../src/access/role.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import type { Settings } from '../../src/config/settings.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { type ServedApp, servedApp } from '../support/served-app.js';

/** Other parts and another clock for the server. */
type Others = Parameters<typeof servedApp> extends [Config, ...infer R] ? R : never;

/** An answer, and what it cost. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly ms: number;
}

/** A request that differs from a good one in what is given. A header that is undefined is not sent. */
export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  readonly body?: string | Buffer;
}

/** The server that a file attacks. */
export interface Target {
  readonly config: Config;
  readonly served: ServedApp;
  /** Trusts of the release, in order. */
  readonly trusts: readonly string[];
  /** Of a role with all trusts that it needs. */
  token(role: Role, rights?: readonly Right[], trusts?: readonly string[]): string;
  send(sent: Sent): Promise<Answer>;
  /** Sends one operation by the good road. */
  ask(role: Role, query: string, variables?: object, trusts?: readonly string[]): Promise<Answer>;
}

/** The server of a small home that other files load too, with other settings, and what else is done before it starts. */
export function attacked(
  changed: (settings: Settings) => Settings = (same) => same,
  prepare: (config: Config) => Promise<void> = async () => undefined,
  ...others: Others
): () => Target {
  let target: Target | undefined;
  // Before the folder is gone: what waits to be recorded is written on closing.
  afterAll(() => target?.served.close());
  const folder = temporaryFolder();
  beforeAll(async () => {
    const { config: loaded } = await loadedHome(folder, { patients: 1_500 });
    const config = { ...loaded, settings: changed(loaded.settings) };
    await prepare(config);
    target = await openTarget(config, ...others);
  }, 120_000);
  // Whatever was sent: it goes on, and nothing of it is left running.
  let turn = 0;
  let failed: string[] = [];
  afterEach(async () => {
    if (!target) return;
    const { parts } = target.served;
    turn += 1;
    // A name of its own, so that it is no kept answer.
    const { status, text } = await target.ask(
      'bi-reader',
      `{ good${turn}: edWaits(by: TRUST) { totalCount } }`,
    );
    expect([status, text]).toEqual([200, expect.stringContaining(`"good${turn}":{"totalCount":`)]);
    expect(parts.warehouse.running()).toBe(0);
    // Nothing has failed, of what nobody waited for either.
    const metrics = await target.send({
      method: 'GET',
      path: '/metrics',
      headers: { 'content-type': undefined },
    });
    expect(metrics.text).toContain('code="none"');
    const found = failures(metrics.text);
    const before = failed;
    failed = found;
    expect(found).toEqual(before);
  });
  return () => {
    if (!target) throw new Error('the server has not started');
    return target;
  };
}

/** Lines of the figures that count what failed through a defect. */
const failures = (figures: string): string[] =>
  figures.split('\n').filter((line) => /code="(INTERNAL|POLICY_VIOLATION|ANSWER_WITHHELD)"/.test(line));

async function openTarget(config: Config, ...others: Others): Promise<Target> {
  const served = await servedApp(config, ...others);
  const trusts: string[] = [];
  const tokens = new Map<string, string>();
  const target: Target = {
    config,
    served,
    trusts,
    token(role, rights = [], own = roleDeclarations[role].needsTrusts ? trusts : undefined) {
      const key = JSON.stringify([role, rights, own]);
      const token =
        tokens.get(key) ??
        developmentToken(config, [role, ...rights], own as readonly TrustCode[] | undefined);
      tokens.set(key, token);
      return token;
    },
    send: (sent) => send(served.port, sent),
    ask: (role, query, variables, own) =>
      send(served.port, {
        headers: { authorization: `Bearer ${target.token(role, [], own)}` },
        body: JSON.stringify({ query, variables }),
      }),
  };
  const { text } = await target.ask('bi-reader', '{ edWaits(by: TRUST) { nodes { trustCode } } }');
  const { nodes } = JSON.parse(text).data.edWaits as { nodes: { trustCode: string }[] };
  trusts.push(...nodes.map(({ trustCode }) => trustCode).sort());
  return target;
}

function send(
  port: number,
  { method = 'POST', path = '/graphql', headers = {}, body }: Sent,
): Promise<Answer> {
  const all = { 'content-type': 'application/json', ...headers };
  const given = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(
      { port, method, path, headers: Object.fromEntries(given), agent: false },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(parts).toString('utf8'),
            ms: performance.now() - began,
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
