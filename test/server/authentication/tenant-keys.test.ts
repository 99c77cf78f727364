import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKeySet } from '../../../src/server/authentication/key-set.js';
import { downloadKeySet } from '../../../src/server/authentication/key-set-download.js';
import type { TenantKeyEffects } from '../../../src/server/authentication/tenant-keys.js';
import { TenantKeys } from '../../../src/server/authentication/tenant-keys.js';
import {
  bearer,
  claims,
  ec,
  issuer,
  type KeyPair,
  now,
  outcome,
  rs256,
  rsa,
  tokenOf,
  verifierOf,
} from './builders.js';

const pair = rsa();
const other = rsa();
const minute = 60_000;
const day = 24 * 60 * minute;
const url = 'https://login.example/keys';
const jwk = ({ publicKey }: KeyPair, more: object) => ({
  ...publicKey.export({ format: 'jwk' }),
  use: 'sig',
  ...more,
});
const set = (...keys: object[]) => JSON.stringify({ keys });
const oneKey = set(jwk(pair, { kid: 'key-1' }));

/** A tenant whose answer, clock and disk a test holds in its hands. */
function tenant(answer: string | Error = oneKey) {
  const world = { answer, now, fetched: [] as string[], disk: new Map<string, string>() };
  const effects: TenantKeyEffects = {
    async fetch(address) {
      world.fetched.push(address);
      if (world.answer instanceof Error) throw world.answer;
      return new Response(world.answer);
    },
    now: () => world.now,
    async readText(path) {
      const text = world.disk.get(path);
      if (text === undefined) throw new Error('ENOENT');
      return text;
    },
    async writeText(path, text) {
      world.disk.set(path, text);
    },
  };
  const start = () => new TenantKeys({ url, issuer, file: '/keys.json' }, effects);
  return { world, start, keys: start() };
}

describe('the keys of a tenant', () => {
  it('are fetched once and found by their id', async () => {
    const { world, keys } = tenant();
    expect((await keys.find('key-1'))?.equals(pair.publicKey)).toBe(true);
    await keys.find('key-1');
    expect(world.fetched).toEqual([url]);
  });

  it('are fetched once for all who wait', async () => {
    const { world, keys } = tenant();
    const found = await Promise.all(Array.from({ length: 50 }, () => keys.find('key-1')));
    expect(found.every((key) => key !== undefined)).toBe(true);
    expect(world.fetched).toHaveLength(1);
  });

  it('cause no traffic for a flood of unknown ids', async () => {
    const { world, keys } = tenant();
    await keys.find('key-1');
    for (let index = 0; index < 5_000; index += 1)
      expect(await keys.find(`unknown-${index}`)).toBeUndefined();
    expect(world.fetched).toHaveLength(1);
    world.now += 5 * minute;
    await Promise.all(Array.from({ length: 500 }, (_, index) => keys.find(`more-${index}`)));
    expect(world.fetched).toHaveLength(2);
    expect(await keys.find('key-1')).toBeDefined();
  });

  it('do not look again for an id that was just not there', async () => {
    const { world, keys } = tenant();
    expect(await keys.find('gone')).toBeUndefined();
    world.now += 6 * minute;
    expect(await keys.find('gone')).toBeUndefined();
    expect(world.fetched).toHaveLength(1);
    world.now += 10 * minute;
    await keys.find('gone');
    expect(world.fetched).toHaveLength(2);
  });

  it('follow a rotation', async () => {
    const { world, keys } = tenant();
    await keys.find('key-1');
    world.answer = set(jwk(other, { kid: 'key-2' }));
    expect(await keys.find('key-2')).toBeUndefined();
    world.now += 5 * minute;
    expect((await keys.find('key-2'))?.equals(other.publicKey)).toBe(true);
    expect(await keys.find('key-1')).toBeUndefined();
  });

  it('are read again after a day, behind an answer from the old ones', async () => {
    const { world, keys } = tenant();
    await keys.find('key-1');
    world.now += day + 1;
    expect(await keys.find('key-1')).toBeDefined();
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.fetched).toHaveLength(2);
  });

  it('outlive an outage by a day, and no longer', async () => {
    const { world, keys } = tenant();
    await keys.find('key-1');
    world.answer = new Error('down');
    world.now += 2 * day;
    expect(await keys.find('key-1')).toBeDefined();
    world.now += 1;
    expect(await keys.find('key-1')).toBeUndefined();
    world.answer = oneKey;
    world.now += 10_000;
    expect(await keys.find('key-1')).toBeDefined();
  });

  it('are kept on disk for a start without network', async () => {
    const { world, keys, start } = tenant();
    await keys.find('key-1');
    world.answer = new Error('down');
    world.now += day / 2;
    expect(await start().find('key-1')).toBeDefined();
    expect(world.fetched).toHaveLength(1);
    world.now += 2 * day;
    expect(await start().find('key-1')).toBeUndefined();
  });

  it.each(['', '{', '[]', '{"fetchedAt":1e300,"text":"{}"}', '{"fetchedAt":0,"text":1}'])(
    'do not believe a damaged copy: %s',
    async (text) => {
      const { world, start } = tenant();
      world.disk.set('/keys.json', text);
      expect(await start().find('key-1')).toBeDefined();
      expect(world.fetched).toHaveLength(1);
    },
  );

  it('do not believe a copy from the future', async () => {
    const { world, start } = tenant(new Error('down'));
    world.disk.set('/keys.json', JSON.stringify({ fetchedAt: now + day, text: oneKey }));
    expect(await start().find('key-1')).toBeUndefined();
  });

  it.each(['{"keys":[]}', '{}', 'null', 'not json', set({ kty: 'oct', k: 'AAAA', kid: 'key-1' })])(
    'stay when the tenant answers %s',
    async (answer) => {
      const { world, keys } = tenant();
      await keys.find('key-1');
      world.answer = answer;
      world.now += 5 * minute;
      await keys.find('key-2');
      expect(world.fetched).toHaveLength(2);
      expect(await keys.find('key-1')).toBeDefined();
    },
  );

  it('serve without a disk to write on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tenant-'));
    rmSync(folder, { recursive: true });
    const keys = new TenantKeys(
      { url, issuer, file: join(folder, 'keys.json') },
      {
        ...tenantEffects(),
        fetch: async () => new Response(oneKey),
      },
    );
    expect(await keys.find('key-1')).toBeDefined();
  });

  it('verify tokens', async () => {
    const { keys } = tenant();
    const verifier = verifierOf(keys);
    expect(await outcome(verifier, bearer(tokenOf(rs256(pair))))).toMatchObject({ oid: 'user-1' });
    expect(await outcome(verifier, bearer(tokenOf(rs256(other))))).toBe('UNAUTHENTICATED signature');
    const unknown = tokenOf(rs256(other), claims, { alg: 'RS256', kid: 'key-9' });
    expect(await outcome(verifier, bearer(unknown))).toBe('UNAUTHENTICATED unknown-key');
  });
});

function tenantEffects(): TenantKeyEffects {
  const fails = async () => {
    throw new Error('ENOENT');
  };
  return { fetch: fails, now: () => now, readText: fails, writeText: fails };
}

describe('a key set', () => {
  it('gives its signing keys', () => {
    const curve = ec();
    const keys = readKeySet(
      set(
        jwk(pair, { kid: 'a' }),
        jwk(curve, { kid: 'b', use: undefined }),
        jwk(other, { kid: 'c', issuer }),
      ),
      issuer,
    );
    expect([...keys.keys()]).toEqual(['a', 'b', 'c']);
    expect([...keys.values()].every(({ type }) => type === 'public')).toBe(true);
  });

  it.each<[string, object]>([
    ['for encryption', jwk(pair, { kid: 'a', use: 'enc' })],
    ['of another issuer', jwk(pair, { kid: 'a', issuer: `${issuer}x` })],
    ['of all tenants', jwk(pair, { kid: 'a', issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' })],
    ['of 1,024 bits', jwk(rsa(1024), { kid: 'a' })],
    ['on another curve', jwk(ec('P-521'), { kid: 'a' })],
    ['that is symmetric', { kty: 'oct', k: 'c2VjcmV0', kid: 'a' }],
    ['without an id', jwk(pair, {})],
    ['with an id that no token may have', jwk(pair, { kid: '../a' })],
    ['without a modulus', { kty: 'RSA', e: 'AQAB', kid: 'a' }],
    ['of nonsense', { kty: 'RSA', n: '', e: '!', kid: 'a' }],
    ['in a certificate alone', { kty: 'RSA', kid: 'a', x5c: ['MIIB'] }],
  ])('leaves out a key %s', (_, member) => {
    expect([...readKeySet(set(member), issuer).keys()]).toEqual([]);
  });

  it('takes the first of two keys of one id', () => {
    const keys = readKeySet(set(jwk(pair, { kid: 'a' }), jwk(other, { kid: 'a' })), issuer);
    expect(keys.get('a')?.equals(pair.publicKey)).toBe(true);
  });

  it('takes no private member into a public key', () => {
    const keys = readKeySet(set({ ...pair.privateKey.export({ format: 'jwk' }), kid: 'a' }), issuer);
    expect(keys.get('a')?.type).toBe('public');
  });
});

describe('the download of a key set', () => {
  it('asks for https, no redirect and an end', async () => {
    const seen: RequestInit[] = [];
    const fetch = async (_: string, init: RequestInit) => {
      seen.push(init);
      return new Response('{}');
    };
    expect(await downloadKeySet(url, fetch)).toBe('{}');
    expect(seen[0]).toMatchObject({ redirect: 'error', signal: expect.any(AbortSignal) });
    await expect(downloadKeySet('http://login.example/keys', fetch)).rejects.toThrow('https only');
  });

  it('fails for an error and for too much', async () => {
    await expect(downloadKeySet(url, async () => new Response('x', { status: 500 }))).rejects.toThrow(
      'status 500',
    );
    await expect(downloadKeySet(url, async () => new Response(null, { status: 204 }))).rejects.toThrow(
      'status 204',
    );
    const large = 'x'.repeat(256 * 1024);
    expect(await downloadKeySet(url, async () => new Response(large))).toHaveLength(large.length);
    await expect(downloadKeySet(url, async () => new Response(`${large}x`))).rejects.toThrow('too large');
  });

  it('does not follow a redirect of a real server', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/keys') response.writeHead(302, { location: '/other' }).end();
      else response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const plain = (_: string, init: RequestInit) => fetch(`http://127.0.0.1:${port}/keys`, init);
    try {
      await expect(downloadKeySet(url, plain)).rejects.toThrow('fetch failed');
    } finally {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    }
  });
});
