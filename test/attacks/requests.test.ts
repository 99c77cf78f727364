import { createHash } from 'node:crypto';
import { type Answer, attacked, type Sent } from './target.js';
import { marker, outcomeOf, refusedAs, safe } from './verdict.js';

const listed = 'https://intranet.example';
const target = attacked((settings) => ({ ...settings, corsOrigins: [listed, 'http://localhost:8080'] }));
const query = '{ me { role } }';
const post = (body: string, headers: Sent['headers'] = {}): Promise<Answer> =>
  target().send({ headers: { authorization: `Bearer ${target().token('analyst')}`, ...headers }, body });
const operation = (more: object): Promise<Answer> => post(JSON.stringify({ query, ...more }));
/** What an answer says, but for the number of the request. */
const said = ({ text }: Answer): string => text.replace(/"requestId":"[^"]*"/g, '');

describe('a body', () => {
  const one = JSON.stringify({ query });
  it.each([
    ['several operations', `[${one},${one}]`],
    ['one operation in a list', `[${one}]`],
    ['many operations', `[${new Array(2_000).fill(one).join(',')}]`],
    ['an empty list', '[]'],
    ['lists of lists', `[[${one}]]`],
    ['a text', JSON.stringify(query)],
    ['null', 'null'],
    ['a number', '1'],
    ['nothing in it', '{}'],
    ['no body', ''],
    ['the operation in a list', `{"query":[${JSON.stringify(query)}]}`],
    ['the operation as an object', '{"query":{"toString":"{ me { role } }"}}'],
    ['the operation under another name', JSON.stringify({ Query: query, mutation: query, document: query })],
    ['the prototype of the body', `{"__proto__":{"query":${JSON.stringify(query)}}}`],
    ['the prototype beside it', `{"query":${JSON.stringify(query)},"__proto__":{"variables":{}}}`],
    [
      'the prototype deep in it',
      `{"query":${JSON.stringify(query)},"variables":{"a":[{"__proto__":{"isAdmin":true}}]}}`,
    ],
    [
      'the prototype, written otherwise',
      `{"query":${JSON.stringify(query)},"variables":{"\\u005f_proto__":{"a":1}}}`,
    ],
    [
      'the prototype of the constructor',
      `{"query":${JSON.stringify(query)},"constructor":{"prototype":{"a":1}}}`,
    ],
  ])('that is %s is none', async (_what, body) => {
    refusedAs(await post(body), 'BAD_USER_INPUT', { ms: 1_000, bytes: 500 });
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });

  it.each<[string, object]>([
    ['variables', { variables: [] }],
    ['variables', { variables: marker }],
    ['variables', { variables: 5 }],
    ['the name of the operation', { operationName: [marker] }],
    ['the name of the operation', { operationName: { a: marker } }],
    ['the name of the operation', { operationName: 5 }],
    ['extensions', { extensions: marker }],
    ['extensions', { extensions: [marker] }],
  ])('has no %s of another kind: %j', async (_what, more) => {
    refusedAs(await operation(more), 'BAD_USER_INPUT', { bytes: 1_000 });
  });

  it.each<[string, object]>([
    ['nothing', {}],
    [
      'members that nobody knows',
      { id: marker, documentId: marker, queryId: 1, batch: [marker], role: 'admin', trusts: [marker] },
    ],
    ['nulls', { variables: null, operationName: null, extensions: null }],
    ['variables that the operation does not have', { variables: { [marker]: marker, role: 'admin' } }],
    ['extensions', { extensions: { tracing: true, debug: true, cost: { include: true }, [marker]: marker } }],
  ])('is answered alike with %s', async (_what, more) => {
    const [plain, other] = [await operation({}), await operation(more)];
    expect(safe(plain)).toBe('answered');
    expect(safe(other)).toBe('answered');
    expect(said(other)).toBe(said(plain));
    expect(Object.keys(JSON.parse(other.text).extensions)).toEqual(['maplewood']);
  });
});

describe('persisted operations', () => {
  const sha256Hash = createHash('sha256').update(query).digest('hex');
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  it('are neither kept nor looked up', async () => {
    refusedAs(await operation({ extensions }), 'BAD_USER_INPUT', { bytes: 1_000, never: [sha256Hash] });
    refusedAs(await post(JSON.stringify({ extensions })), 'BAD_USER_INPUT', {
      bytes: 1_000,
      never: [sha256Hash],
    });
    refusedAs(await post(JSON.stringify({ query: '', extensions })), 'BAD_USER_INPUT', { bytes: 1_000 });
  });
  it.each<unknown>([
    0,
    marker,
    [],
    {},
    { version: 2, sha256Hash },
    { version: 1, sha256Hash: marker },
    { version: 1, sha256Hash: '../../x' },
  ])('are refused as %j', async (persistedQuery) => {
    const answer = await operation({ extensions: { persistedQuery } });
    refusedAs(answer, 'BAD_USER_INPUT', { bytes: 1_000 });
  });
});

describe('traces and what else tools ask for', () => {
  it.each([
    ['a trace', { 'apollo-federation-include-trace': 'ftv1' }],
    ['timings', { 'x-apollo-tracing': '1', 'x-debug': '1', 'server-timing': '1' }],
    ['a client', { 'apollographql-client-name': marker, 'apollographql-client-version': marker }],
    ['parts', { accept: 'multipart/mixed; deferSpec=20220824, application/json' }],
    ['events', { accept: 'text/event-stream, application/json' }],
    ['a page', { accept: 'text/html,*/*' }],
    ['a bad trace context', { traceparent: `00-${marker}-x-01`, tracestate: marker }],
    [
      'a method in place of the method',
      { 'x-http-method-override': 'DELETE', 'x-method-override': 'GET', 'x-http-method': 'PUT' },
    ],
    ['another address', { 'x-original-url': '/metrics', 'x-rewrite-url': '/metrics' }],
    [
      'another host',
      {
        host: `${marker}.example`,
        'x-forwarded-host': marker,
        'x-forwarded-proto': 'javascript',
        forwarded: `host=${marker}`,
      },
    ],
    [
      'another origin of the request',
      { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': marker, 'true-client-ip': marker },
    ],
    [
      'who somebody else says it is',
      {
        'x-ms-client-principal': 'e30=',
        'x-ms-api-role': 'admin',
        'x-user': marker,
        cookie: `role=admin; a=${marker}`,
      },
    ],
  ])('%s changes nothing', async (_what, headers) => {
    const [plain, other] = [await operation({}), await post(JSON.stringify({ query }), headers)];
    expect(safe(other)).toBe('answered');
    expect(said(other)).toBe(said(plain));
    const names = ({ headers: all }: Answer) => Object.entries(all).filter(([name]) => name !== 'date');
    expect(names(other)).toEqual(names(plain));
  });
  it.each(['text/event-stream', 'text/html', 'multipart/mixed', 'image/*;q=1', ';;;', marker])(
    'is answered in JSON although only %s is taken',
    async (accept) => {
      const answer = await post(JSON.stringify({ query }), { accept });
      expect([safe(answer), answer.headers['content-type']]).toEqual([
        'answered',
        'application/json; charset=utf-8',
      ]);
    },
  );
  it('is answered as GraphQL over HTTP where that is taken', async () => {
    const answer = await post(JSON.stringify({ query }), { accept: 'application/graphql-response+json' });
    expect([safe(answer), answer.headers['content-type']]).toEqual([
      'answered',
      'application/graphql-response+json; charset=utf-8',
    ]);
  });
});

describe('a request that a page of another site can make a browser send', () => {
  const encoded = `query=${encodeURIComponent(query)}`;
  const form = `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query })}\r\n--x--\r\n`;
  const json = JSON.stringify({ query });
  it.each<[string, string]>([
    ['application/x-www-form-urlencoded', encoded],
    ['application/x-www-form-urlencoded', json],
    ['multipart/form-data; boundary=x', form],
    ['multipart/mixed; boundary=x', form],
    ['text/plain', json],
    ['text/plain; application/json', json],
    ['text/plain; charset=utf-8', json],
    ['message/http', json],
    ['message/rfc822; application/json', json],
    ['application/graphql', query],
    ['application/graphql+json', json],
    ['application/graphql-response+json', json],
    ['application/jsonp', json],
    ['application/json-patch+json', json],
    ['application/jsonx', json],
    ['application', json],
    ['json', json],
    ['/', json],
    ['*/*', json],
    ['', json],
    [',', json],
    ['text/plain, application/json', json],
    ['application/json, text/plain', json],
    ['application/json;charset=utf-16', json],
    ['application/json; charset=iso-8859-1', json],
    ['application/json; charset="utf-7"', json],
    ['application/json; charset=utf-8; charset=utf-16', json],
  ])('as %s is not taken', async (type, body) => {
    refusedAs(await post(body, { 'content-type': type }), 'UNSUPPORTED_MEDIA_TYPE', { bytes: 500 });
  });
  it('without a type is not taken', async () => {
    refusedAs(await post(json, { 'content-type': undefined }), 'UNSUPPORTED_MEDIA_TYPE', { bytes: 500 });
  });
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json ; x=y',
  ])('that is plain JSON is: %s', async (type) => {
    expect(safe(await post(json, { 'content-type': type }))).toBe('answered');
  });

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('by %s does nothing', async (method) => {
    const headers = { authorization: `Bearer ${target().token('clinician', ['reidentifier'])}` };
    for (const text of [query, 'mutation { breakGlass(input: {}) { id } }'])
      for (const path of [
        `/graphql?${encoded}`,
        `/graphql?query=${encodeURIComponent(text)}&variables={}`,
        '/graphql',
      ]) {
        const answer = await target().send({
          method,
          path,
          headers: { ...headers, 'content-type': undefined },
        });
        expect([
          answer.status,
          answer.headers['allow'],
          answer.headers['access-control-allow-origin'],
        ]).toEqual([405, 'POST', undefined]);
        if (method !== 'HEAD') refusedAs(answer, 'METHOD_NOT_ALLOWED', { bytes: 500 });
      }
  });
  it('is not read from its address', async () => {
    const path = `/graphql?query=${encodeURIComponent('{ release { id } }')}&operationName=${marker}&access_token=${marker}`;
    const headers = { authorization: `Bearer ${target().token('analyst')}` };
    const answer = await target().send({ path, headers, body: json });
    expect([safe(answer), answer.text]).toEqual(['answered', expect.stringContaining('"me"')]);
  });
});

describe('a page of another origin', () => {
  const withOrigin = (origin: string, more: Sent['headers'] = {}) =>
    post(JSON.stringify({ query }), { origin, ...more });
  const plain = { 'content-type': undefined };
  const cors = ({ headers }: Answer): string[] =>
    Object.keys(headers).filter((name) => name.startsWith('access-control'));

  it.each([
    'https://evil.example',
    'null',
    '*',
    '',
    'https://intranet.example.evil.example',
    'https://evil-intranet.example',
    'https://intranet.example:443',
    'https://intranet.example/',
    'http://intranet.example',
    'HTTPS://intranet.example',
    'https://INTRANET.example',
    'https://intranet.example, https://evil.example',
    'https://intranet.example@evil.example',
    'https://sub.intranet.example',
    'http://localhost',
    'file://',
    '__proto__',
    'constructor',
  ])('%s is told nothing', async (origin) => {
    const answer = await withOrigin(origin);
    expect([safe(answer), cors(answer)]).toEqual(['answered', []]);
    const before = await target().send({
      method: 'OPTIONS',
      headers: {
        origin,
        ...plain,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect([before.status, cors(before)]).toEqual([405, []]);
    for (const path of ['/livez', '/readyz', '/metrics', '/nothing'])
      expect(cors(await target().send({ method: 'GET', path, headers: { origin, ...plain } }))).toEqual([]);
  });

  it('that is listed is told that it may, and never with credentials', async () => {
    for (const origin of [listed, 'http://localhost:8080']) {
      const answer = await withOrigin(origin);
      expect(safe(answer)).toBe('answered');
      expect([cors(answer), answer.headers['access-control-allow-origin']]).toEqual([
        ['access-control-allow-origin'],
        origin,
      ]);
      expect(String(answer.headers['vary'])).toMatch(/\borigin\b/i);
      const refused = await target().send({ headers: { origin }, body: '{}' });
      expect([refused.status, cors(refused)]).toEqual([401, ['access-control-allow-origin']]);
      const before = await target().send({
        method: 'OPTIONS',
        headers: {
          origin,
          ...plain,
          'access-control-request-method': 'DELETE',
          'access-control-request-headers': `x-${marker}, cookie`,
        },
      });
      expect([before.status, before.text]).toEqual([204, '']);
      expect(before.headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST, GET, HEAD',
        'access-control-allow-headers': 'authorization, content-type, X-Maplewood-Role, X-Maplewood-Purpose',
      });
      expect(JSON.stringify(before.headers)).not.toMatch(
        new RegExp(`${marker}|cookie|credentials|"\\*"`, 'i'),
      );
    }
  });
  it('varies for everybody, so that no cache gives an answer for one origin to another', async () => {
    const { headers } = await operation({});
    expect(String(headers['vary'])).toMatch(/\borigin\b/i);
  });
});

it('refuses what two headers of a kind would leave open', async () => {
  for (const name of ['X-Maplewood-Role', 'X-Maplewood-Purpose']) {
    const answer = await post(JSON.stringify({ query }), { [name]: ['analyst', 'finance'] });
    refusedAs(answer, 'BAD_USER_INPUT', { bytes: 500 });
  }
  const role = await post(JSON.stringify({ query }), { 'X-Maplewood-Role': marker });
  refusedAs(role, 'NO_ROLE', { bytes: 500 });
  const purpose = await post(JSON.stringify({ query }), { 'X-Maplewood-Purpose': marker });
  refusedAs(purpose, 'BAD_USER_INPUT', { bytes: 500 });
  expect(outcomeOf(await post(JSON.stringify({ query }), { 'X-Maplewood-Purpose': '' }))).toBe(
    'BAD_USER_INPUT',
  );
});
