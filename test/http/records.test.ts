import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import type { Role } from '../../src/access/role.js';
import type { RequestRecord } from '../../src/audit/record.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { type ServedApp, servedApp } from '../support/served-app.js';

const folder = temporaryFolder();
let config: Config;
let served: ServedApp;
const lines: string[] = [];

beforeAll(async () => {
  ({ config } = await loadedHome(folder, { patients: 1_500 }, { measuresAlone: true }));
  served = await servedApp(config, undefined, { log: { write: (line) => lines.push(line) } });
}, 120_000);
afterAll(() => served?.close());

const tokens = new Map<Role, string>();
const tokenOf = (role: Role): string => {
  const known = tokens.get(role) ?? developmentToken(config, [role], undefined);
  tokens.set(role, known);
  return known;
};
const ask = (role: Role, query: string, variables: object = {}) =>
  supertest(served.url)
    .post('/graphql')
    .set('authorization', `Bearer ${tokenOf(role)}`)
    .send({ query, variables });

/** The records of requests so far, those that wait among them. */
async function records(): Promise<RequestRecord[]> {
  await served.parts.audit.log.flush();
  return readdirSync(config.home.audit)
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
    .flatMap((name) => readFileSync(join(config.home.audit, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line).r)
    .filter(({ kind }) => kind === 'request');
}

/** The records of what is sent in the meantime. */
async function recordsOf(send: () => Promise<unknown>): Promise<RequestRecord[]> {
  const before = (await records()).length;
  await send();
  return (await records()).slice(before);
}

describe('the record of a request', () => {
  it('says who read what of an aggregate, and of one that is given again', async () => {
    const query =
      'query Waits($t: [String!]) { edWaits(by: [TRUST], where: { attendances: { gte: 1 }, trustCode: { in: $t } }) { nodes { within4HoursPct } } }';
    const trusts = (
      await ask('analyst', '{ edWaits(by: [TRUST]) { nodes { trustCode } } }')
    ).body.data.edWaits.nodes.map(({ trustCode }: { trustCode: string }) => trustCode);
    const [first, second] = await recordsOf(async () => {
      await ask('analyst', query, { t: trusts });
      await ask('analyst', query, { t: trusts });
    });
    const { rows } = first!;
    expect(rows).toBe(trusts.length);
    expect(first).toMatchObject({
      outcome: 'answered',
      principal: {
        azp: expect.any(String),
        oid: expect.any(String),
        tid: expect.any(String),
        role: 'analyst',
        idtyp: 'user',
      },
      purpose: 'HRESCH',
      op: { kind: 'query', name: 'Waits', variablesHmac: expect.stringMatching(/^[0-9a-f]{64}$/) },
      columns: expect.arrayContaining([
        { name: 'EdWaits.within4HoursPct', class: 'Q' },
        { name: 'EdWaits.trustCode', class: 'O' },
        { name: 'EdWaits.attendances', class: 'Q' },
      ]),
      tables: expect.arrayContaining(['mart_ed_waits']),
      rowScope: 'all',
      profile: 'rows',
      sdc: { cells: expect.any(Number), suppressed: expect.any(Number) },
      release: 1,
    });
    expect(first!.patients).toBeUndefined();
    expect(first!.op!['document']).not.toContain('1 }');
    const own = ['requestId', 'ms', 'seq', 'ts', 'mono', 'waited'];
    const withoutOwn = (record: object): object =>
      Object.fromEntries(Object.entries(record).filter(([name]) => !own.includes(name)));
    expect(withoutOwn(second!)).toEqual({ ...withoutOwn(first!), cached: true });
  });

  interface Node {
    readonly patientId: string;
    readonly patient: { readonly episodes: { readonly nodes: readonly object[] } } | null;
  }

  it('counts the patients of rows, each once, nested rows among the rows', async () => {
    const query =
      '{ episodes(first: 20) { nodes { patientId patient { episodes(first: 2) { nodes { losDays } } } } } }';
    let nodes: readonly Node[] = [];
    const [record] = await recordsOf(async () => {
      ({ nodes } = (await ask('analyst', query)).body.data.episodes);
    });
    const people = new Set(nodes.map(({ patientId }) => patientId));
    const below = nodes.reduce(
      (sum, { patient }) => sum + (patient ? 1 + patient.episodes.nodes.length : 0),
      0,
    );
    expect(record).toMatchObject({
      patients: { count: people.size, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      tables: expect.arrayContaining(['fact_spell', 'dim_patient']),
    });
    expect(record!.rows).toBeGreaterThanOrEqual(nodes.length);
    expect(record!.rows).toBeLessThanOrEqual(nodes.length + below);
  });

  it('is there of what is refused: by token, role, limits and schema', async () => {
    const post = () => supertest(served.url).post('/graphql');
    const found = await recordsOf(async () => {
      await post().send({ query: '{ me { role } }' });
      await post().set('authorization', 'Bearer x.y.z').send({ query: '{ me { role } }' });
      await post()
        .set('authorization', `Bearer ${tokenOf('analyst')}`)
        .set('x-maplewood-role', 'admin')
        .send({ query: '{ me { role } }' });
      await ask('analyst', '{ nothing }');
      await ask('analyst', `{ ${'a: __typename '.repeat(31)} }`);
      await ask('analyst', '{ episodes(first: 0) { totalCount } }');
      await ask('analyst', '{');
      await post()
        .set('authorization', `Bearer ${tokenOf('analyst')}`)
        .set('content-type', 'application/json')
        .send('{');
    });
    expect(found.map(({ outcome, code, principal }) => [outcome, code, principal?.role ?? null])).toEqual([
      ['refused', 'UNAUTHENTICATED', null],
      ['refused', 'UNAUTHENTICATED', null],
      ['refused', 'NO_ROLE', null],
      ['refused', 'GRAPHQL_VALIDATION_FAILED', 'analyst'],
      ['refused', 'QUERY_TOO_COMPLEX', null],
      ['refused', 'BAD_USER_INPUT', 'analyst'],
      ['refused', 'GRAPHQL_PARSE_FAILED', 'analyst'],
      ['refused', 'BAD_USER_INPUT', null],
    ]);
    expect(found.slice(0, 2).map(({ principal }) => principal)).toEqual([null, null]);
    expect(found.slice(2).every(({ principal }) => principal?.oid !== undefined)).toBe(true);
  });

  it('has the trace of the caller, if that is one', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const found = await recordsOf(async () => {
      await ask('analyst', '{ me { role } }').set('traceparent', traceparent);
      await ask('analyst', '{ me { role } }').set('traceparent', 'PAT_000123');
    });
    expect(found.map((one) => one.traceparent)).toEqual([traceparent, undefined]);
  });

  it('is none of a look at the health, nor of another address', async () => {
    const found = await recordsOf(async () => {
      for (const path of ['/livez', '/readyz', '/metrics', '/nothing']) await supertest(served.url).get(path);
    });
    expect(found).toEqual([]);
  });

  it('of a flood without a token ends at the rate of its address', async () => {
    const slow = { ...config.settings.overload, requestsPerSecond: 1, burst: 3 };
    await served.close();
    served = await servedApp(config, () => ({ settings: { ...config.settings, overload: slow } }), {
      log: { write: (line) => lines.push(line) },
    });
    const found = await recordsOf(async () => {
      for (let turn = 0; turn < 20; turn += 1)
        expect((await supertest(served.url).post('/graphql').send({ query: '{ me { role } }' })).status).toBe(
          401,
        );
    });
    expect(found.length).toBeGreaterThanOrEqual(3);
    expect(found.length).toBeLessThan(8);
    await served.close();
    served = await servedApp(config, undefined, { log: { write: (line) => lines.push(line) } });
  });
});

describe('what the server keeps and tells of its requests', () => {
  it('holds nothing that was sent or shown', async () => {
    const secret = [
      '9434765919',
      'PAT_000123',
      'LS1 4AP',
      'jo.smith@example.org',
      'not-a-code-4711',
      '2031-07-09',
    ];
    const rows = (await ask('analyst', '{ episodes(first: 5) { nodes { id patientId } } }')).body.data
      .episodes.nodes;
    for (const value of secret) {
      await ask(
        'analyst',
        'query ($v: String!) { edWaits(by: [TRUST], where: { trustCode: { eq: $v } }) { totalCount } }',
        { v: value },
      );
      await ask(
        'analyst',
        `{ edWaits(by: [TRUST], where: { trustCode: { eq: ${JSON.stringify(value)} } }) { totalCount } }`,
      );
      await ask('analyst', `{ patient(id: ${JSON.stringify(value)}) { patientId } }`);
      await ask('analyst', `{ a(b: ${JSON.stringify(value)}) }`);
      await ask('analyst', 'query ($v: Int!) { episodes(first: $v) { totalCount } }', { v: value });
      await ask('analyst', '{ me { role } }').set('x-maplewood-purpose', value).set('traceparent', value);
      await supertest(served.url)
        .post(`/${encodeURIComponent(value)}`)
        .set('authorization', `Bearer ${value}`);
    }
    for (const { id, patientId } of rows)
      await ask('analyst', `{ patient(id: "${patientId}") { patientId episodes { nodes { id } } } }`).set(
        'x-note',
        id,
      );
    await records();
    const metrics = (await supertest(served.url).get('/metrics')).text;
    const kept = [
      ...['audit', 'state', 'tmp'].flatMap((name) => filesIn(join(config.home.root, name))),
      ...lines,
      metrics,
    ].join('\n');
    expect(metrics).toContain('maplewood_requests_total');
    expect(lines.length).toBeGreaterThan(20);
    const values = [
      ...secret,
      ...rows.flatMap(({ id, patientId }: { id: string; patientId: string }) => [id, patientId]),
      ...tokens.values(),
      ...[...tokens.values()].map((token) => token.split('.')[2]!),
    ];
    for (const value of values)
      for (const form of [
        value,
        Buffer.from(value).toString('base64').replace(/=+$/, ''),
        Buffer.from(value).toString('hex'),
      ])
        expect([form, kept.includes(form)]).toEqual([form, false]);
  });
});

const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
