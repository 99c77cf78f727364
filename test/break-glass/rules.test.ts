import fc from 'fast-check';
import { nhsNumberOf } from '../../src/access/nhs-number.js';
import { steadyClock } from '../../src/break-glass/clock.js';
import { attemptsOf, eventOf, type GlassGrant, openGrant } from '../../src/break-glass/grants.js';
import { checkedReason, type GlassUser, refusalOf } from '../../src/break-glass/rules.js';
import { defaultSettings } from '../../src/config/settings.js';

const now = Date.parse('2026-01-15T12:00:00Z');
const user: GlassUser = {
  oid: 'user-1',
  tid: 'tenant',
  azp: 'app',
  idtyp: 'user',
  issuedAt: now / 1_000 - 60,
  authTime: null,
  amr: null,
};
const settings = defaultSettings.breakGlass;

describe('who may break a glass', () => {
  const allowed = (changes: Partial<GlassUser>, attempts = 0): boolean =>
    refusalOf({ ...user, ...changes }, now, attempts, settings) === undefined;
  const ago = (minutes: number): number => now / 1_000 - minutes * 60;

  it.each([
    ['a user who has just signed in', {}, true],
    ['15 minutes after the token', { issuedAt: ago(15) }, true],
    ['16 minutes after the token', { issuedAt: ago(16) }, false],
    ['a new token of an old sign-in', { authTime: ago(16) }, false],
    ['an old token of a new sign-in', { issuedAt: ago(60), authTime: ago(1) }, true],
    ['a password alone', { amr: ['pwd'] }, false],
    ['a second factor', { amr: ['pwd', 'mfa'] }, true],
    ['an application', { idtyp: 'app' as const }, false],
  ])('%s', (_what, changes, is) => {
    expect(allowed(changes)).toBe(is);
  });

  it('ten times in 24 hours', () => {
    expect([allowed({}, 9), allowed({}, 10)]).toEqual([true, false]);
  });
});

describe('a reason', () => {
  it('is one line of what can be read, whatever was sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        try {
          const kept = checkedReason(text);
          expect(kept).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{20,500}$/u);
        } catch (error) {
          expect((error as { code: string }).code).toBe('BAD_USER_INPUT');
        }
      }),
    );
    expect(checkedReason('  Überdosis: welche Medikamente? ')).toBe('Überdosis: welche Medikamente?');
  });
});

describe('an open grant', () => {
  const grant = (changes: Partial<GlassGrant> = {}): GlassGrant => ({
    id: 'g',
    user,
    patient: 'ab',
    purpose: 'TREATMENT',
    reason: 'x'.repeat(20),
    grantedAt: '2026-01-15T11:50:00Z',
    expiresAt: '2026-01-15T12:20:00Z',
    ...changes,
  });
  const events = (...grants: readonly GlassGrant[]) =>
    grants.map((one, at) => ({ id: at + 1, ...eventOf(one, true) }));
  const at = (time: string): number => Date.parse(`2026-01-15T${time}Z`);

  it('is one user’s in one application, of one patient, from its beginning until just before its end', () => {
    const made = events(grant());
    expect(openGrant(made, user, 'ab', now)).toBe('g');
    for (const other of [{ oid: 'b' }, { tid: 'b' }, { azp: 'b' }])
      expect(openGrant(made, { ...user, ...other }, 'ab', now)).toBeUndefined();
    expect(openGrant(made, user, 'abc', now)).toBeUndefined();
    expect(openGrant(made, user, 'ab', at('11:49:59'))).toBeUndefined();
    expect(openGrant(made, user, 'ab', at('11:50:00'))).toBe('g');
    expect(openGrant(made, user, 'ab', at('12:19:59'))).toBe('g');
    expect(openGrant(made, user, 'ab', at('12:20:00'))).toBeUndefined();
  });

  it('is none for an attempt, and the last to expire of several', () => {
    const attempt = { id: 1, ...eventOf(grant(), false) };
    expect(openGrant([attempt], user, 'ab', now)).toBeUndefined();
    const longer = grant({ id: 'longer', expiresAt: '2026-01-15T13:00:00Z' });
    expect(openGrant(events(longer, grant()), user, 'ab', now)).toBe('longer');
  });

  it('counts for 24 hours, attempts too, and for the user in every application', () => {
    const made = [
      ...events(grant(), grant({ user: { ...user, azp: 'b' } }), grant({ user: { ...user, oid: 'b' } })),
      { id: 4, ...eventOf(grant(), false) },
    ];
    expect(attemptsOf(made, user, now)).toBe(3);
    expect(attemptsOf(made, user, now + 24 * 3_600_000)).toBe(0);
  });
});

describe('the clock of grants', () => {
  it('never goes back, and runs at least as fast as time goes by', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ set: fc.integer({ min: -1e7, max: 1e7 }), passes: fc.nat(1e6) }), {
          maxLength: 30,
        }),
        (steps) => {
          let [wall, elapsed] = [now, 0];
          const clock = steadyClock({ now: () => wall, elapsed: () => elapsed });
          let before = clock();
          for (const { set, passes } of steps) {
            elapsed += passes;
            wall += passes + set;
            const after = clock();
            expect(after - before).toBeGreaterThanOrEqual(passes);
            expect(after).toBeGreaterThanOrEqual(wall);
            before = after;
          }
        },
      ),
    );
  });
});

describe('an NHS number', () => {
  it.each([
    ['9434765919', '9434765919'],
    ['943 476 5919', '9434765919'],
    ['943-476-5919', '9434765919'],
    ['9434765918', null],
    ['943476591', null],
    ['94347659190', null],
    ['PSEUDO_0123456789ABCDEF', null],
    ['INVALID', null],
    ['', null],
    [null, null],
  ])('%s is %s', (text, number) => {
    expect(nhsNumberOf(text)).toBe(number);
  });
});
