import { pauseAfter, untilAvailable } from '../../../src/access/vault/until-available.js';
import { MaplewoodError } from '../../../src/errors.js';

const away = () => new MaplewoodError('KEY_UNAVAILABLE');
const never = new AbortController().signal;

describe('keys that are out of reach', () => {
  it('are asked for after half a second, then after twice as long each time, up to half a minute', () => {
    const pauses = Array.from({ length: 12 }, (_, at) => pauseAfter(at + 1, 0));
    expect(pauses.slice(0, 8)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(pauses.at(-1)).toBe(30_000);
  });

  it('are not asked for by all at the same moment', () => {
    expect(pauseAfter(1, 0.5)).toBe(450);
    expect(pauseAfter(9, 0.999)).toBeGreaterThanOrEqual(24_000);
  });

  it('are read as soon as they can be', async () => {
    let tries = 0;
    const told: number[] = [];
    const read = async () => {
      tries += 1;
      if (tries < 3) throw away();
      return 'keys';
    };
    const began = performance.now();
    const trying = { signal: never, failed: (_: unknown, pause: number) => void told.push(pause) };
    expect(await untilAvailable(read, trying, { random: () => 0 })).toBe('keys');
    expect(told).toEqual([500, 1_000]);
    expect(performance.now() - began).toBeGreaterThan(1_450);
  });

  it.each([new MaplewoodError('CONFIGURATION'), new Error('a defect')])(
    'are given up for %p',
    async (error) => {
      const failed = () => {
        throw new Error('told');
      };
      const read = () => Promise.reject(error);
      await expect(untilAvailable(read, { signal: never, failed })).rejects.toBe(error);
    },
  );

  it('are not asked for any more once it is stopped', async () => {
    const stop = new AbortController();
    let tries = 0;
    const read = async () => {
      tries += 1;
      throw away();
    };
    const trying = untilAvailable(read, { signal: stop.signal, failed: () => stop.abort() });
    await expect(trying).rejects.toMatchObject({ name: 'AbortError' });
    expect(tries).toBe(1);
  });
});
