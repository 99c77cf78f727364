import fc from 'fast-check';
import { secretKey } from '../../src/access/key.js';
import { recipientKey, recipientTokens } from '../../src/access/recipient-token.js';

const counting = (start: number) => Buffer.from(Array.from({ length: 32 }, (_, index) => start + index));
const master = (kid: string, start: number) => ({
  kid,
  key: secretKey('token', counting(start), { place: 'test', dev: true }),
});
const keys = { tokenMaster: master('a1', 0x20), previousTokenMasters: [], deploymentId: 'test-deployment' };
const sk = Buffer.from('f05a067e40582aea6449fd592aa0cecc', 'hex');
const ones = '11111111-1111-1111-1111-111111111111';
const twos = '22222222-2222-2222-2222-222222222222';
const block = fc.uint8Array({ minLength: 16, maxLength: 16 });
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('a recipient token', () => {
  it('equals the frozen vectors', () => {
    expect(
      recipientKey(keys.tokenMaster.key, 'test-deployment', 'patient', ones).export().toString('hex'),
    ).toBe('cf21f8e8d34afcb609025a6d2104b1f4946893b0165d874eb129610c2b283b7b');
    expect(recipientTokens(keys, 'patient', ones).encode([sk])).toEqual(['m1.a1.-NETyI2zg40aPDvFEBMeWw']);
    expect(recipientTokens(keys, 'patient', twos).encode([sk])).toEqual(['m1.a1.ASTP5BCdPkUQvus5OI73Yw']);
    const staff = Buffer.from('099915bc1434981b57488afad9c21594', 'hex');
    expect(recipientTokens(keys, 'staff', ones).encode([staff])).toEqual(['m1.a1.aC6OWfFSp0262MRwlEspEA']);
  });

  it('is the same block where it is written as a UUID', () => {
    const tokens = recipientTokens(keys, 'event', ones);
    fc.assert(
      fc.property(block, (one) => {
        const uuid = tokens.uuid(one);
        expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
        expect(tokens.encode([one])).toEqual([`m1.a1.${bytes.toString('base64url')}`]);
        expect(tokens.ofUuid(uuid)).toEqual([Buffer.from(one)]);
        expect(tokens.ofUuid(uuid.toUpperCase())).toEqual([Buffer.from(one)]);
        expect(recipientTokens(keys, 'event', twos).ofUuid(uuid)).not.toEqual([Buffer.from(one)]);
      }),
    );
    for (const other of ['', 'x', 'd1577c69dfbe', `${tokens.uuid(sk)}0`])
      expect(tokens.ofUuid(other)).toEqual([]);
  });

  it('is read as a UUID under the newest key and the one before', () => {
    const before = recipientTokens(keys, 'event', ones).uuid(sk);
    const rotated = { ...keys, tokenMaster: master('b2', 0x40), previousTokenMasters: [keys.tokenMaster] };
    const [newest, previous, ...more] = recipientTokens(rotated, 'event', ones).ofUuid(before);
    expect([newest?.equals(sk), previous?.equals(sk), more]).toEqual([false, true, []]);
  });

  it('is read back, a column at once, nulls in their places', () => {
    const tokens = recipientTokens(keys, 'patient', ones);
    fc.assert(
      fc.property(fc.array(fc.option(block)), (column) => {
        const encoded = tokens.encode(column);
        const single = column.map((one) => tokens.encode([one])[0]);
        expect(encoded).toEqual(single);
        expect(encoded.map((token) => token && tokens.decode(token))).toEqual(
          column.map((one) => one && Buffer.from(one)),
        );
      }),
    );
  });

  it('is disjoint between recipients, entities and deployments', () => {
    const domains = [
      recipientTokens(keys, 'patient', ones),
      recipientTokens(keys, 'patient', twos),
      recipientTokens(keys, 'patient', `${ones}#steward`),
      recipientTokens(keys, 'staff', ones),
      recipientTokens(keys, 'event', ones),
      recipientTokens({ ...keys, deploymentId: 'other' }, 'patient', ones),
    ];
    const made = domains.map((domain) => domain.encode([sk])[0]);
    expect(new Set(made).size).toBe(domains.length);
    expect(domains[1]!.decode(made[0]!)?.equals(sk)).toBe(false);
  });

  it('has one spelling', () => {
    const tokens = recipientTokens(keys, 'patient', ones);
    const [token] = tokens.encode([sk]);
    const spellings = [...alphabet].map((last) => token!.slice(0, -1) + last);
    const same = spellings.filter((one) => tokens.decode(one)?.equals(sk));
    expect(same).toEqual([token]);
    // 64 last characters, 16 of them spell one block: four are canonical.
    expect(spellings.filter((one) => tokens.decode(one) !== null)).toHaveLength(4);
  });

  it.each([
    '',
    'm1',
    'm1.a1.',
    'm2.a1.-NETyI2zg40aPDvFEBMeWw',
    'M1.a1.-NETyI2zg40aPDvFEBMeWw',
    'm1.A1.-NETyI2zg40aPDvFEBMeWw',
    'm1.a2.-NETyI2zg40aPDvFEBMeWw',
    'm1..-NETyI2zg40aPDvFEBMeWw',
    'm1.a1.-NETyI2zg40aPDvFEBMeWw=',
    'm1.a1.-NETyI2zg40aPDvFEBMeW',
    'm1.a1.-NETyI2zg40aPDvFEBMeWwA',
    'm1.a1.+NETyI2zg40aPDvFEBMeWw',
    ' m1.a1.-NETyI2zg40aPDvFEBMeWw',
    'm1.a1.-NETyI2zg40aPDvFEBMeWw\n',
    'm1.__proto__.-NETyI2zg40aPDvFEBMeWw',
    'PAT_000001',
    'f05a067e40582aea6449fd592aa0cecc',
  ])('is nothing at all when it reads %p', (text) => {
    expect(recipientTokens(keys, 'patient', ones).decode(text)).toBeNull();
  });

  it('is null for any other text', () => {
    const tokens = recipientTokens(keys, 'patient', ones);
    fc.assert(fc.property(fc.string(), (text) => expect(tokens.decode(text)).toBeNull()));
  });

  it('survives one rotation and ends with its key', () => {
    const before = recipientTokens(keys, 'patient', ones).encode([sk])[0]!;
    const rotated = { ...keys, tokenMaster: master('a2', 0x80), previousTokenMasters: [keys.tokenMaster] };
    const now = recipientTokens(rotated, 'patient', ones);
    expect(now.encode([sk])[0]).toMatch(/^m1\.a2\./);
    expect(now.decode(before)?.equals(sk)).toBe(true);
    expect(
      recipientTokens({ ...rotated, previousTokenMasters: [] }, 'patient', ones).decode(before),
    ).toBeNull();
  });

  it('is made of whole blocks only', () => {
    expect(() => recipientTokens(keys, 'patient', ones).encode([Buffer.alloc(15), Buffer.alloc(17)])).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});
