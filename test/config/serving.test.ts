import { assertServable, isLoopback, mayCreateKeys } from '../../src/config/serving.js';

const base = { dev: false, host: '127.0.0.1', tenantId: null, audience: null };

describe('starting to serve', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('takes %s for loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(() => assertServable({ ...base, dev: true, host })).not.toThrow();
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'localhost.example', '128.0.0.1', '127.1', ''])(
    'refuses the development issuer on %p',
    (host) => {
      expect(isLoopback(host)).toBe(false);
      expect(() => assertServable({ ...base, dev: true, host, tenantId: 't', audience: 'a' })).toThrow(
        expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringContaining('MAPLEWOOD_DEV') }),
      );
    },
  );

  it('needs a tenant and an audience', () => {
    expect(() => assertServable(base)).toThrow('serve needs MAPLEWOOD_TENANT_ID and MAPLEWOOD_AUDIENCE');
    expect(() => assertServable({ ...base, tenantId: 't' })).toThrow('serve needs MAPLEWOOD_AUDIENCE,');
    expect(() => assertServable({ ...base, host: '0.0.0.0', tenantId: 't', audience: 'a' })).not.toThrow();
  });

  it('makes keys for an embedded warehouse without a Key Vault only', () => {
    const warehouse = { kind: 'duckdb', path: '/w' } as const;
    expect(mayCreateKeys({ warehouse, keyVaultUrl: null })).toBe(true);
    expect(mayCreateKeys({ warehouse, keyVaultUrl: 'https://v' })).toBe(false);
  });
});
