import { setTimeout } from 'node:timers/promises';
import { inTurns } from '../../src/access/complementary/in-turns.js';

/** Works without a pause but for the turns that it gives. */
async function work(milliseconds: number): Promise<number> {
  const giveWay = inTurns(2);
  const until = performance.now() + milliseconds;
  let turns = 0;
  while (performance.now() < until) {
    const turn = giveWay();
    if (turn) {
      turns += 1;
      await turn;
    }
  }
  return turns;
}

test('long work gives others their turns, short work gives none', async () => {
  let [ticks, ended] = [0, false];
  const others = (async (): Promise<void> => {
    while (!ended) {
      await setTimeout(1);
      ticks += 1;
    }
  })();
  const turns = await work(60);
  ended = true;
  await others;
  expect(turns).toBeGreaterThan(3);
  expect(ticks).toBeGreaterThan(3);
  expect(inTurns(1_000)()).toBeUndefined();
});
