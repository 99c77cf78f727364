import fc from 'fast-check';
import { MaplewoodError } from '../../../src/errors.js';
import { type FairGate, fairGate, type GateLimits } from '../../../src/server/overload/fair-gate.js';

/** A gate whose clock the test moves. */
function gateAt(limits: Partial<GateLimits> = {}) {
  let time = 0;
  let late = false;
  const gate = fairGate(
    { slots: 2, perCaller: 2, waiting: 6, burstMs: 1_000, ...limits },
    { now: () => time, isLate: () => late },
  );
  return {
    gate,
    be: (how: 'late' | 'on time') => {
      late = how === 'late';
    },
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

/** What became of a request: `in` with the way out, or the code of its refusal. */
interface Asked {
  state: string;
  leave: () => void;
}
function ask(gate: FairGate, caller: string, signal?: AbortSignal): Asked {
  const asked: Asked = { state: 'waits', leave: () => undefined };
  gate.enter(caller, signal).then(
    (leave) => Object.assign(asked, { state: 'in', leave }),
    (error: unknown) => {
      asked.state = error instanceof MaplewoodError ? error.code : String(error);
    },
  );
  return asked;
}
const settled = (): Promise<void> => new Promise(setImmediate);

describe('a gate', () => {
  it('lets in as many as it has slots, and the next when one leaves', async () => {
    const { gate } = gateAt();
    const asked = ['a', 'b', 'c'].map((caller) => ask(gate, caller));
    await settled();
    expect(asked.map(({ state }) => state)).toEqual(['in', 'in', 'waits']);
    expect([gate.running(), gate.waiting()]).toEqual([2, 1]);
    asked[0]!.leave();
    asked[0]!.leave();
    await settled();
    expect(asked[2]!.state).toBe('in');
    expect([gate.running(), gate.waiting()]).toEqual([2, 0]);
  });

  it('leaves a slot to others, whatever one caller asks for', async () => {
    const { gate } = gateAt({ perCaller: 1 });
    const refresh = [1, 2, 3].map(() => ask(gate, 'refresh'));
    const clinician = ask(gate, 'clinician');
    await settled();
    expect(refresh.map(({ state }) => state)).toEqual(['in', 'waits', 'waits']);
    expect(clinician.state).toBe('in');
  });

  it('lets callers take turns', async () => {
    const { gate } = gateAt({ slots: 1, perCaller: 1 });
    const first = ask(gate, 'a');
    const order: string[] = [];
    const waiting = ['a', 'a', 'a', 'b', 'b', 'c'].map((caller, at) => ({
      name: `${caller}${at}`,
      ...{ asked: ask(gate, caller) },
    }));
    await settled();
    first.leave();
    for (let turn = 0; turn < waiting.length; turn += 1) {
      await settled();
      const now = waiting.find(({ name, asked }) => asked.state === 'in' && !order.includes(name));
      order.push(now!.name);
      now!.asked.leave();
    }
    expect(order).toEqual(['a0', 'b3', 'c5', 'a1', 'b4', 'a2']);
  });

  it('refuses at once what finds no room, but the one with most waiting makes room for others', async () => {
    const { gate } = gateAt({ slots: 1, perCaller: 1, waiting: 3 });
    ask(gate, 'a');
    const flood = [1, 2, 3, 4].map(() => ask(gate, 'a'));
    await settled();
    expect(flood.map(({ state }) => state)).toEqual(['waits', 'waits', 'waits', 'OVERLOADED']);
    const other = ask(gate, 'b');
    await settled();
    expect([other.state, flood[2]!.state]).toEqual(['waits', 'OVERLOADED']);
    const another = ask(gate, 'c');
    await settled();
    expect([another.state, flood[1]!.state, flood[0]!.state]).toEqual(['waits', 'OVERLOADED', 'waits']);
    // Whose request is in need not have another one waiting.
    const third = ask(gate, 'd');
    await settled();
    expect([third.state, flood[0]!.state]).toEqual(['waits', 'OVERLOADED']);
    // Now all have one.
    const late = ask(gate, 'e');
    await settled();
    expect([late.state, gate.waiting()]).toEqual(['OVERLOADED', 3]);
  });

  it('lets a burst wait, and hardly anybody once the queue lasts', async () => {
    const { gate, pass } = gateAt({ slots: 1, perCaller: 1, waiting: 50 });
    let last = ask(gate, 'first');
    // Requests take 100 ms each, and more come than go.
    const asked: Asked[] = [];
    const refusedAt: number[] = [];
    for (let step = 0; step < 40; step += 1) {
      for (let n = 0; n < 3; n += 1) asked.push(ask(gate, `caller ${step % 7} ${n}`));
      await settled();
      pass(100);
      last.leave();
      await settled();
      last = asked.find(({ state }) => state === 'in')!;
      last.state = 'done';
      refusedAt.push(asked.filter(({ state }) => state === 'OVERLOADED').length);
    }
    // Nobody is turned away in the first second; after it as many wait as there are slots.
    expect(refusedAt[9]).toBe(0);
    expect(refusedAt[12]).toBeGreaterThan(10);
    expect(gate.waiting()).toBeLessThanOrEqual(1);
  });

  it('lets a newer request have the place of one that has waited for long, once the queue lasts', async () => {
    const { gate, pass } = gateAt({ slots: 1, perCaller: 1, waiting: 50 });
    let last = ask(gate, 'first');
    const next = async (caller: string, milliseconds: number): Promise<Asked> => {
      const asked = ask(gate, caller);
      await settled();
      pass(milliseconds);
      last.leave();
      await settled();
      last = asked;
      return asked;
    };
    // Each takes 100 ms, and there is always one that waits.
    for (let turn = 0; turn < 12; turn += 1) expect((await next(`caller ${turn}`, 100)).state).toBe('in');
    const waits = ask(gate, 'early');
    await settled();
    pass(40);
    expect(gate.isFull('newer')).toBe(true);
    const tooEarly = ask(gate, 'newer');
    await settled();
    expect([waits.state, tooEarly.state]).toEqual(['waits', 'OVERLOADED']);
    pass(20);
    // Whoever has a request in is not let in front of one who has none.
    expect([gate.isFull('caller 11'), gate.isFull('newer')]).toEqual([true, false]);
    const newer = ask(gate, 'newer');
    await settled();
    expect([waits.state, newer.state, gate.waiting()]).toEqual(['OVERLOADED', 'waits', 1]);
    last.leave();
    await settled();
    expect(newer.state).toBe('in');
  });

  it('lets in one fewer while the server is late in an overload, and not for being late alone', async () => {
    const { gate, pass, be } = gateAt({ slots: 2, perCaller: 1, waiting: 50 });
    be('late');
    const flood = ['a', 'b', 'c', 'd'].map((caller) => ask(gate, caller));
    await settled();
    expect(flood.map(({ state }) => state)).toEqual(['in', 'in', 'waits', 'waits']);
    pass(1_100);
    // The overload is seen by whoever comes next, and then one of two that wait has to leave.
    const late = ask(gate, 'e');
    await settled();
    expect([flood[2]!.state, flood[3]!.state, late.state].sort()).toEqual([
      'OVERLOADED',
      'OVERLOADED',
      'waits',
    ]);
    flood[0]!.leave();
    await settled();
    expect([gate.running(), gate.waiting()]).toEqual([1, 1]);
    flood[1]!.leave();
    await settled();
    expect([gate.running(), gate.waiting()]).toEqual([1, 0]);
    be('on time');
    const other = ask(gate, 'f');
    await settled();
    expect(other.state).toBe('in');
  });

  it('forgets an overload as soon as nobody has been in for a moment', async () => {
    const { gate, pass } = gateAt({ slots: 1, perCaller: 1, waiting: 50 });
    const crowd = async (names: readonly string[]): Promise<Asked[]> => {
      const asked = names.map((name) => ask(gate, name));
      await settled();
      return asked;
    };
    const flood = await crowd(['a', 'b', 'c']);
    pass(1_100);
    const [late] = await crowd(['late']);
    expect(late!.state).toBe('OVERLOADED');
    for (const one of flood) {
      one.leave();
      await settled();
    }
    expect([gate.running(), gate.waiting()]).toEqual([0, 0]);
    // At once it could be a gap between two of the flood; a hundredth of a burst later it is over.
    pass(20);
    const next = await crowd(['d', 'e', 'f']);
    expect(next.map(({ state }) => state)).toEqual(['in', 'waits', 'waits']);
  });

  it('is left by whom it let wait and who goes away, or whose time is over', async () => {
    const { gate } = gateAt({ slots: 1, perCaller: 1 });
    const first = ask(gate, 'a');
    const controllers = [new AbortController(), new AbortController()];
    const [gone, late] = controllers.map(({ signal }) => ask(gate, 'b', signal));
    await settled();
    controllers[0]!.abort();
    controllers[1]!.abort(new MaplewoodError('DEADLINE_EXCEEDED'));
    await settled();
    expect([gone!.state, late!.state, gate.waiting()]).toEqual(['REQUEST_CANCELLED', 'OVERLOADED', 0]);
    const never = ask(gate, 'c', AbortSignal.abort());
    await settled();
    expect(never.state).toBe('REQUEST_CANCELLED');
    first.leave();
    expect(gate.running()).toBe(0);
  });

  it('lets one caller wait for itself, for as long as nobody else waits', async () => {
    const { gate, pass } = gateAt({ slots: 1, perCaller: 1, waiting: 10 });
    const all = Array.from({ length: 8 }, () => ask(gate, 'dashboard'));
    await settled();
    pass(5_000);
    all.push(ask(gate, 'dashboard'));
    await settled();
    expect(gate.waiting()).toBe(8);
    const other = ask(gate, 'clinician');
    await settled();
    expect([other.state, gate.waiting()]).toEqual(['waits', 1]);
    all[0]!.leave();
    await settled();
    expect(other.state).toBe('in');
  });

  it('does not count as an overload that one caller waits for itself while slots fall free for others', async () => {
    const { gate, pass } = gateAt({ perCaller: 1, waiting: 60 });
    const refresh = Array.from({ length: 50 }, () => ask(gate, 'refresh'));
    for (let second = 0; second < 10; second += 1) {
      await settled();
      const clinicians = ['a', 'b', 'c', 'd', 'e'].map((caller) => ask(gate, caller));
      for (const clinician of clinicians) {
        await settled();
        pass(100);
        expect(clinician.state).toBe('in');
        clinician.leave();
      }
      pass(500);
      refresh.find(({ state }) => state === 'in')!.leave();
      refresh.shift();
    }
    await settled();
    expect(refresh.filter(({ state }) => state === 'OVERLOADED')).toEqual([]);
  });

  it('never has more in than slots, and in the end nobody', async () => {
    const step = fc.record({
      caller: fc.constantFrom('a', 'b', 'c'),
      what: fc.constantFrom('enter', 'enter', 'leave', 'abort', 'pass'),
      of: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { gate, pass } = gateAt({ perCaller: 1, waiting: 3 });
        const asked: (Asked & { controller: AbortController; caller: string })[] = [];
        for (const { caller, what, of } of steps) {
          const known = asked[of % Math.max(1, asked.length)];
          if (what === 'enter') {
            const controller = new AbortController();
            const isFull = gate.isFull(caller);
            const one = Object.assign(ask(gate, caller, controller.signal), { controller, caller });
            asked.push(one);
            await settled();
            expect(one.state === 'OVERLOADED').toBe(isFull);
          } else if (what === 'pass') pass(of * 40);
          else if (what === 'abort') known?.controller.abort();
          else known?.leave();
          await settled();
          expect(gate.running()).toBeLessThanOrEqual(2);
          expect(gate.waiting()).toBeLessThanOrEqual(3);
          expect(gate.waiting()).toBe(asked.filter(({ state }) => state === 'waits').length);
        }
        for (let turn = 0; turn < 80 && (gate.running() > 0 || gate.waiting() > 0); turn += 1) {
          for (const one of asked) one.leave();
          await settled();
        }
        expect([gate.running(), gate.waiting()]).toEqual([0, 0]);
      }),
      { numRuns: 150 },
    );
  });
});
