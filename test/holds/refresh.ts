import { type Finding, ms, quantile } from './figures.js';
import { watchHealth } from './health.js';
import { isAnswered, outcomes, type Reply, type Stream, send } from './load.js';
import { nothingKept, slots, steady } from './overload.js';
import { longPages, marts } from './questions.js';
import { serve } from './served.js';
import type { Stage } from './stage.js';

const scene = 'refresh';

/** One application fetches 50 long pages at once while clinicians ask for a mart five times a second each. */
export async function refresh(stage: Stage, seconds: number): Promise<Finding[]> {
  const config = stage.copy();
  const served = await serve(stage.root, config.home.root, { ...nothingKept, overload: { running: slots } });
  try {
    const clinicians: Stream = {
      name: 'clinicians',
      tokens: stage.tokens(config, 'clinician', 5),
      bodies: marts,
      pace: { perSecond: 25 },
    };
    const pages = (clients: number): Stream => ({
      name: 'pages',
      tokens: stage.tokens(config, 'finance', 1),
      bodies: longPages,
      pace: { clients },
    });
    const during = (streams: readonly Stream[], time = seconds): Promise<readonly Reply[]> =>
      send(stage.root, { url: served.url, seconds: time, streams });
    await during([clinicians, pages(1)], 2);
    const alone = await during([clinicians]);
    const page = await during([pages(1)], Math.min(seconds, 5));
    const before = served.megabytes();
    const health = watchHealth(served);
    const both = await during([clinicians, pages(50)]);
    const figures = await health.ended();
    const theirs = both.filter(({ stream }) => stream === 'clinicians');
    const p99 = (replies: readonly Reply[]): number =>
      quantile(
        replies.map((reply) => reply.ms),
        0.99,
      );
    const [calm, flooded, running] = [p99(alone), p99(theirs), p99(page)];
    return [
      {
        scene,
        promise: 'no clinician is refused',
        figure: `alone ${outcomes(alone)}; beside 50 pages at once ${outcomes(theirs)} (pages: ${outcomes(
          both.filter(({ stream }) => stream === 'pages'),
        )})`,
        kept: [...alone, ...theirs].every(isAnswered) && theirs.length > 0,
      },
      {
        scene,
        promise: 'p99 of the clinicians: at most twice theirs alone, and one page',
        figure: `${ms(flooded)}; alone ${ms(calm)}, a page ${ms(running)}, so at most ${ms(2 * calm + running)}`,
        kept: flooded <= 2 * calm + running,
      },
      ...steady(scene, before, figures),
    ];
  } finally {
    await served.stop();
  }
}
