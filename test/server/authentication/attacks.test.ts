import { constants, publicEncrypt } from 'node:crypto';
import fc from 'fast-check';
import { refusalReason } from '../../../src/server/authentication/refusal.js';
import { bearer, claims, encode, hmac, kid, outcome, rs256, rsa, tokenOf, verifierOf } from './builders.js';

const pair = rsa();
const attacker = rsa();
const verifier = verifierOf(pair);
const good = tokenOf(rs256(pair));
const [header = '', payload = '', signature = ''] = good.split('.');
const tried = (token: string) => outcome(verifier, bearer(token));
const refused = /^UNAUTHENTICATED /;

it('takes the token that the attacks start from', async () => {
  expect(await tried(good)).toMatchObject({ oid: 'user-1' });
});

describe('alg none', () => {
  const spellings = ['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'none\u0000', '', 'null', 'undefined'];
  const others = [null, undefined, 0, false, [], ['RS256'], ['none'], {}, { RS256: true }];
  const lookAlikes = [
    'rs256',
    'RS256 ',
    'RS384',
    'RS512',
    'HS256',
    'ES256',
    'EdDSA',
    'RS256\u0000',
    '__proto__',
    'RSA-OAEP',
  ];

  it.each([...spellings, ...others, ...lookAlikes])('is refused as %p', async (alg) => {
    const head = encode({ alg, typ: 'JWT', kid });
    for (const tail of ['', signature, encode('none')])
      expect(await tried(`${head}.${payload}.${tail}`)).toMatch(refused);
    const honest = tokenOf(rs256(pair), claims, { alg, typ: 'JWT', kid });
    expect(await tried(honest)).toBe('UNAUTHENTICATED algorithm');
  });
});

describe('a signature', () => {
  it('is refused when it is stripped', async () => {
    for (const token of [
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
    ]) {
      expect(await tried(token)).toBe('UNAUTHENTICATED malformed');
    }
  });

  it('is refused at every shorter length', async () => {
    for (let length = 1; length < signature.length; length += 1) {
      expect(await tried(`${header}.${payload}.${signature.slice(0, length)}`)).toMatch(refused);
    }
  });

  it('is refused with any byte flipped', async () => {
    const bytes = Buffer.from(signature, 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1 << (index % 8);
      expect(await tried(`${header}.${payload}.${changed.toString('base64url')}`)).toMatch(refused);
    }
  });

  it('has one spelling', async () => {
    const last = signature.at(-1);
    for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      if (other !== last) expect(await tried(good.slice(0, -1) + other)).toMatch(refused);
    }
    for (const changed of [
      `${good}=`,
      `${good}==`,
      `${good.replaceAll('-', '+').replaceAll('_', '/')}=`,
      `${good}%3D`,
    ]) {
      expect(await tried(changed)).toMatch(refused);
    }
  });

  it.each<[string, string]>([
    ['zero', Buffer.alloc(256).toString('base64url')],
    ['one', Buffer.concat([Buffer.alloc(255), Buffer.of(1)]).toString('base64url')],
    ['all ones', Buffer.alloc(256, 255).toString('base64url')],
    ['of another token', tokenOf(rs256(pair), { ...claims, oid: 'user-2' }).split('.')[2] ?? ''],
    ['of another key', tokenOf(rs256(attacker)).split('.')[2] ?? ''],
    ['the claims', payload],
    [
      'a cipher text of the public key',
      publicEncrypt({ key: pair.publicKey, padding: constants.RSA_PKCS1_PADDING }, Buffer.from('x')).toString(
        'base64url',
      ),
    ],
  ])('is refused as %s', async (_, other) => {
    expect(await tried(`${header}.${payload}.${other}`)).toBe('UNAUTHENTICATED signature');
  });

  it('does not cover other claims or another header', async () => {
    expect(await tried(`${header}.${encode({ ...claims, roles: ['admin'] })}.${signature}`)).toMatch(refused);
    expect(await tried(`${encode({ alg: 'RS256', kid })}.${payload}.${signature}`)).toMatch(refused);
  });
});

describe('the public key as an HMAC secret', () => {
  const { publicKey } = pair;
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const pkcs1 = publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const jwk = publicKey.export({ format: 'jwk' });
  const secrets: [string, string | Buffer][] = [
    ['SPKI PEM', spki],
    ['SPKI PEM without its last line break', spki.trimEnd()],
    ['SPKI PEM with CRLF', spki.replaceAll('\n', '\r\n')],
    ['SPKI PEM after blanks', ` \n${spki}`],
    ['PKCS#1 PEM', pkcs1],
    ['SPKI DER', publicKey.export({ type: 'spki', format: 'der' })],
    ['PKCS#1 DER', publicKey.export({ type: 'pkcs1', format: 'der' })],
    ['base64 body', spki.replace(/-----.*-----|\s/g, '')],
    ['JWK', JSON.stringify(jwk)],
    ['JWK with its kid', JSON.stringify({ ...jwk, kid })],
    ['modulus', jwk.n ?? ''],
    ['modulus in bytes', Buffer.from(jwk.n ?? '', 'base64url')],
    ['nothing', ''],
    ['a weak secret', 'secret'],
    ['the key id', kid],
  ];

  it.each(secrets)('is refused: %s', async (_, secret) => {
    for (const [alg, digest] of [
      ['HS256', 'sha256'],
      ['HS384', 'sha384'],
      ['HS512', 'sha512'],
      ['RS256', 'sha256'],
    ] as const) {
      expect(await tried(tokenOf(hmac(digest, secret), claims, { alg, typ: 'JWT', kid }))).toMatch(refused);
    }
  });
});

describe('a key that the caller brings', () => {
  const asked: string[] = [];
  const watched = verifierOf({
    async find(id) {
      asked.push(id);
      return id === kid ? pair.publicKey : undefined;
    },
  });
  const realFetch = globalThis.fetch;
  let fetched = 0;
  beforeAll(() => {
    globalThis.fetch = async () => {
      fetched += 1;
      throw new Error('no network here');
    };
  });
  afterAll(() => {
    globalThis.fetch = realFetch;
  });

  const jwk = { ...attacker.publicKey.export({ format: 'jwk' }), kid: 'mine', use: 'sig', alg: 'RS256' };
  const der = attacker.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const links = [
    'https://attacker.example/keys',
    'http://169.254.169.254/',
    'file:///etc/passwd',
    'data:application/json,{}',
  ];

  it.each<[string, object]>([
    ['as jwk', { jwk }],
    ['as x5c', { x5c: [der], x5t: 'x' }],
    ...links.flatMap((link): [string, object][] => [
      [`by jku ${link}`, { jku: link }],
      [`by x5u ${link}`, { x5u: link }],
    ]),
  ])('is not used: %s', async (_, members) => {
    for (const id of [kid, 'mine']) {
      const token = tokenOf(rs256(attacker), claims, { alg: 'RS256', typ: 'JWT', kid: id, ...members });
      expect(await outcome(watched, bearer(token))).toMatch(refused);
    }
    expect(fetched).toBe(0);
    expect(new Set(asked)).toEqual(new Set([kid, 'mine']));
  });

  it('does not matter beside a known one', async () => {
    const token = tokenOf(rs256(pair), claims, { alg: 'RS256', kid, jwk, jku: links[0], x5c: [der] });
    expect(await outcome(watched, bearer(token))).toMatchObject({ oid: 'user-1' });
    expect(fetched).toBe(0);
  });

  it('is refused under a known id', async () => {
    expect(await outcome(watched, bearer(tokenOf(rs256(attacker))))).toBe('UNAUTHENTICATED signature');
  });
});

describe('a key id', () => {
  const asked: string[] = [];
  const watched = verifierOf({
    async find(id) {
      asked.push(id);
      return pair.publicKey;
    },
  });

  it.each<[string, unknown]>([
    ['a path', '../../keys/warehouse.key'],
    ['an absolute path', '/dev/null'],
    ['SQL', "' UNION SELECT 'x"],
    ['a shell command', '$(id)'],
    ['NUL', 'key-1\u0000'],
    ['a line break', 'key-1\n'],
    ['a list', ['key-1']],
    ['an object', { toString: 'key-1' }],
    ['a number', 1],
    ['null', null],
    ['empty', ''],
    ['missing', undefined],
    ['huge', 'k'.repeat(129)],
    ['not ASCII', 'kéy-1'],
    ['an address', 'https://attacker.example'],
  ])('is never looked up as %s', async (_, id) => {
    expect(await outcome(watched, bearer(tokenOf(rs256(pair), claims, { alg: 'RS256', kid: id })))).toBe(
      'UNAUTHENTICATED kid',
    );
    expect(asked).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('is a plain name: %s', async (id) => {
    expect(await tried(tokenOf(rs256(pair), claims, { alg: 'RS256', kid: id }))).toBe(
      'UNAUTHENTICATED unknown-key',
    );
  });
});

describe('the header of a token', () => {
  it.each<[string, object, string]>([
    ['a typ of another kind', { typ: 'jwe' }, 'type'],
    ['a typ in lower case', { typ: 'jwt' }, 'type'],
    ['a typ that is null', { typ: null }, 'type'],
    ['a typ of a DPoP proof', { typ: 'dpop+jwt' }, 'type'],
    ['unknown critical members', { crit: ['exp'] }, 'critical'],
    ['an empty list of them', { crit: [] }, 'critical'],
    ['unencoded claims', { crit: ['b64'], b64: false }, 'critical'],
    ['b64 alone', { b64: false }, 'critical'],
  ])('is refused with %s', async (_, members, reason) => {
    expect(await tried(tokenOf(rs256(pair), claims, { alg: 'RS256', kid, ...members }))).toBe(
      `UNAUTHENTICATED ${reason}`,
    );
  });

  it.each(['[]', 'null', '"RS256"', '{', '{"alg":"RS256"', '\u0000'])('is refused as %j', async (text) => {
    expect(await tried(`${encode(text)}.${payload}.${signature}`)).toMatch(refused);
  });

  it('does not inherit', async () => {
    const text = `{"__proto__":{"alg":"RS256","kid":"${kid}"}}`;
    expect(await tried(tokenOf(rs256(pair), claims, text))).toBe('UNAUTHENTICATED algorithm');
  });
});

describe('the size of a token', () => {
  it('ends at 8 KiB', async () => {
    const padded = (length: number) => tokenOf(rs256(pair), { ...claims, pad: 'x'.repeat(length) });
    const room = Math.floor(((8192 - good.length) * 3) / 4) - 20;
    expect(await tried(padded(room))).toMatchObject({ oid: 'user-1' });
    expect(await tried(padded(room + 40))).toBe('UNAUTHENTICATED too-long');
    expect(await outcome(verifier, ['Authorization', `Bearer ${'a'.repeat(5_000_000)}`])).toBe(
      'UNAUTHENTICATED too-long',
    );
    expect(await outcome(verifier, ['Authorization', `Bearer${' '.repeat(5_000_000)}x`])).toBe(
      'UNAUTHENTICATED too-long',
    );
    expect(await tried('.'.repeat(8000))).toBe('UNAUTHENTICATED malformed');
  });
});

describe('the place of a token', () => {
  const own = `Bearer ${good}`;
  const forged = `Bearer ${tokenOf(rs256(attacker))}`;

  it.each<[string, string[], string]>([
    ['no header', [], 'missing'],
    ['two, the good one first', ['Authorization', own, 'authorization', forged], 'several-headers'],
    ['two, the good one last', ['authorization', forged, 'Authorization', own], 'several-headers'],
    ['two that are equal', ['Authorization', own, 'AUTHORIZATION', own], 'several-headers'],
    ['two, one empty', ['Authorization', '', 'Authorization', own], 'several-headers'],
    ['two in one', ['Authorization', `${own}, ${own}`], 'scheme'],
    ['an empty header', ['Authorization', ''], 'scheme'],
    ['no scheme', ['Authorization', good], 'scheme'],
    ['the scheme alone', ['Authorization', 'Bearer'], 'scheme'],
    ['the scheme and a blank', ['Authorization', 'Bearer '], 'scheme'],
    ['Basic', ['Authorization', `Basic ${Buffer.from(`token:${good}`).toString('base64')}`], 'scheme'],
    ['DPoP', ['Authorization', `DPoP ${good}`], 'scheme'],
    ['Token', ['Authorization', `Token ${good}`], 'scheme'],
    ['JWT', ['Authorization', `JWT ${good}`], 'scheme'],
    ['a tab', ['Authorization', `Bearer\t${good}`], 'scheme'],
    ['a doubled scheme', ['Authorization', `Bearer Bearer ${good}`], 'scheme'],
    ['a parameter', ['Authorization', `Bearer token=${good}`], 'malformed'],
    ['quotes', ['Authorization', `Bearer "${good}"`], 'malformed'],
    ['a proxy header', ['Proxy-Authorization', own], 'missing'],
    ['a cookie', ['Cookie', `access_token=${good}`], 'missing'],
    ['a forwarded header', ['X-Forwarded-Authorization', own, 'X-Access-Token', good], 'missing'],
    [
      'headers of Azure',
      ['x-ms-client-principal', encode({ userId: 'x' }), 'x-ms-token-aad-access-token', good],
      'missing',
    ],
    ['its name as a value', ['X-Name', 'Authorization', 'X-Value', own], 'missing'],
  ])('is not: %s', async (_, headers, reason) => {
    expect(await outcome(verifier, headers)).toBe(`UNAUTHENTICATED ${reason}`);
  });
});

describe('every refusal', () => {
  it('gives the caller the same answer', async () => {
    const errors = await Promise.all(
      [
        [],
        ['Authorization', 'x'],
        bearer('a.b'),
        bearer(tokenOf(rs256(attacker))),
        bearer(tokenOf(rs256(pair), {})),
      ].map((headers) => verifier.verify(headers).catch((error: unknown) => error)),
    );
    expect(new Set(errors.map((error) => (error as Error).message)).size).toBe(1);
    expect(new Set(errors.map(refusalReason)).size).toBe(errors.length);
  });

  it('is one, for whatever is sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.string(), async (a, b, c) => {
        expect(await tried(`${a}.${b}.${c}`)).toMatch(refused);
        expect(await tried(`${encode(a)}.${encode(b)}.${encode(c)}`)).toMatch(refused);
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.object(), fc.object(), async (head, body) => {
        expect(await tried(tokenOf(rs256(pair), body, head))).toMatch(refused);
        expect(await tried(tokenOf(rs256(pair), body))).toMatch(refused);
      }),
    );
  });
});
