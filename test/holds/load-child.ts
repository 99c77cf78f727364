import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { asker } from './ask.js';
import type { Load, Reply, Stream } from './load.js';

/** Sends the load that the parent names, and gives it what came back. */
async function main(): Promise<void> {
  const [load] = (await once(process, 'message')) as [Load];
  const { ask, close } = asker(load.url);
  const replies: Reply[] = [];
  const began = performance.now();
  const isOver = (): boolean => performance.now() - began >= load.seconds * 1_000;

  const askOnce = async ({ name, tokens, bodies }: Stream, turn: number): Promise<void> => {
    const at = performance.now() - began;
    const sent = Date.now();
    const reply = await ask(tokens[turn % tokens.length] ?? '', bodies[turn % bodies.length] ?? '');
    replies.push({ stream: name, at, sent, ...reply });
  };
  const run = async (stream: Stream): Promise<void> => {
    const { pace } = stream;
    let turn = 0;
    if ('clients' in pace) {
      const client = async (): Promise<void> => {
        while (!isOver()) await askOnce(stream, turn++);
      };
      await Promise.all(Array.from({ length: pace.clients }, client));
      return;
    }
    const open: Promise<void>[] = [];
    while (!isOver()) {
      const due = Math.floor(((performance.now() - began) / 1_000) * pace.perSecond);
      while (turn < due) open.push(askOnce(stream, turn++));
      await pause(2);
    }
    await Promise.all(open);
  };
  await Promise.all(load.streams.map(run));
  close();
  process.send?.(replies, () => process.disconnect());
}

await main();
