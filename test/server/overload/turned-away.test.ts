import type { RequestRecord } from '../../../src/audit/record.js';
import { MaplewoodError } from '../../../src/errors.js';
import { turnedAway } from '../../../src/server/overload/turned-away.js';

const record = (requestId: string): RequestRecord => ({
  kind: 'request',
  outcome: 'refused',
  code: 'OVERLOADED',
  requestId,
  principal: null,
  sourceIp: '',
  ms: 1,
});

describe('requests that are turned away', () => {
  it('are one record a caller and code, with their number', () => {
    const kept: RequestRecord[] = [];
    const told: unknown[] = [];
    const away = turnedAway(
      (one) => void kept.push(one),
      (one) => void told.push(one),
    );
    for (let n = 0; n < 1_000; n += 1) away.add('a', 'OVERLOADED', () => record(`a${n}`));
    away.add('a', 'RATE_LIMITED', () => record('rate'));
    away.add('b', 'OVERLOADED', () => record('b'));
    expect(kept).toEqual([]);
    away.close();
    expect(kept).toEqual([{ ...record('a0'), count: 1_000 }, record('rate'), record('b')]);
    expect(told).toEqual([
      { code: 'OVERLOADED', count: 1_001 },
      { code: 'RATE_LIMITED', count: 1 },
    ]);
  });

  it('are kept after a second, and stay where they cannot be', async () => {
    const kept: RequestRecord[] = [];
    let isFull = true;
    let told = 0;
    const away = turnedAway(
      (one) => {
        if (isFull) throw new MaplewoodError('AUDIT_UNAVAILABLE');
        kept.push(one);
      },
      ({ count }) => {
        told += count;
      },
    );
    away.add('a', 'OVERLOADED', () => record('first'));
    away.add('a', 'OVERLOADED', () => record('second'));
    away.flush();
    away.add('a', 'OVERLOADED', () => record('third'));
    expect(kept).toEqual([]);
    isFull = false;
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(kept).toEqual([{ ...record('first'), count: 3 }]);
    away.close();
    expect(kept).toHaveLength(1);
    expect(told).toBe(3);
  });
});
