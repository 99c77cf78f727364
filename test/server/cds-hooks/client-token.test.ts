import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readKeySet } from '../../../src/server/authentication/key-set.js';
import { refusalReason } from '../../../src/server/authentication/refusal.js';
import { clientVerifier } from '../../../src/server/cds-hooks/client-token.js';
import { spentTokens } from '../../../src/server/cds-hooks/spent-tokens.js';
import { takenNamesIn } from '../../../src/state/taken-names.js';
import { temporaryFolder } from '../../support/landing.js';
import { ec, encode, hmac, type KeyPair, now, rsa, tokenOf, without } from '../authentication/builders.js';
import { ehr, ehrClaims, ehrHeader, ehrKeys, ehrKid, ehrToken, es384, rs384 } from './tokens.js';

const temporary = temporaryFolder();
const audience = 'https://maplewood.example/cds-services/maplewood-patient-view';
const keys = ehrKeys();
const rsaKeys = rsa();
const stranger = ehrKeys();
const client = ehr(['RAA']);
const verifierAt = (clock: { now: number } = { now }) =>
  clientVerifier(
    [
      {
        client,
        keys: {
          find: async (kid) =>
            ({ [ehrKid]: keys.publicKey, rsa: rsaKeys.publicKey, p256: small.publicKey })[kid],
        },
      },
    ],
    () => clock.now,
  );
const small = ec('P-256');

async function outcome(token: string, verifier = verifierAt()): Promise<string> {
  try {
    return (await verifier.verify(token, audience)).client;
  } catch (error) {
    const { code } = error as { code?: string };
    return code === 'UNAUTHENTICATED' ? String(refusalReason(error)) : String(error);
  }
}
const claims = (changed: object = {}): object => ({ ...ehrClaims(audience, now), ...changed });
const signed = (changed: object, header: object = {}, by: KeyPair = keys): string =>
  tokenOf(es384(by), claims(changed), { ...ehrHeader, ...header });
const seconds = now / 1000;

describe('a token that a client of CDS Hooks has signed', () => {
  it('is taken with ES384 and RS384', async () => {
    expect(await outcome(ehrToken(keys, audience, now))).toBe('ehr-client');
    expect(await outcome(tokenOf(rs384(rsaKeys), claims(), { ...ehrHeader, alg: 'RS384', kid: 'rsa' }))).toBe(
      'ehr-client',
    );
  });

  it('may name the address of its keys, if it is the configured one', async () => {
    expect(await outcome(signed({}, { jku: client.jwksUrl }))).toBe('ehr-client');
    expect(await outcome(signed({}, { jku: 'https://attacker.example/jwks.json' }))).toBe('key-address');
    expect(await outcome(signed({}, { jku: null }))).toBe('key-address');
  });

  it.each<[string, () => string, string]>([
    ['none', () => signed({}, { alg: 'none' }), 'algorithm'],
    ['RS256', () => signed({}, { alg: 'RS256' }), 'algorithm'],
    ['HS384', () => tokenOf(hmac('sha384', 'secret'), claims(), { ...ehrHeader, alg: 'HS384' }), 'algorithm'],
    ['ES256', () => signed({}, { alg: 'ES256', kid: 'p256' }), 'algorithm'],
    [
      'ES384 with a key of another curve',
      () => tokenOf(es384(small), claims(), { ...ehrHeader, kid: 'p256' }),
      'signature',
    ],
    ['ES384 with an RSA key', () => signed({}, { kid: 'rsa' }), 'key-kind'],
    ['RS384 with a key of a curve', () => signed({}, { alg: 'RS384' }), 'key-kind'],
    ['no kid', () => signed({}, { kid: undefined }), 'kid'],
    ['an unknown kid', () => signed({}, { kid: 'other' }), 'unknown-key'],
    ['no typ', () => signed({}, { typ: undefined }), 'type'],
    ['the typ of an access token', () => signed({}, { typ: 'at+jwt' }), 'type'],
    ['critical members', () => signed({}, { crit: ['exp'] }), 'critical'],
    ['the signature of another', () => signed({}, {}, stranger), 'signature'],
    [
      'its own key in the header',
      () => signed({}, { jwk: stranger.publicKey.export({ format: 'jwk' }) }, stranger),
      'signature',
    ],
    ['no signature', () => `${signed({}).split('.').slice(0, 2).join('.')}.`, 'malformed'],
    ['another issuer', () => signed({ iss: 'https://other.example' }), 'tenant'],
    [
      'an issuer that begins like it',
      () => signed({ iss: 'https://ehr.example.attacker.example' }),
      'tenant',
    ],
    ['a tenant that is not configured', () => signed({ tenant: 'other' }), 'tenant'],
    ['another address', () => signed({ aud: 'https://maplewood.example/cds-services' }), 'audience'],
    ['the same address with a slash', () => signed({ aud: `${audience}/` }), 'audience'],
    ['several addresses', () => signed({ aud: [audience] }), 'audience'],
    ['a life of more than five minutes', () => signed({ exp: seconds + 301 }), 'times'],
    ['an end without end', () => signed({ exp: 1e300 }), 'times'],
    ['an end that is over', () => signed({ iat: seconds - 400, exp: seconds - 100 }), 'times'],
    ['a beginning to come', () => signed({ iat: seconds + 100, exp: seconds + 200 }), 'times'],
    ['a life the wrong way round', () => signed({ iat: seconds, exp: seconds - 10 }), 'times'],
    ['an nbf to come', () => signed({ nbf: seconds + 100 }), 'times'],
    ['an empty jti', () => signed({ jti: '' }), 'token-id'],
    ['a jti that is no text', () => signed({ jti: 5 }), 'token-id'],
    ['a jti without end', () => signed({ jti: 'x'.repeat(129) }), 'token-id'],
    ['claims that are a list', () => tokenOf(es384(keys), [claims()], ehrHeader), 'header'],
  ])('is refused with %s', async (_what, token, reason) => {
    expect(await outcome(token())).toBe(reason);
  });

  it.each<[string, string]>([
    ['iss', 'tenant'],
    ['aud', 'audience'],
    ['exp', 'times'],
    ['iat', 'times'],
    ['jti', 'token-id'],
  ])('is refused without %s', async (name, reason) => {
    expect(await outcome(tokenOf(es384(keys), without(name, claims()), ehrHeader))).toBe(reason);
  });

  it('is taken once', async () => {
    const verifier = verifierAt();
    const token = ehrToken(keys, audience, now);
    expect(await outcome(token, verifier)).toBe('ehr-client');
    expect(await outcome(token, verifier)).toBe('replayed');
    const twice = await Promise.all(
      [signed({ jti: 'a' }), signed({ jti: 'a' })].map((one) => outcome(one, verifier)),
    );
    expect(twice.sort()).toEqual(['ehr-client', 'replayed']);
  });

  it('cannot be spent by somebody who only knows its jti', async () => {
    const verifier = verifierAt();
    expect(await outcome(signed({ jti: 'a' }, {}, stranger), verifier)).toBe('signature');
    expect(await outcome(signed({ jti: 'a' }), verifier)).toBe('ehr-client');
  });

  it('is not remembered for longer than it could be used', async () => {
    const clock = { now };
    const verifier = verifierAt(clock);
    const token = ehrToken(keys, audience, now);
    expect(await outcome(token, verifier)).toBe('ehr-client');
    clock.now += 359_000;
    expect(await outcome(token, verifier)).toBe('replayed');
    clock.now += 2_000;
    expect(await outcome(token, verifier)).toBe('times');
  });

  it('is told from others by its issuer alone', () => {
    const verifier = verifierAt();
    expect(verifier.isOfClient(signed({ aud: 'x' }, {}, stranger))).toBe(true);
    for (const other of [
      signed({ iss: 'https://login.example' }),
      'a.b.c',
      '',
      `${encode({})}.${encode('x')}.x`,
    ])
      expect(verifier.isOfClient(other)).toBe(false);
  });
});

describe('spent tokens', () => {
  it('are forgotten once they are over, and never before', async () => {
    const spent = spentTokens(undefined, 2);
    expect([await spent.take('a', 10, 0), await spent.take('b', 20, 0)]).toEqual([true, true]);
    await expect(spent.take('c', 30, 10)).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(await spent.take('a', 10, 10)).toBe(false);
    expect(await spent.take('c', 30, 11)).toBe(true);
    expect(await spent.take('b', 20, 20)).toBe(false);
  });

  it('are known after a restart, and to another process; those that are over are removed', async () => {
    const folder = join(temporary, 'spent');
    const second = 1_000_000_000;
    const process = (at: number) => spentTokens(takenNamesIn(folder, () => at * 1000));
    const [one, other] = [process(second), process(second)];
    const both = await Promise.all([
      one.take('a', second + 300, second),
      other.take('a', second + 300, second),
    ]);
    expect(both.sort()).toEqual([false, true]);
    expect(await one.take('b', second + 10, second)).toBe(true);
    const restarted = process(second + 100);
    expect(await restarted.take('a', second + 300, second + 100)).toBe(false);
    expect(readdirSync(folder)).toEqual(['a']);
    expect(await restarted.take('c', second + 400, second + 100)).toBe(true);
    expect(await restarted.take('d', second + 900, second + 500)).toBe(true);
    const left = async (): Promise<string[]> => {
      await pause(20);
      return readdirSync(folder).sort();
    };
    expect(await left()).toEqual(['d']);
  });

  it('that cannot be kept are not taken', async () => {
    const folder = join(temporary, 'no-folder');
    writeFileSync(folder, '');
    const spent = spentTokens(takenNamesIn(folder, () => 0));
    await expect(spent.take('a', 10, 0)).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' });
  });
});

describe('a key set', () => {
  it('may hold keys of P-384', () => {
    const { kty, crv, x, y } = keys.publicKey.export({ format: 'jwk' });
    const set = readKeySet(
      JSON.stringify({ keys: [{ kty, crv, x, y, kid: ehrKid, use: 'sig' }] }),
      client.issuer,
    );
    expect(set.get(ehrKid)?.equals(keys.publicKey)).toBe(true);
  });
});
