import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrustCode } from '../../../src/access/grant.js';
import { roles } from '../../../src/access/role.js';
import { type Config, loadConfig } from '../../../src/config/environment.js';
import { type Home, homeAt } from '../../../src/config/home.js';
import {
  type DevelopmentIssuer,
  developmentIssuer,
  issueToken,
  loadDevelopmentIssuer,
  publicKeySet,
} from '../../../src/server/authentication/issuer.js';
import { trustedSource } from '../../../src/server/authentication/trusted-source.js';
import { createVerifier } from '../../../src/server/authentication/verify.js';
import { bearer, now, outcome, issuer as tenantIssuer, tid } from './builders.js';

describe('the development issuer', () => {
  let home: Home;
  let issuer: DevelopmentIssuer;
  beforeAll(() => {
    home = homeAt(mkdtempSync(join(tmpdir(), 'issuer-')));
    issuer = loadDevelopmentIssuer(home, { create: true });
  });
  afterAll(() => rmSync(home.root, { recursive: true }));

  const config = (env: NodeJS.ProcessEnv = {}): Config =>
    loadConfig({ MAPLEWOOD_DEV: '1', ...env }, home.root);
  const verifierFor = (settings: Config, clock = now) => {
    const { options, keys } = trustedSource(settings, () => issuer);
    return createVerifier(options, { keys, now: () => clock });
  };

  it('keeps its key for its owner alone', () => {
    expect(statSync(join(home.keys, 'development-issuer.pem')).mode & 0o777).toBe(0o600);
    expect(loadDevelopmentIssuer(home, { create: false }).kid).toBe(issuer.kid);
  });

  it('is told apart from that of another installation', () => {
    const other = homeAt(mkdtempSync(join(tmpdir(), 'issuer-')));
    expect(loadDevelopmentIssuer(other, { create: true }).kid).not.toBe(issuer.kid);
    rmSync(other.root, { recursive: true });
  });

  it('says what to do about a missing or damaged key', () => {
    const other = homeAt(mkdtempSync(join(tmpdir(), 'issuer-')));
    expect(() => loadDevelopmentIssuer(other, { create: false })).toThrow('Run maplewood token');
    const damaged = { makePrivateKey: () => Buffer.from('no key') };
    expect(() => loadDevelopmentIssuer(other, { create: true }, damaged)).toThrow(
      'is damaged. Delete the file',
    );
    rmSync(other.root, { recursive: true });
  });

  it.each(roles)('signs tokens that are accepted: %s', async (role) => {
    const token = issueToken(issuer, { roles: [role], trusts: ['RXX' as TrustCode], client: 'c-1' }, now);
    expect(await outcome(verifierFor(config()), bearer(token))).toMatchObject({
      roles: [role],
      trusts: ['RXX'],
      azp: 'c-1',
      oid: `dev-${role}`,
      tid: developmentIssuer.tenantId,
      idtyp: 'user',
      expiresAt: now / 1000 + 8 * 3600,
    });
  });

  it('signs for applications, rights and users of a name', async () => {
    const verifier = verifierFor(config());
    const app = issueToken(issuer, { roles: ['bi-reader'], application: true }, now);
    expect(await outcome(verifier, bearer(app))).toMatchObject({
      idtyp: 'app',
      azp: 'maplewood-cli',
      trusts: null,
    });
    const user = issueToken(issuer, { roles: ['clinician', 'reidentifier'], oid: 'dr-1' }, now);
    expect(await outcome(verifier, bearer(user))).toMatchObject({ oid: 'dr-1', rights: ['reidentifier'] });
  });

  it('signs for eight hours', async () => {
    const token = issueToken(issuer, { roles: ['analyst'] }, now);
    expect(await outcome(verifierFor(config(), now + 9 * 3_600_000), bearer(token))).toMatch(
      /^UNAUTHENTICATED/,
    );
  });

  it('publishes public members only', () => {
    const set = publicKeySet(issuer);
    expect(Object.keys(set.keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect(JSON.stringify(set)).not.toContain(String(issuer.privateKey.export({ format: 'jwk' }).d));
  });

  it('is trusted on a loopback address only', () => {
    expect(() => trustedSource(config({ MAPLEWOOD_HOST: '0.0.0.0' }), () => issuer)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION' }),
    );
  });

  it('is not even loaded beside a tenant', async () => {
    const env = {
      MAPLEWOOD_DEV: '',
      MAPLEWOOD_TENANT_ID: tid,
      MAPLEWOOD_AUDIENCE: 'api',
      MAPLEWOOD_CLIENT_ID: 'web',
    };
    const asked: unknown[] = [];
    const source = trustedSource(
      config(env),
      () => {
        throw new Error('loaded');
      },
      {
        tenantKeys(options) {
          asked.push(options);
          return { find: async () => issuer.publicKey };
        },
      },
    );
    expect(asked).toEqual([
      {
        url: `https://login.microsoftonline.com/${tid}/discovery/v2.0/keys`,
        issuer: tenantIssuer,
        file: join(home.root, '.maplewood', 'state', `tenant-keys-${tid}.json`),
      },
    ]);
    expect(source.options).toMatchObject({
      issuers: [{ version: '2.0', issuer: tenantIssuer }],
      audiences: ['api'],
      tenantId: tid,
      clients: new Set(['web']),
    });
    // What the connector of Power Query reads: where to sign in, and for which application.
    expect(source.challenge).toBe(
      `Bearer authorization_uri="https://login.microsoftonline.com/${tid}/oauth2/authorize", resource_id="api"`,
    );
    const verifier = createVerifier(source.options, { keys: source.keys, now: () => now });
    const token = issueToken(issuer, { roles: ['analyst'], client: 'web' }, now);
    expect(await outcome(verifier, bearer(token))).toMatch(/^UNAUTHENTICATED/);
  });

  it('keeps to the list of clients where there is one', async () => {
    const file = join(home.root, 'config.json');
    writeFileSync(file, '{"authentication": {"clients": ["known"]}}');
    const verifier = verifierFor(config({ MAPLEWOOD_CONFIG: file }));
    const of = (client: string) =>
      outcome(verifier, bearer(issueToken(issuer, { roles: ['analyst'], client }, now)));
    expect(await of('known')).toMatchObject({ azp: 'known' });
    expect(await of('unknown')).toBe('UNAUTHENTICATED client');
  });
});
