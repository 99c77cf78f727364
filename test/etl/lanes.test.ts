import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, openEngine } from '../../src/etl/engine.js';
import { besideOthers, inLanes } from '../../src/etl/lanes.js';

const folder = mkdtempSync(join(tmpdir(), 'maplewood-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withEngine<T>(threads: number, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine({ spill: join(folder, `spill-${threads}`), threads, memoryLimit: '256MB' });
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

const threadsOf = async (engine: Engine): Promise<number> => {
  const [row] = await engine.rows<{ n: number }>("select cast(current_setting('threads') as integer) as n");
  return row?.n ?? 0;
};

const slow = (lane: Engine): Promise<void> =>
  lane.run('select count(*) from range(30000000) where range % 7 = 3');

test.each([1, 2, 3])('with %i threads every task is done once, begun in the order of the list', (threads) =>
  withEngine(threads, async (engine) => {
    const begun: number[] = [];
    const done: number[] = [];
    const numbers = [0, 1, 2, 3, 4, 5, 6];
    await inLanes(
      engine,
      numbers.map((n) => async (lane) => {
        begun.push(n);
        await lane.run(`select ${n}`);
        done.push(n);
      }),
    );
    expect(begun).toEqual(numbers);
    expect(done.sort()).toEqual(numbers);
    expect(await threadsOf(engine)).toBe(threads);
  }),
);

test('two are under way at once where the engine has two threads, and one where it has one', async () => {
  const most = (threads: number): Promise<number> =>
    withEngine(threads, async (engine) => {
      let [now, highest] = [0, 0];
      const task = async (lane: Engine): Promise<void> => {
        now += 1;
        highest = Math.max(highest, now);
        await slow(lane);
        now -= 1;
      };
      await inLanes(engine, [task, task, task, task]);
      return highest;
    });
  expect(await most(1)).toBe(1);
  expect(await most(2)).toBe(2);
});

test('tasks have temporary tables, transactions and a catalogue in use of their own, and share all else', () =>
  withEngine(2, async (engine) => {
    await engine.run('create table numbers (n integer)');
    const task =
      (n: number) =>
      async (lane: Engine): Promise<void> => {
        await lane.run(`create temp table own as select ${n} as n`);
        await lane.run('begin');
        await lane.run('insert into numbers from own');
        await slow(lane);
        await lane.run('commit');
      };
    await inLanes(engine, [task(1), task(2)]);
    expect(await engine.rows('select n from numbers order by n')).toEqual([{ n: 1 }, { n: 2 }]);
  }));

test('an error is thrown when no task is under way any more, and none is begun after it', () =>
  withEngine(2, async (engine) => {
    const done: string[] = [];
    const failing = inLanes(engine, [
      async (lane) => {
        await slow(lane);
        await lane.run('select 1');
        done.push('long');
      },
      () => Promise.reject(new Error('the second')),
      async () => {
        done.push('after it');
      },
    ]);
    await expect(failing).rejects.toThrow('the second');
    expect(done).toEqual(['long']);
    expect(await threadsOf(engine)).toBe(2);
  }));

test('what goes on beside others has a lane of its own, and fails where it is waited for', () =>
  withEngine(2, async (engine) => {
    await engine.run('create temp table mine as select 1 as n');
    const failing = besideOthers(engine, (lane) => lane.run('from mine'));
    const done = besideOthers(engine, (lane) => lane.run('create table ours as select 2 as n'));
    await slow(engine);
    await expect(failing()).rejects.toThrow('mine');
    await done();
    expect(await engine.rows('select n from ours')).toEqual([{ n: 2 }]);
  }));
