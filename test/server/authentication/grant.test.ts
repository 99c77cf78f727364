import fc from 'fast-check';
import type { TrustCode } from '../../../src/access/grant.js';
import { type Role, roleDeclarations, roles } from '../../../src/access/role.js';
import { defaultSettings } from '../../../src/config/settings.js';
import { candidateRoles, purposeOf, requestedRole } from '../../../src/server/authentication/active-role.js';
import { grantFor } from '../../../src/server/authentication/grant.js';
import type { Principal } from '../../../src/server/authentication/principal.js';

const base: Principal = {
  oid: 'user-1',
  azp: 'client-1',
  tid: 'tenant',
  roles,
  rights: [],
  trusts: null,
  groups: [],
  idtyp: 'user',
  scp: ['Maplewood.Read'],
  tokenId: 'x',
  issuedAt: 0,
  expiresAt: 1,
  authTime: null,
  amr: null,
};
const codes = (...list: string[]) => list as TrustCode[];
const mapped = (entries: Record<string, string[]>) => ({
  ...defaultSettings,
  trusts: new Map(Object.entries(entries)),
});
const noRole = expect.objectContaining({ code: 'NO_ROLE' });
const badInput = expect.objectContaining({ code: 'BAD_USER_INPUT' });

describe('the active role', () => {
  const of = (...headers: string[]) => requestedRole(headers, { ...base, roles: ['finance', 'analyst'] });

  it('is left open without a header', () => {
    expect(of()).toBeNull();
    expect(of('X-Other', 'analyst')).toBeNull();
  });

  it('is the one that is asked for', () => {
    expect(of('x-maplewood-role', 'analyst')).toBe('analyst');
    expect(of('X-MAPLEWOOD-ROLE', 'finance')).toBe('finance');
  });

  it.each([
    '',
    'Analyst',
    'analyst ',
    'admin',
    'reidentifier',
    'none',
    '*',
    '__proto__',
    'constructor',
    'analyst,finance',
    'аnalyst',
  ])('is refused as %p', (name) => {
    expect(() => of('X-Maplewood-Role', name)).toThrow(noRole);
  });

  it('is asked for once', () => {
    for (const [one, two] of [
      ['analyst', 'finance'],
      ['finance', 'analyst'],
      ['analyst', 'analyst'],
      ['', 'analyst'],
    ] as const) {
      expect(() => of('X-Maplewood-Role', one, 'x-maplewood-role', two)).toThrow(badInput);
    }
  });

  it('is looked for from the least privileged on', () => {
    expect(candidateRoles([], { ...base, roles: ['finance', 'analyst'] }, defaultSettings)).toEqual([
      'finance',
      'analyst',
    ]);
    expect(candidateRoles(['X-Maplewood-Role', 'analyst'], base, defaultSettings)).toEqual(['analyst']);
  });

  it('is none that needs own trusts where there are none', () => {
    expect(candidateRoles([], { ...base, roles: ['operations', 'analyst'] }, defaultSettings)).toEqual([
      'analyst',
    ]);
    expect(candidateRoles([], { ...base, roles: ['operations'] }, defaultSettings)).toEqual(['operations']);
    expect(() =>
      grantFor({ ...base, roles: ['operations'] }, 'operations', 'HOPERAT', defaultSettings),
    ).toThrow(noRole);
  });
});

describe('the purpose', () => {
  const { authentication } = defaultSettings;

  it.each<[Role, string]>([
    ['finance', 'HPAYMT'],
    ['analyst', 'HRESCH'],
    ['clinician', 'TREAT'],
    ['operations', 'HOPERAT'],
    ['bi-reader', 'HOPERAT'],
  ])('of %s is %s unless it is stated', (role, purpose) => {
    expect(purposeOf([], role, authentication)).toBe(purpose);
    expect(purposeOf(['x-maplewood-purpose', 'BTG'], role, authentication)).toBe('BTG');
  });

  it('is one of a list, stated once', () => {
    for (const headers of [['treat'], ['MARKETING'], [''], ['TREAT', 'TREAT']]) {
      const raw = headers.flatMap((value) => ['X-Maplewood-Purpose', value]);
      expect(() => purposeOf(raw, 'analyst', authentication)).toThrow(badInput);
    }
  });

  it('can be made compulsory', () => {
    expect(() => purposeOf([], 'analyst', { purposeRequired: true })).toThrow(badInput);
    expect(purposeOf(['X-Maplewood-Purpose', 'HRESCH'], 'analyst', { purposeRequired: true })).toBe('HRESCH');
  });
});

describe('a grant', () => {
  it.each(['bi-reader', 'analyst', 'finance', 'data-steward'] as const)(
    'of %s is for all trusts or the claim',
    (role) => {
      expect(grantFor(base, role, 'HOPERAT', defaultSettings).trusts).toBeNull();
      const narrowed = { ...base, trusts: codes('RYY', 'RXX', 'RYY') };
      expect(grantFor(narrowed, role, 'HOPERAT', defaultSettings).trusts).toEqual(['RXX', 'RYY']);
    },
  );

  it.each(['clinician', 'operations'] as const)('of %s needs trusts', (role) => {
    expect(() => grantFor(base, role, 'TREAT', defaultSettings)).toThrow(noRole);
    expect(grantFor({ ...base, trusts: codes('RXX') }, role, 'TREAT', defaultSettings).trusts).toEqual([
      'RXX',
    ]);
  });

  it('is refused for a role that the token does not hold', () => {
    expect(() => grantFor({ ...base, roles: ['finance'] }, 'analyst', 'HRESCH', defaultSettings)).toThrow(
      noRole,
    );
  });

  it('follows the map of the server, which a claim can only narrow', () => {
    const settings = mapped({ 'user-1': ['RXX', 'RYY'], 'group-1': ['RZZ'] });
    const of = (changes: Partial<Principal>) =>
      grantFor({ ...base, ...changes }, 'clinician', 'TREAT', settings);
    expect(of({}).trusts).toEqual(['RXX', 'RYY']);
    expect(of({ groups: ['group-1', 'group-2'] }).trusts).toEqual(['RXX', 'RYY', 'RZZ']);
    expect(of({ trusts: codes('RYY', 'RAA') }).trusts).toEqual(['RYY']);
    expect(() => of({ trusts: codes('RAA') })).toThrow(noRole);
    expect(() => of({ oid: 'user-2', trusts: codes('RXX') })).toThrow(noRole);
    expect(of({ oid: 'user-2', groups: ['group-1'] }).trusts).toEqual(['RZZ']);
  });

  it('leaves roles without own trusts to their claim where the map does not name the user', () => {
    const settings = mapped({ other: ['RXX'] });
    expect(grantFor(base, 'analyst', 'HRESCH', settings).trusts).toBeNull();
    expect(grantFor({ ...base, trusts: codes('RAA') }, 'analyst', 'HRESCH', settings).trusts).toEqual([
      'RAA',
    ]);
  });

  it('makes pseudonyms for the client or its project, and for stewards apart', () => {
    const settings = {
      ...defaultSettings,
      recipients: new Map([
        ['desktop', 'power-bi'],
        ['service', 'power-bi'],
      ]),
    };
    const of = (azp: string, role: Role) => grantFor({ ...base, azp }, role, 'HOPERAT', settings).recipient;
    expect(of('desktop', 'analyst')).toBe('power-bi');
    expect(of('service', 'finance')).toBe('power-bi');
    expect(of('other', 'analyst')).toBe('other');
    expect(of('desktop', 'data-steward')).toBe('power-bi#steward');
  });

  it('never has an empty list of trusts, nor one beyond claim and map', () => {
    const code = fc.constantFrom(...codes('RAA', 'RBB', 'RCC'));
    const list = fc.array(code, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...roles), fc.option(list), fc.option(list), (role, claim, map) => {
        const settings = map === null ? defaultSettings : mapped({ 'user-1': map });
        let trusts: readonly TrustCode[] | null;
        try {
          trusts = grantFor({ ...base, trusts: claim }, role, 'HOPERAT', settings).trusts;
        } catch (error) {
          expect(error).toEqual(noRole);
          return;
        }
        if (trusts === null) {
          expect([claim, map]).toEqual([null, null]);
          expect(roleDeclarations[role].needsTrusts).toBe(false);
          return;
        }
        expect(trusts.length).toBeGreaterThan(0);
        for (const one of trusts) {
          expect(claim === null || claim.includes(one)).toBe(true);
          expect(map === null || map.includes(one)).toBe(true);
        }
      }),
    );
  });
});
