import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { singleKey } from '../../src/server/authentication/keys.js';
import { bundle, call, condition, patient, stay, visit } from '../cds/hooks/builders.js';
import { encode, hmac, tokenOf } from '../server/authentication/builders.js';
import { ehr, ehrClaims, ehrHeader, ehrKeys, ehrKid, ehrToken } from '../server/cds-hooks/tokens.js';
import { type Answer, attacked, type Sent } from './target.js';
import { marker } from './verdict.js';

const keys = ehrKeys();
const client = ehr(['RAA']);
/** Before rules are past their review, whenever the tests are run. */
const at = Date.parse('2026-11-26T12:00:00Z');
const target = attacked(
  undefined,
  undefined,
  ({ cdsHooks }) => ({
    cdsHooks: {
      ...(cdsHooks as NonNullable<typeof cdsHooks>),
      clients: [{ client, keys: singleKey(ehrKid, keys.publicKey) }],
    },
  }),
  { now: () => new Date(at) },
);
const path = '/cds-services/maplewood-patient-view';
const audience = (of = path): string => `${target().served.url}${of}`;
const prefetch = { spell: bundle(stay('2026-11-01', '2026-11-02')), patient: patient() };

const post = (body: unknown, headers: Sent['headers'] = {}, to = path): Promise<Answer> =>
  target().send({
    path: to,
    headers: { authorization: `Bearer ${target().token('clinician')}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const withToken = (token: string, to = path): Promise<Answer> =>
  post(call({ prefetch }), { authorization: `Bearer ${token}` }, to);

/** What holds for every answer: a status of the table, bounded time and bytes, nothing of what was sent or of the inside. */
function outcomeOf(answer: Answer): string {
  expect(answer.status).toBeLessThan(500);
  expect(answer.ms).toBeLessThan(4_000);
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
  expect(answer.text).not.toContain(marker);
  const body = JSON.parse(answer.text) as { code?: string; cards?: unknown; status?: number };
  if (answer.status === 200) return 'answered';
  expect([answer.headers['content-type'], body.status]).toEqual([
    'application/problem+json; charset=utf-8',
    answer.status,
  ]);
  expect(answer.text.length).toBeLessThan(600);
  expect(answer.text).not.toMatch(/duckdb|select |node_modules|fastify|\.ts:|at [\w.]+ \(/i);
  return String(body.code);
}

describe('tokens', () => {
  const seconds = (): number => Math.floor(at / 1000);
  it('of a client are taken at their own address, once', async () => {
    const token = ehrToken(keys, audience(), at);
    expect([outcomeOf(await withToken(token)), outcomeOf(await withToken(token))]).toEqual([
      'answered',
      'UNAUTHENTICATED',
    ]);
    const elsewhere = ehrToken(keys, audience(), at);
    expect(outcomeOf(await withToken(elsewhere, '/cds-services/maplewood-encounter-start'))).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('used many times at once are taken once', async () => {
    const token = ehrToken(keys, audience(), at);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async () => outcomeOf(await withToken(token))),
    );
    expect(outcomes.filter((one) => one === 'answered')).toHaveLength(1);
  });

  it('of a client open nothing but decision support', async () => {
    for (const aud of [audience('/graphql'), 'api://maplewood'])
      expect(
        (
          await target().send({
            body: '{"query":"{ me { role } }"}',
            headers: { authorization: `Bearer ${ehrToken(keys, aud, at)}` },
          })
        ).status,
      ).toBe(401);
  });

  it('do not choose the address by headers', async () => {
    for (const headers of [
      { host: 'attacker.example' },
      { 'x-forwarded-host': 'attacker.example', 'x-forwarded-proto': 'https' },
      { forwarded: 'host=attacker.example' },
    ]) {
      const token = ehrToken(keys, `https://attacker.example${path}`, at);
      const answer = await post(call({ prefetch }), { ...headers, authorization: `Bearer ${token}` });
      expect(outcomeOf(answer)).toBe('UNAUTHENTICATED');
    }
  });

  it.each<[string, () => string]>([
    ['unsigned', () => `${encode({ ...ehrHeader, alg: 'none' })}.${encode(ehrClaims(audience(), at))}.`],
    [
      'signed with the public key as a secret',
      () =>
        tokenOf(
          hmac('sha384', keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
          ehrClaims(audience(), at),
          { ...ehrHeader, alg: 'HS384' },
        ),
    ],
    ['signed by another', () => ehrToken(ehrKeys(), audience(), at)],
    ['with a day to live', () => ehrToken(keys, audience(), at, { exp: seconds() + 86_400 })],
    ['with roles of its own', () => ehrToken(ehrKeys(), audience(), at, { roles: ['admin'], trusts: ['*'] })],
    [
      'of an issuer that is in no list',
      () => ehrToken(keys, audience(), at, { iss: 'https://other.example' }),
    ],
    ['with an issuer that is a prototype', () => ehrToken(keys, audience(), at, { iss: '__proto__' })],
    ['of nine kilobytes', () => ehrToken(keys, audience(), at, { pad: 'x'.repeat(9_000) })],
  ])('%s are refused like none at all', async (_what, token) => {
    const [answer, none] = [await withToken(token()), await post(call(), { authorization: undefined })];
    expect(outcomeOf(answer)).toBe('UNAUTHENTICATED');
    const [body, bare] = [answer, none].map(({ text }) => ({ ...JSON.parse(text), instance: '' }));
    expect(body).toEqual(bare);
  });

  it('in two headers are refused', async () => {
    const token = ehrToken(keys, audience(), at);
    const answer = await post(call(), { authorization: [`Bearer ${token}`, `Bearer ${token}`] });
    expect(outcomeOf(answer)).toBe('UNAUTHENTICATED');
  });

  it('are looked at before the body is', async () => {
    const answer = await post('{'.repeat(300_000), { authorization: undefined });
    expect(outcomeOf(answer)).toBe('UNAUTHENTICATED');
  });
});

describe('bodies', () => {
  it.each<[string, string, () => unknown]>([
    ['half of one', 'BAD_USER_INPUT', () => JSON.stringify(call()).slice(0, -5)],
    ['a prototype', 'BAD_USER_INPUT', () => `{"__proto__":{"hook":"patient-view"},"a":"${marker}"}`],
    [
      'a prefetch with a prototype',
      'BAD_USER_INPUT',
      () => JSON.stringify(call()).replace(/}$/, ',"prefetch":{"__proto__":null}}'),
    ],
    ['a constructor', 'PREFETCH_MISSING', () => call({ prefetch: { constructor: null, toString: null } })],
    ['a deep one', 'QUERY_TOO_COMPLEX', () => `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['a hook of another name', 'BAD_USER_INPUT', () => call({ hook: marker })],
    [
      'a userId without end',
      'BAD_USER_INPUT',
      () => call({ context: { userId: marker.repeat(1_000), patientId: 'a' } }),
    ],
    [
      'SQL as a patient',
      'PREFETCH_MISSING',
      () => call({ context: { userId: 'a', patientId: `${marker}' or 1=1 --` } }),
    ],
    [
      'a raw id as a patient',
      'PREFETCH_MISSING',
      () => call({ context: { userId: 'a', patientId: 'PAT_000001' } }),
    ],
    ['a resource that is none', 'BAD_USER_INPUT', () => call({ prefetch: { spell: marker } })],
    [
      'a bundle of nothing',
      'answered',
      () => call({ prefetch: { spell: { resourceType: 'Bundle', entry: marker } } }),
    ],
    [
      'a bundle of everything',
      'answered',
      () =>
        call({
          prefetch: { spell: bundle(null as never, 5 as never, [] as never, { resourceType: 'Bundle' }) },
        }),
    ],
    [
      'codes that are none',
      'answered',
      () =>
        call({
          prefetch: {
            spell: bundle(stay('2026-11-01', '2026-11-02', { class: [[marker]], diagnosis: [[]] })),
          },
        }),
    ],
    [
      'encounters within each other',
      'answered',
      () =>
        call({
          prefetch: {
            spell: bundle(
              stay('2026-11-01', undefined, { id: 'a', partOf: { reference: 'Encounter/b' } }),
              stay('2026-11-01', undefined, { id: 'b', partOf: { reference: 'Encounter/a' } }),
            ),
          },
        }),
    ],
  ])('%s: %s', async (_what, expected, body) => {
    expect(outcomeOf(await post(body()))).toBe(expected);
  });

  it('of many encounters take bounded time', async () => {
    const encounters = Array.from({ length: 2_400 }, (_none, at) =>
      stay('2026-11-01', '2026-11-02', {
        id: `e${at}`,
        diagnosis: [{ condition: { reference: `Condition/c${at}` } }],
      }),
    );
    const conditions = encounters.map((_one, at) =>
      condition(`c${at}`, 'J45', { encounter: { reference: `Encounter/e${at}` } }),
    );
    const visits = Array.from({ length: 2_000 }, (_none, at) =>
      visit('EMER', `2026-10-${String((at % 28) + 1).padStart(2, '0')}T10:00:00Z`),
    );
    const many = { spell: bundle(...encounters, ...conditions), patient: patient() };
    expect(outcomeOf(await post(call({ prefetch: many })))).toBe('answered');
    expect(outcomeOf(await post(call({ prefetch: { ...prefetch, ed_attendance: bundle(...visits) } })))).toBe(
      'answered',
    );
  });

  it('of feedback name no card that was not shown', async () => {
    const one = {
      card: '00000000-0000-4000-8000-000000000000',
      outcome: 'overridden',
      outcomeTimestamp: '2026-11-26T12:00:00Z',
    };
    for (const body of [
      { feedback: [one] },
      { feedback: [{ ...one, card: marker }] },
      { feedback: Array.from({ length: 1_000 }, () => one) },
      { feedback: { length: 1, 0: one } },
      { feedback: [{ ...one, overrideReason: { userComment: marker.repeat(500) } }] },
    ])
      expect(outcomeOf(await post(body, {}, `${path}/feedback`))).toBe('BAD_USER_INPUT');
  });
});

it('never calls the server that a client names', async () => {
  let calls = 0;
  const trap = createServer((_request, response) => {
    calls += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
  try {
    const fhirServer = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/fhir`;
    const fhirAuthorization = {
      access_token: marker,
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'user/*.read',
      subject: 'maplewood',
    };
    for (const more of [
      {},
      { prefetch },
      { fhirAuthorization },
      { prefetch: { spell: { resourceType: 'OperationOutcome' } } },
    ])
      outcomeOf(await post(call({ fhirServer, ...more })));
    expect(calls).toBe(0);
  } finally {
    trap.close();
  }
});

describe('names of services', () => {
  it.each([
    '__proto__',
    'constructor',
    '..%2f..%2fetc%2fpasswd',
    '%00',
    'maplewood-patient-view%20',
    marker,
    'a'.repeat(90),
  ])('%s is none', async (id) => {
    for (const suffix of ['', '/feedback']) {
      const answer = await post(call({ prefetch }), {}, `/cds-services/${id}${suffix}`);
      expect(['NOT_FOUND', 'BAD_USER_INPUT']).toContain(outcomeOf(answer));
    }
  });
});
