import {
  audience,
  bearer,
  claims,
  client,
  ec,
  es256,
  issuer,
  now,
  options,
  outcome,
  ps256,
  rs256,
  rsa,
  seconds,
  tid,
  tokenOf,
  verifierOf,
  without,
} from './builders.js';

const pair = rsa();
const sign = rs256(pair);
const verifier = verifierOf(pair);
const tried = (payload: unknown, header?: unknown) =>
  outcome(verifierOf(pair), bearer(tokenOf(sign, payload, header)));

describe('a good token', () => {
  it('names its principal', async () => {
    const principal = await verifier.verify(
      bearer(
        tokenOf(sign, { ...claims, roles: ['clinician', 'reidentifier', 'x', 'analyst'], trusts: ['RXX'] }),
      ),
    );
    expect(principal).toEqual({
      oid: 'user-1',
      azp: client,
      tid,
      roles: ['analyst', 'clinician'],
      rights: ['reidentifier'],
      trusts: ['RXX'],
      groups: [],
      idtyp: 'user',
      scp: ['openid', 'Maplewood.Read'],
      tokenId: expect.stringMatching(/^[A-Za-z0-9_-]{16}$/),
      issuedAt: claims.iat,
      expiresAt: claims.exp,
      authTime: null,
      amr: null,
    });
  });

  it.each(['Bearer', 'bearer', 'BEARER'])('may say %s', async (scheme) => {
    expect(await outcome(verifier, ['AUTHORIZATION', `${scheme} ${tokenOf(sign)}`])).toMatchObject({
      azp: client,
    });
  });

  it('may be of the other asymmetric algorithms, where they are configured', async () => {
    const curve = ec();
    const pss = tokenOf(ps256(pair), claims, { alg: 'PS256', kid: 'key-1' });
    const ecdsa = tokenOf(es256(curve), claims, { alg: 'ES256', kid: 'key-1', typ: 'at+jwt' });
    expect(await outcome(verifierOf(pair, { algorithms: ['PS256'] }), bearer(pss))).toMatchObject({
      azp: client,
    });
    expect(await outcome(verifierOf(curve, { algorithms: ['RS256', 'ES256'] }), bearer(ecdsa))).toMatchObject(
      {
        azp: client,
      },
    );
    expect(await outcome(verifier, bearer(pss))).toBe('UNAUTHENTICATED algorithm');
    expect(await outcome(verifierOf(pair, { algorithms: ['RS256', 'ES256'] }), bearer(ecdsa))).toBe(
      'UNAUTHENTICATED key-kind',
    );
    expect(await outcome(verifierOf(pair, { algorithms: ['PS256'] }), bearer(tokenOf(sign)))).toBe(
      'UNAUTHENTICATED algorithm',
    );
  });

  it('may be of version 1.0 where that is configured', async () => {
    const v1 = { ...without('azp'), ver: '1.0', iss: `https://sts.windows.net/${tid}/`, appid: client };
    const both = {
      issuers: [...options.issuers, { version: '1.0' as const, issuer: v1.iss }],
    };
    expect(await tried(v1)).toBe('UNAUTHENTICATED issuer');
    const of = (payload: object) => outcome(verifierOf(pair, both), bearer(tokenOf(sign, payload)));
    expect(await of(v1)).toMatchObject({ azp: client });
    expect(await of({ ...v1, iss: issuer })).toBe('UNAUTHENTICATED issuer');
    expect(await of({ ...v1, ver: '2.0' })).toBe('UNAUTHENTICATED issuer');
    expect(await of({ ...without('appid', v1), azp: client })).toBe('UNAUTHENTICATED client');
  });

  it('may be of an application for itself, in roles that allow it', async () => {
    const app = { ...without('scp'), roles: ['bi-reader', 'analyst', 'reidentifier'] };
    expect(await tried(app)).toMatchObject({ idtyp: 'app', roles: ['bi-reader'], rights: [], scp: [] });
    expect(await tried({ ...app, idtyp: 'app' })).toMatchObject({ idtyp: 'app' });
    expect(await tried({ ...app, idtyp: 'user' })).toBe('UNAUTHENTICATED scope');
    expect(await tried({ ...claims, idtyp: 'app' })).toBe('UNAUTHENTICATED scope');
    expect(await tried({ ...app, roles: ['analyst'] })).toMatch(/^NO_ROLE/);
  });

  it('is taken within a minute of its times', async () => {
    expect(await tried({ ...claims, iat: seconds + 60, nbf: seconds + 60 })).toMatchObject({ azp: client });
    expect(await tried({ ...claims, iat: seconds - 600, exp: seconds - 59 })).toMatchObject({ azp: client });
  });
});

describe('the claims of a token', () => {
  const wrongTypes = [null, 1, 1.5, true, '', {}, [], ['x']];

  it.each(['iss', 'aud', 'tid', 'ver', 'azp', 'oid', 'iat', 'exp'])('must hold %s', async (name) => {
    expect(await tried(without(name))).toMatch(/^UNAUTHENTICATED/);
    for (const value of wrongTypes) {
      expect(await tried({ ...claims, [name]: value })).toMatch(/^UNAUTHENTICATED/);
    }
  });

  it.each(['iss', 'aud', 'tid', 'ver', 'azp'] as const)('must hold exactly our %s', async (name) => {
    const own = claims[name];
    const foreign = [
      'x',
      `${own}x`,
      `x${own}`,
      own.slice(0, -1),
      own.slice(1),
      ` ${own}`,
      `${own}/`,
      own.toUpperCase(),
    ];
    for (const value of foreign.filter((one) => one !== own)) {
      expect(await tried({ ...claims, [name]: value })).toMatch(/^UNAUTHENTICATED/);
    }
    for (const value of [[own], [own, 'x'], ['x', own], { 0: own }]) {
      expect(await tried({ ...claims, [name]: value })).toMatch(/^UNAUTHENTICATED/);
    }
  });

  it.each(['common', 'organizations', 'consumers', '{tenantid}'])('must not come from %s', async (tenant) => {
    expect(await tried({ ...claims, iss: `https://login.microsoftonline.com/${tenant}/v2.0` })).toMatch(
      /^UNAUTHENTICATED/,
    );
  });

  it.each<[string, object]>([
    ['an end in the past', { iat: seconds - 7200, exp: seconds - 61 }],
    ['an end at its beginning', { iat: seconds, exp: seconds }],
    ['an end before its beginning', { iat: seconds + 20, exp: seconds + 10 }],
    ['a life of more than a day', { exp: claims.iat + 86_401 }],
    ['an end that never comes', { exp: 1e300 }],
    ['an end that is no whole number', { exp: seconds + 0.5 }],
    ['an end in milliseconds', { exp: now + 3_600_000 }],
    ['an end as text', { exp: String(claims.exp) }],
    ['a beginning far ahead', { iat: seconds + 61, nbf: seconds - 60 }],
    ['a beginning as text', { iat: String(claims.iat) }],
    ['a beginning before time', { iat: -1 }],
    ['a time before which it is not valid', { nbf: seconds + 61 }],
    ['such a time as text', { nbf: String(claims.nbf) }],
    ['such a time as null', { nbf: null }],
  ])('may not have %s', async (_, changes) => {
    expect(await tried({ ...claims, ...changes })).toBe('UNAUTHENTICATED times');
  });

  it('may do without nbf', async () => {
    expect(await tried(without('nbf'))).toMatchObject({ azp: client });
  });

  it.each<unknown>([
    '',
    'Maplewood.Rea',
    'Maplewood.Read2',
    'maplewood.read',
    'xMaplewood.Read',
    1,
    null,
    ['Maplewood.Read'],
  ])('must consent to our scope: %p', async (scp) => {
    expect(await tried({ ...claims, scp })).toBe('UNAUTHENTICATED scope');
  });

  it('may not link to groups elsewhere', async () => {
    expect(await tried({ ...claims, _claim_names: { groups: 'src1' } })).toBe('UNAUTHENTICATED groups');
    expect(await tried({ ...claims, hasgroups: true })).toBe('UNAUTHENTICATED groups');
    expect(await tried({ ...claims, groups: 'g' })).toBe('UNAUTHENTICATED groups');
    expect(await tried({ ...claims, groups: ['g'] })).toMatchObject({ groups: ['g'] });
  });

  it('say how and when the user signed in', async () => {
    expect(await tried({ ...claims, auth_time: seconds - 90, amr: ['pwd', 'mfa'] })).toMatchObject({
      authTime: seconds - 90,
      amr: ['pwd', 'mfa'],
    });
    for (const wrong of [{ amr: 'mfa' }, { amr: null }, { auth_time: '1' }, { auth_time: null }]) {
      expect(await tried({ ...claims, ...wrong })).toBe('UNAUTHENTICATED authentication-context');
    }
  });

  it.each(['[]', 'null', '"text"', '1', '{', ''])('must be an object: %s', async (payload) => {
    expect(await tried(payload)).toMatch(/^UNAUTHENTICATED/);
  });

  it('are not inherited', async () => {
    const polluted = JSON.stringify(without('azp')).replace('{', `{"__proto__":{"azp":"${client}"},`);
    expect(await tried(polluted)).toBe('UNAUTHENTICATED client');
  });
});

describe('the roles of a token', () => {
  it.each<unknown>([
    'analyst',
    'analyst admin',
    null,
    1,
    true,
    {},
    { 0: 'analyst' },
    ['analyst', 1],
    [['analyst']],
    [null],
  ])('must be a list of texts: %p', async (roles) => {
    expect(await tried({ ...claims, roles })).toBe('UNAUTHENTICATED roles');
  });

  it.each([
    [[]],
    [['Analyst']],
    [['ANALYST']],
    [[' analyst']],
    [['analyst ']],
    [['analyst\u0000']],
    [['anal\u0443st']],
    [['\u0430nalyst']],
    [['anaIyst']],
    [['analyst\u200b']],
    [['\uff41nalyst']],
    [['analyst,admin']],
    [['__proto__']],
    [['constructor']],
    [['toString']],
    [['reidentifier']],
    [['*']],
    [['']],
  ])('count only byte for byte: %j', async (roles) => {
    expect(await tried({ ...claims, roles })).toMatch(/^NO_ROLE: The token holds no role/);
  });

  it('may be missing, which is no fault of the token', async () => {
    expect(await tried(without('roles'))).toMatch(/^NO_ROLE/);
  });
});

describe('the trusts of a token', () => {
  const fifty = Array.from({ length: 50 }, (_, index) => `R${index + 10}`);

  it('narrow what it may read', async () => {
    expect(await tried({ ...claims, trusts: fifty })).toMatchObject({ trusts: fifty });
    expect(await tried(claims)).toMatchObject({ trusts: null });
  });

  it.each<unknown>([
    [[]],
    ['RXX'],
    ['*'],
    [['*']],
    [['rxx']],
    [['RX']],
    [['RXXXXX']],
    [['RXX ']],
    [["RX' OR 1=1"]],
    [['RXX\n']],
    [['RXX', 1]],
    [[...fifty, 'RXX']],
    [null],
    [{ 0: 'RXX' }],
  ])('allow nothing in another shape: %j', async (trusts) => {
    expect(await tried({ ...claims, trusts })).toMatch(/^NO_ROLE: The token limits the trusts/);
  });

  it('may stand in a claim of another name', async () => {
    const mapped = verifierOf(pair, { trustsClaim: 'extn.trusts' });
    const token = tokenOf(sign, { ...claims, 'extn.trusts': ['RXX'], trusts: '*' });
    expect(await outcome(mapped, bearer(token))).toMatchObject({ trusts: ['RXX'] });
  });
});

describe('a verified token', () => {
  const counted = (capacity?: number) => {
    const clock = { now };
    const seen: string[] = [];
    const keys = {
      find: async (kid: string) => {
        seen.push(kid);
        return pair.publicKey;
      },
    };
    const remembered = capacity === undefined ? {} : { remembered: capacity };
    return { clock, seen, verifier: verifierOf(keys, remembered, clock) };
  };

  it('is not verified again for five minutes', async () => {
    const { clock, seen, verifier } = counted();
    const headers = bearer(tokenOf(sign));
    const first = await verifier.verify(headers);
    clock.now += 299_999;
    expect(await verifier.verify(headers)).toBe(first);
    expect(seen).toHaveLength(1);
    clock.now += 1;
    await verifier.verify(headers);
    expect(seen).toHaveLength(2);
  });

  it('is not remembered beyond its end', async () => {
    const { clock, verifier } = counted();
    const headers = bearer(tokenOf(sign, { ...claims, exp: seconds + 120 }));
    await verifier.verify(headers);
    clock.now += 181_000;
    expect(await outcome(verifier, headers)).toBe('UNAUTHENTICATED times');
  });

  it('makes room for newer ones', async () => {
    const { seen, verifier } = counted(2);
    const headers = ['a', 'b', 'c'].map((oid) => bearer(tokenOf(sign, { ...claims, oid })));
    for (const one of headers) await verifier.verify(one);
    await verifier.verify(headers[2]!);
    expect(seen).toHaveLength(3);
    await verifier.verify(headers[0]!);
    expect(seen).toHaveLength(4);
  });

  it('does not vouch for one that differs in its signature', async () => {
    const { verifier } = counted();
    const token = tokenOf(sign);
    await verifier.verify(bearer(token));
    const [header, payload] = token.split('.');
    const other = tokenOf(sign, { ...claims, oid: 'user-2' }).split('.')[2];
    expect(await outcome(verifier, bearer(`${header}.${payload}.${other}`))).toMatch(/^UNAUTHENTICATED/);
  });

  it('is not remembered when it was refused', async () => {
    const { seen, verifier } = counted();
    const headers = bearer(tokenOf(sign, { ...claims, aud: `${audience}x` }));
    await outcome(verifier, headers);
    await outcome(verifier, headers);
    expect(seen).toHaveLength(2);
  });
});
