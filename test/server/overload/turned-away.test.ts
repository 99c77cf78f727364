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
    const away = turnedAway((one) => void kept.push(one));
    for (let n = 0; n < 1_000; n += 1) away.add('a', 'OVERLOADED', () => record(`a${n}`));
    away.add('a', 'RATE_LIMITED', () => record('rate'));
    away.add('b', 'OVERLOADED', () => record('b'));
    expect(kept).toEqual([]);
    away.close();
    expect(kept).toEqual([{ ...record('a0'), count: 1_000 }, record('rate'), record('b')]);
  });

  it('are kept after a second, and stay where they cannot be', async () => {
    const kept: RequestRecord[] = [];
    let isFull = true;
    const away = turnedAway((one) => {
      if (isFull) throw new MaplewoodError('AUDIT_UNAVAILABLE');
      kept.push(one);
    });
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
  });
});
