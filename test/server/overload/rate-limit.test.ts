import { rateLimiter } from '../../../src/server/overload/rate-limit.js';

function limiterAt(perSecond: number, burst: number) {
  let time = 0;
  const limiter = rateLimiter({ perSecond, burst }, () => time);
  return {
    take: (caller = 'a') => limiter.take(caller),
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

describe('the rate of a caller', () => {
  it('is a burst, then so many a second', () => {
    const { take, pass } = limiterAt(10, 3);
    expect([take(), take(), take(), take()]).toEqual([undefined, undefined, undefined, 1]);
    pass(100);
    expect([take(), take()]).toEqual([undefined, 1]);
    pass(60_000);
    expect([take(), take(), take(), take()]).toEqual([undefined, undefined, undefined, 1]);
  });

  it('does not count against others', () => {
    const { take } = limiterAt(1, 1);
    expect([take('a'), take('a'), take('b')]).toEqual([undefined, 1, undefined]);
  });

  it('says in whole seconds when to come again', () => {
    const { take, pass } = limiterAt(0.1, 1);
    take();
    expect(take()).toBe(10);
    pass(3_500);
    expect(take()).toBe(7);
    pass(6_500);
    expect(take()).toBeUndefined();
  });

  it('is kept for some thousand callers, and a flood of names is let in anew', () => {
    const { take } = limiterAt(1, 1);
    take('a');
    for (let n = 0; n < 10_000; n += 1) take(`other ${n}`);
    expect(take('a')).toBeUndefined();
  });
});
