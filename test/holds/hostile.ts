import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Finding } from './figures.js';
import { watchHealth } from './health.js';
import { isAnswered, outcomes, send } from './load.js';
import { nothingKept, slots, steady } from './overload.js';
import { longPages, marts } from './questions.js';
import { serve } from './served.js';
import type { Stage } from './stage.js';

const scene = 'hostile';

/** Callers who take no answer, connections on which a request never ends, and tokens that nobody made. */
export async function hostile(stage: Stage, seconds: number): Promise<Finding[]> {
  const config = stage.copy();
  const served = await serve(stage.root, config.home.root, { ...nothingKept, overload: { running: slots } });
  const open = new Set<Socket>();
  let on = true;
  const sent = (text: string, reads: boolean): Socket => {
    const { hostname, port } = new URL(served.url);
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(text));
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    if (reads) socket.resume();
    else socket.pause();
    return socket;
  };
  const head = (token: string, length: number): string =>
    `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  try {
    const clinicians = {
      name: 'clinicians',
      tokens: stage.tokens(config, 'clinician', 5),
      bodies: marts,
      pace: { perSecond: 10 },
    };
    await send(stage.root, { url: served.url, seconds: 2, streams: [clinicians] });
    const before = served.megabytes();
    const health = watchHealth(served);
    const [token = ''] = stage.tokens(config, 'finance', 1);
    const [page = ''] = longPages;
    const deaf = (async () => {
      // Each asks for megabytes, and again as soon as it would have had them, but reads none of it.
      while (on) {
        if (open.size < 400) sent(`${head(token, page.length)}${page}`.repeat(4), false);
        await pause(50);
      }
    })();
    for (let at = 0; at < 200; at += 1) sent(head(token, 200).slice(0, at % 2 === 0 ? 60 : undefined), true);
    const garbage = {
      name: 'garbage',
      tokens: Array.from({ length: 50 }, (_, at) => `${token.slice(0, -20 - at)}${'A'.repeat(20 + at)}`),
      bodies: marts,
      pace: { perSecond: 100 },
    };
    const replies = await send(stage.root, { url: served.url, seconds, streams: [clinicians, garbage] });
    on = false;
    await deaf;
    const figures = await health.ended();
    const of = ({ name }: { name: string }) => replies.filter(({ stream }) => stream === name);
    const [theirs, bad] = [of(clinicians), of(garbage)];
    return [
      {
        scene,
        promise: 'good requests are served throughout',
        figure: outcomes(theirs),
        kept: theirs.length > 0 && theirs.every(isAnswered),
      },
      {
        scene,
        promise: 'tokens that nobody made are refused',
        figure: outcomes(bad),
        kept: bad.length > 0 && bad.every(({ status }) => status === 401),
      },
      ...steady(scene, before, figures),
    ];
  } finally {
    on = false;
    for (const socket of open) socket.destroy();
    await served.stop();
  }
}
