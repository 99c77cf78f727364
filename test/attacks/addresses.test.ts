import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { createApp } from '../../src/server/app.js';
import { type Answer, attacked, type Sent } from './target.js';
import { marker, refusedAs } from './verdict.js';
import { exchange, message } from './wire.js';

const target = attacked();
const plain = { 'content-type': undefined };
const get = (path: string, headers: Sent['headers'] = {}, method = 'GET'): Promise<Answer> =>
  target().send({ method, path, headers: { ...plain, ...headers } });

/** Addresses at which something else than our routes answers elsewhere. */
const paths: readonly string[] = [
  ...[
    '..',
    '../..',
    '%2e%2e',
    '%252e%252e',
    '..%2f',
    '..%5c',
    '..;',
    '.%00.',
    '%c0%ae%c0%ae',
    '..\\',
  ].flatMap((up) => [
    `/${up}/${up}/${up}/etc/passwd`,
    `/graphiql/${up}/${up}/package.json`,
    `/docs/${up}/src/main.ts`,
  ]),
  ...[
    '.env',
    '.git/config',
    '.git/HEAD',
    '.npmrc',
    '.maplewood/keys/warehouse.key',
    'package.json',
    'package-lock.json',
    'node_modules/fastify/package.json',
    'dist/main.js',
    'src/main.ts',
    'keys/audit.key',
    'warehouse/00000001.json',
    'state',
    'audit',
    'lake',
    'backup.zip',
    'db.sqlite',
    'web.config',
    'wp-login.php',
    'server-status',
    'robots.txt',
    'favicon.ico',
  ].map((name) => `/${name}`),
  ...[
    'debug',
    'debug/pprof',
    'trace',
    'actuator',
    'actuator/env',
    'console',
    'admin',
    'status',
    'health',
    'healthz',
    'info',
    'env',
    'config',
    'metrics/',
    'metrics.json',
    'Metrics',
    'api',
    'v1',
    'swagger',
    'swagger.json',
    'graphql/schema',
    'graphql/graphql',
    'graphql.json',
    'playground',
    'voyager',
    'altair',
    '.well-known/security.txt',
    '.well-known/apollo/server-health',
    '__proto__',
    'constructor',
    'json/version',
  ].map((name) => `/${name}`),
  ...[
    '%00',
    '%0d%0aSet-Cookie:a=b',
    '%',
    '%zz',
    '%u0041',
    '%ff',
    '%ef%bf%bf',
    '',
    '/',
    '//',
    '/attacker.example',
    '\\attacker.example',
    '@attacker.example',
    ':80',
    '?',
    '*',
    '~root',
    'CON',
    '\u0024{jndi:ldap://a}',
    '<script>',
    '%3Cscript%3E'.repeat(3),
    marker,
  ].map((name) => `/${name}`),
];

describe('an address at which nothing is', () => {
  it.each(paths)('%s', async (path) => {
    const answers: Answer[] = [];
    for (const method of ['GET', 'POST', 'HEAD']) {
      const { answers: found } = await exchange(
        target().served.port,
        [
          message(`${method} ${path} HTTP/1.1`, [
            'Host: localhost',
            'Connection: close',
            ...(method === 'POST' ? ['Content-Length: 0'] : []),
          ]),
        ],
        { quiet: 2_000 },
      );
      answers.push(...found);
    }
    expect(answers.length).toBeGreaterThan(1);
    for (const { status, headers, text } of answers) {
      expect([
        path,
        [400, 404].includes(status),
        headers['location'],
        headers['x-content-type-options'],
      ]).toEqual([path, true, undefined, 'nosniff']);
      expect(headers['cache-control']).toBe('no-store');
      expect(text.length).toBeLessThan(400);
      expect(text).not.toMatch(new RegExp(`${marker}|passwd|script|attacker|jndi|set-cookie|root:`, 'i'));
    }
    const known = answers.filter(({ status, text }) => status === 404 && text !== '');
    for (const { text } of known)
      expect(JSON.parse(text).errors[0].message).toBe(
        'There is nothing at this address. GraphQL is at POST /graphql.',
      );
  });
});

describe('a method that an address does not take', () => {
  const known = ['/livez', '/readyz', '/metrics', '/.well-known/jwks.json', '/graphql'];
  it.each([
    'TRACE',
    'TRACK',
    'PROPFIND',
    'MKCOL',
    'COPY',
    'MOVE',
    'LOCK',
    'PURGE',
    'SEARCH',
    'LINK',
    'QUERY',
    'DEBUG',
  ])('%s', async (method) => {
    for (const path of [...known, '/nothing', '*']) {
      const { answers, text } = await exchange(
        target().served.port,
        [
          message(`${method} ${path} HTTP/1.1`, [
            'Host: localhost',
            `X-Secret: ${marker}`,
            'Max-Forwards: 0',
            'Connection: close',
          ]),
        ],
        { quiet: 2_000 },
      );
      expect([path, answers.length, text.includes(marker)]).toEqual([path, 1, false]);
      expect([400, 404, 405, 501]).toContain(answers[0]?.status);
    }
  });
  it('CONNECT opens nothing', async () => {
    for (const to of ['attacker.example:443', 'localhost:22', '/graphql']) {
      const { text, closed } = await exchange(
        target().served.port,
        [message(`CONNECT ${to} HTTP/1.1`, ['Host: localhost']), 50, 'SSH-2.0-x\r\n'],
        { quiet: 500 },
      );
      expect([to, closed, /^HTTP\/1\.1 2|SSH|attacker/.test(text)]).toEqual([to, true, false]);
    }
  });
  it('and headers that name another make no difference', async () => {
    const override = {
      'x-http-method-override': 'POST',
      'x-method-override': 'POST',
      'x-http-method': 'POST',
    };
    expect((await get('/graphql', override)).status).toBe(405);
    expect((await get('/graphql?_method=POST', override)).status).toBe(405);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      for (const path of ['/livez', '/readyz', '/metrics'])
        expect([404, 405]).toContain((await get(path, {}, method)).status);
  });
});

describe('the figures of the server', () => {
  const isShown = ({ status, text }: Answer): boolean => status === 200 && text.includes('maplewood_');
  it('are for this machine', async () => {
    expect(isShown(await get('/metrics'))).toBe(true);
  });
  it.each<[string, NonNullable<Sent['headers']>]>([
    ['another machine', { 'x-forwarded-for': '203.0.113.7' }],
    ['this machine, as somebody says', { 'x-forwarded-for': '127.0.0.1' }],
    ['nobody', { 'x-forwarded-for': '' }],
    ['a list', { 'x-forwarded-for': '127.0.0.1, ::1, localhost' }],
    ['the header of the standard', { forwarded: 'for=127.0.0.1;host=localhost' }],
  ])('are not for whoever comes by way of a proxy: %s', async (_what, headers) => {
    refusedAs(await get('/metrics', headers), 'UNAUTHENTICATED');
    for (const role of ['analyst', 'auditor', 'data-steward', 'clinician'] as const)
      refusedAs(
        await get('/metrics', { ...headers, authorization: `Bearer ${target().token(role)}` }),
        'NO_ROLE',
      );
    expect(
      isShown(await get('/metrics', { ...headers, authorization: `Bearer ${target().token('admin')}` })),
    ).toBe(true);
  });
  const outside = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  (outside === undefined ? it.skip : it)('are not for other machines', async () => {
    const app = await createApp(target().served.parts);
    await app.http.listen({ host: '0.0.0.0', port: 0 });
    const { port } = app.http.server.address() as { port: number };
    const status = await new Promise((resolve, reject) => {
      request({ host: outside, port, path: '/metrics', agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(401);
    await app.http.close();
  });
});

describe('headers of every kind of answer', () => {
  const good = '{"query":"{ me { role } }"}';
  const asked: [string, () => Promise<Answer>][] = [
    ['data', () => target().ask('analyst', '{ me { role } }')],
    ['data of everybody', () => target().ask('analyst', '{ edWaits { totalCount } }')],
    ['rows', () => target().ask('analyst', '{ patients(first: 2) { nodes { ageBand } } }')],
    ['a document that is none', () => target().ask('analyst', '{')],
    ['a field that is none', () => target().ask('analyst', '{ nothing }')],
    ['a limit', () => target().ask('analyst', `{ me { ${'role @a '.repeat(30)} } }`)],
    ['no token', () => target().send({ body: good })],
    [
      'no role',
      () =>
        target().send({
          body: good,
          headers: { authorization: `Bearer ${target().token('analyst')}`, 'x-maplewood-role': 'admin' },
        }),
    ],
    [
      'another type',
      () =>
        target().send({
          body: good,
          headers: { authorization: `Bearer ${target().token('analyst')}`, 'content-type': 'text/plain' },
        }),
    ],
    ['another method', () => get('/graphql')],
    ['another address', () => get('/nothing')],
    ['a bad address', () => get('/%zz')],
    ['that it lives', () => get('/livez')],
    ['that it is ready', () => get('/readyz')],
    ['figures', () => get('/metrics')],
    ['keys', () => get('/.well-known/jwks.json')],
  ];
  it.each(asked)('%s', async (what, ask) => {
    const { headers, status } = await ask();
    expect(headers['x-content-type-options']).toBe('nosniff');
    for (const name of [
      'server',
      'x-powered-by',
      'set-cookie',
      'location',
      'x-request-id',
      'access-control-allow-origin',
      'etag',
    ])
      expect([name, headers[name]]).toEqual([name, undefined]);
    if (what !== 'keys' && !what.startsWith('that it')) expect(headers['cache-control']).toBe('no-store');
    expect(headers['content-type']).toMatch(
      what === 'figures' ? /^text\/plain/ : /^application\/json; charset=utf-8$/,
    );
    if (status === 200 && /data|rows/.test(what))
      expect(headers['vary']).toBe('Authorization, X-Maplewood-Role, Accept-Encoding');
  });
});
