import { generateKeyPairSync } from 'node:crypto';
import {
  type DevelopmentIssuer,
  developmentIssuer,
  loadDevelopmentIssuer,
} from '../../src/server/authentication/issuer.js';
import { encode, hmac, rs256, tokenOf, without } from '../server/authentication/builders.js';
import { type Answer, attacked, type Sent } from './target.js';
import { marker, refusedAs, safe } from './verdict.js';

const target = attacked();
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const body = '{"query":"{ me { role } }"}';

let issuer: DevelopmentIssuer;
let good: string;
beforeAll(() => {
  issuer = loadDevelopmentIssuer(target().config.home, { create: false });
  good = signed({});
});

const seconds = (): number => Math.floor(Date.now() / 1000);
const claimsOf = (changed: object): object => ({
  iss: developmentIssuer.issuer,
  aud: developmentIssuer.audience,
  tid: developmentIssuer.tenantId,
  ver: developmentIssuer.version,
  azp: 'maplewood-cli',
  oid: `user-${marker}`,
  roles: ['analyst'],
  scp: developmentIssuer.scope,
  iat: seconds() - 60,
  nbf: seconds() - 60,
  exp: seconds() + 3_600,
  ...changed,
});
const headerOf = (changed: object = {}): object => ({
  alg: 'RS256',
  typ: 'JWT',
  kid: issuer.kid,
  ...changed,
});
/** A token that the issuer signed, with claims and a header that it would not give. */
const signed = (changed: object, header: object = {}): string =>
  tokenOf(rs256(issuer), claimsOf(changed), headerOf(header));
const asked = (headers: NonNullable<Sent['headers']>, path?: string): Promise<Answer> =>
  target().send({ headers, body, ...(path ? { path } : {}) });
const bearer = (token: string): Promise<Answer> => asked({ authorization: `Bearer ${token}` });

/** The one answer to all that is no token: nothing in it tells two of them apart, but that there was one. */
function isTheSame(answer: Answer, wasSent = true): void {
  refusedAs(answer, 'UNAUTHENTICATED', { ms: 1_000, bytes: 500 });
  const { 'content-length': _length, date: _date, ...headers } = answer.headers;
  expect({ headers, body: JSON.parse(answer.text) }).toEqual({
    headers: {
      'cache-control': 'no-store',
      connection: 'close',
      'content-type': 'application/json; charset=utf-8',
      'www-authenticate': `Bearer realm="maplewood"${wasSent ? ', error="invalid_token"' : ''}`,
      'x-content-type-options': 'nosniff',
    },
    body: {
      errors: [
        {
          message: 'No token, or one that was refused. Send a valid bearer token.',
          extensions: { code: 'UNAUTHENTICATED', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        },
      ],
    },
  });
}

it('takes the token that the attacks start from, in any spelling of its scheme', async () => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer  '])
    expect(safe(await asked({ authorization: `${scheme} ${good}` }))).toBe('answered');
});

describe('what is no token', () => {
  it.each<[string, () => NonNullable<Sent['headers']>]>([
    ['nothing', () => ({})],
    ['an empty header', () => ({ authorization: '' })],
    ['the scheme alone', () => ({ authorization: 'Bearer' })],
    ['the scheme and a blank', () => ({ authorization: 'Bearer ' })],
    ['no scheme', () => ({ authorization: good })],
    ['Basic', () => ({ authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` })],
    ['Basic with the token', () => ({ authorization: `Basic ${good}` })],
    ['DPoP', () => ({ authorization: `DPoP ${good}` })],
    ['Digest', () => ({ authorization: 'Digest username="admin"' })],
    ['Negotiate', () => ({ authorization: 'Negotiate YII=' })],
    ['two in one header', () => ({ authorization: `Bearer ${good}, Bearer ${good}` })],
    ['the token and more', () => ({ authorization: `Bearer ${good} ${good}` })],
    ['the token in quotes', () => ({ authorization: `Bearer "${good}"` })],
    ['two headers, the same', () => ({ authorization: [`Bearer ${good}`, `Bearer ${good}`] })],
    ['two headers, a bad one last', () => ({ authorization: [`Bearer ${good}`, `Bearer ${marker}`] })],
    ['two headers, a bad one first', () => ({ authorization: [`Bearer ${marker}`, `Bearer ${good}`] })],
    ['nine kilobytes', () => ({ authorization: `Bearer ${signed({ pad: 'x'.repeat(6_000) })}` })],
    ['a cookie', () => ({ cookie: `authorization=Bearer ${good}; access_token=${good}; token=${good}` })],
    [
      'the header of a proxy',
      () => ({
        'proxy-authorization': `Bearer ${good}`,
        'x-authorization': `Bearer ${good}`,
        'x-access-token': good,
      }),
    ],
    [
      'a principal that a proxy names',
      () => ({
        'x-ms-client-principal': encode({ userRoles: ['admin'] }),
        'x-ms-token-aad-access-token': good,
      }),
    ],
    ['JSON', () => ({ authorization: `Bearer ${JSON.stringify(claimsOf({}))}` })],
  ])('%s', async (_what, headers) => {
    isTheSame(await asked(headers()), headers().authorization !== undefined);
  });

  it('the token in the address or the body', async () => {
    for (const name of ['access_token', 'token', 'authorization', 'jwt'])
      isTheSame(await asked({}, `/graphql?${name}=${good}`), false);
    isTheSame(
      await target().send({
        body: JSON.stringify({
          query: '{ me { role } }',
          access_token: good,
          authorization: `Bearer ${good}`,
        }),
      }),
      false,
    );
  });
});

describe('what is no token of the issuer', () => {
  const spki = (): string => issuer.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  it.each<[string, () => string]>([
    ...['none', 'None', 'NONE', '', 'HS256', 'RS384', 'PS256', 'ES256', 'rs256'].map(
      (alg): [string, () => string] => [`alg ${alg}`, () => signed({}, { alg })],
    ),
    ['alg none without signature', () => `${encode(headerOf({ alg: 'none' }))}.${encode(claimsOf({}))}.`],
    ['no signature', () => `${good.split('.').slice(0, 2).join('.')}.`],
    ['two parts', () => good.split('.').slice(0, 2).join('.')],
    ['five parts', () => `${good}.a.b`],
    ['a cut signature', () => good.slice(0, -5)],
    [
      'other claims',
      () => `${encode(headerOf())}.${encode(claimsOf({ roles: ['admin'] }))}.${good.split('.')[2]}`,
    ],
    [
      'the public key as a secret',
      () => tokenOf(hmac('sha256', spki()), claimsOf({}), headerOf({ alg: 'HS256' })),
    ],
    [
      'the public key as a secret, under the name of the other',
      () => tokenOf(hmac('sha256', spki()), claimsOf({}), headerOf()),
    ],
    ['a weak secret', () => tokenOf(hmac('sha256', 'secret'), claimsOf({}), headerOf({ alg: 'HS256' }))],
    ['another key', () => tokenOf(rs256(stranger), claimsOf({}), headerOf())],
    [
      'another key that it brings',
      () =>
        tokenOf(
          rs256(stranger),
          claimsOf({}),
          headerOf({ jwk: stranger.publicKey.export({ format: 'jwk' }) }),
        ),
    ],
    [
      'another key that it links to',
      () =>
        tokenOf(
          rs256(stranger),
          claimsOf({}),
          headerOf({ jku: 'https://attacker.example/k', x5u: 'file:///etc/passwd' }),
        ),
    ],
    ...['unknown', '../../keys/warehouse.key', "' union select 1", '__proto__', '', 'k'.repeat(500)].map(
      (kid): [string, () => string] => [`the key ${kid.slice(0, 30)}`, () => signed({}, { kid })],
    ),
    ['no key named', () => tokenOf(rs256(issuer), claimsOf({}), { alg: 'RS256' })],
    ['critical members', () => signed({}, { crit: ['exp'] })],
    ['another type', () => signed({}, { typ: 'dpop+jwt' })],
    ['a header that is no JSON', () => tokenOf(rs256(issuer), claimsOf({}), '{')],
    ['claims that are no JSON', () => tokenOf(rs256(issuer), 'nothing', headerOf())],
    ['claims that are a list', () => tokenOf(rs256(issuer), [claimsOf({})], headerOf())],
  ])('%s', async (_what, token) => {
    isTheSame(await bearer(token()));
  });
});

describe('a token of the issuer that is not for here and now', () => {
  it.each<[string, () => object]>([
    ['expired', () => ({ iat: seconds() - 7_200, nbf: seconds() - 7_200, exp: seconds() - 120 })],
    ['of the future', () => ({ iat: seconds() + 600, exp: seconds() + 3_600 })],
    ['not valid yet', () => ({ nbf: seconds() + 600 })],
    ['valid for a week', () => ({ exp: seconds() + 7 * 86_400 })],
    ['valid for ever', () => ({ exp: 1e300 })],
    ['with a time in words', () => ({ exp: '2999-01-01' })],
    ['for another audience', () => ({ aud: `api://${marker}` })],
    ['for ours and another', () => ({ aud: [developmentIssuer.audience, 'api://other'] })],
    ['for a part of ours', () => ({ aud: 'api://maple' })],
    ['of another issuer', () => ({ iss: 'https://login.microsoftonline.com/common/v2.0' })],
    ['of an issuer that begins like ours', () => ({ iss: `${developmentIssuer.issuer}.attacker.example` })],
    ['of another tenant', () => ({ tid: '99999999-0000-4000-8000-000000000000' })],
    ['of another version', () => ({ ver: '1.0' })],
    ['of another scope', () => ({ scp: 'User.Read' })],
    ['of nobody', () => ({ oid: undefined })],
    ['of a client without a name', () => ({ azp: '' })],
    ['of a client with a name that is a path', () => ({ azp: '../../x' })],
    ['of too many groups', () => ({ hasgroups: true })],
    ['whose roles are a text', () => ({ roles: 'analyst' })],
    ['whose roles are an object', () => ({ roles: { 0: 'admin', length: 1 } })],
    ['whose roles are numbers', () => ({ roles: [0] })],
  ])('%s', async (_what, changed) => {
    isTheSame(await bearer(signed(changed())));
  });

  it.each(['iss', 'aud', 'tid', 'ver', 'azp', 'oid', 'iat', 'exp'])('without %s', async (name) => {
    isTheSame(await bearer(tokenOf(rs256(issuer), without(name, claimsOf({})), headerOf())));
  });
});

describe('a token that allows nothing here', () => {
  it.each<[string, object]>([
    ['no roles', { roles: undefined }],
    ['an empty list of roles', { roles: [] }],
    [
      'unknown roles',
      { roles: [marker, 'owner', 'Analyst', 'analyst ', 'ANALYST', 'аnalyst', '__proto__', 'constructor'] },
    ],
    ['a right without a role', { roles: ['reidentifier'] }],
    ['a role of users, by an application', { scp: undefined, roles: ['analyst'] }],
    ['trusts of a form that is none', { trusts: [`${marker}' or 1=1`] }],
    ['all trusts', { trusts: ['*'] }],
    ['no trusts', { trusts: [] }],
    ['a role that needs trusts, without', { roles: ['operations'] }],
  ])('%s', async (_what, changed) => {
    refusedAs(await bearer(signed(changed)), 'NO_ROLE', { bytes: 500 });
  });

  it.each(['admin', 'Analyst', 'analyst,admin', ' ', '*', '__proto__', marker])(
    'asks for the role %j in vain',
    async (role) => {
      const answer = await asked({ authorization: `Bearer ${good}`, 'x-maplewood-role': role });
      refusedAs(answer, 'NO_ROLE', { bytes: 500 });
    },
  );
});

it('refuses before it reads: what follows a bad token makes no difference', async () => {
  const bodies = [
    '{',
    '[]',
    '{"query":"{"}',
    'x'.repeat(300_000),
    JSON.stringify({ query: `{ ${'a '.repeat(9_000)} }` }),
  ];
  for (const text of bodies) isTheSame(await target().send({ body: text }), false);
  for (const type of ['text/plain', 'multipart/form-data', undefined])
    isTheSame(await target().send({ body, headers: { 'content-type': type } }), false);
});

it('asks for a token wherever there is anything to know', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
    for (const path of ['/graphql/', '/GraphQL', '//graphql', '/graphql;a=b', '/graphql%2f', '/./graphql']) {
      const { status, text } = await target().send({ method, path, body });
      expect([path, [400, 401, 404].includes(status), text.includes('"data"')]).toEqual([path, true, false]);
    }
});
