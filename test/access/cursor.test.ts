import fc from 'fast-check';
import { openCursor, sealCursor } from '../../src/access/cursor.js';
import { secretKey } from '../../src/access/key.js';

const counting = (start: number) => Buffer.from(Array.from({ length: 32 }, (_, index) => start + index));
const key = secretKey('cursor', counting(0x40), { place: 'test', dev: true });
const other = secretKey('cursor', counting(0x60), { place: 'test', dev: true });
const refused = expect.objectContaining({ code: 'INVALID_CURSOR' });

describe('a cursor', () => {
  it('opens to what was sealed', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.string(), (payload, binding) => {
        fc.pre(JSON.stringify(payload).length < 400);
        const expected = JSON.parse(JSON.stringify(payload));
        expect(openCursor(key, sealCursor(key, payload, binding), binding)).toEqual(expected);
      }),
    );
  });

  it('shows nothing and never repeats', () => {
    const [one, two] = [sealCursor(key, { after: 'RXX' }, 'b'), sealCursor(key, { after: 'RXX' }, 'b')];
    expect(one).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(one).not.toBe(two);
    expect(Buffer.from(one, 'base64url').toString('latin1')).not.toContain('RXX');
  });

  it('is refused with any byte flipped, in any bit', () => {
    const sealed = Buffer.from(sealCursor(key, { after: [1, 'x'] }, 'b'), 'base64url');
    for (let index = 0; index < sealed.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(sealed);
        changed[index]! ^= 1 << bit;
        expect(() => openCursor(key, changed.toString('base64url'), 'b')).toThrow(refused);
      }
    }
  });

  it('is refused with any character changed, added or left out', () => {
    const text = sealCursor(key, { after: [1, 'x'] }, 'b');
    for (let index = 0; index < text.length; index += 1) {
      for (const to of ['A', 'B', '_', '=', ' ', '']) {
        const changed = text.slice(0, index) + to + text.slice(index + 1);
        if (changed !== text) expect(() => openCursor(key, changed, 'b')).toThrow(refused);
      }
    }
    for (const changed of [`${text}=`, `${text}\n`, ` ${text}`, `${text}A`, text.slice(0, -4), text + text]) {
      expect(() => openCursor(key, changed, 'b')).toThrow(refused);
    }
  });

  it('is refused under another binding or key', () => {
    const text = sealCursor(key, 1, 'operation|grant|7');
    expect(() => openCursor(key, text, 'operation|grant|8')).toThrow(refused);
    expect(() => openCursor(key, text, '')).toThrow(refused);
    expect(() => openCursor(other, text, 'operation|grant|7')).toThrow(refused);
  });

  it('is refused when it is none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => openCursor(key, text, 'b')).toThrow(refused);
      }),
    );
    expect(() => openCursor(key, 'A'.repeat(1_000_000), 'b')).toThrow(refused);
  });

  it('has at most 2,000 characters', () => {
    expect(sealCursor(key, 'x'.repeat(1_470), 'b')).toHaveLength(2_000);
    expect(() => sealCursor(key, 'x'.repeat(1_471), 'b')).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});
