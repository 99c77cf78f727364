import { type Finding, mb, ms, quantile } from './figures.js';
import { type HealthFigures, watchHealth } from './health.js';
import { isAnswered, isTurnedAway, type Load, outcomes, type Reply, type Stream, send } from './load.js';
import { fromEvents, marts } from './questions.js';
import { type Served, serve } from './served.js';
import type { Stage } from './stage.js';

/** Answers that are kept would show nothing of what the warehouse can take. */
export const nothingKept = { cache: { bytes: 0 } };

export const slots = 2;

/** Megabytes by which a flood may make the server grow. */
const mostGrowth = 600;
const scene = 'overload';
const times = 10;

export interface OverloadExtent {
  readonly seconds: number;
  /** Seconds at 1 × capacity. */
  readonly calm: number;
}

/** As many clients as slots, then ten times as many requests as they were answered, of many users each. */
export async function overload(stage: Stage, { seconds, calm }: OverloadExtent): Promise<Finding[]> {
  const config = stage.copy();
  const served = await serve(stage.root, config.home.root, { ...nothingKept, overload: { running: slots } });
  try {
    // In turn, so that the mix of small and large questions is the same however fast each is answered.
    const all = {
      name: scene,
      tokens: inTurn(stage.tokens(config, 'clinician', 100), stage.tokens(config, 'analyst', 100)),
      bodies: inTurn(marts, fromEvents),
    };
    const at = (pace: Stream['pace'], time: number): Load => ({
      url: served.url,
      seconds: time,
      streams: [{ ...all, pace }],
    });
    // Plans are compiled, statements prepared, tokens verified.
    await send(stage.root, at({ clients: slots }, Math.min(3, calm)));
    const full = await send(stage.root, at({ clients: slots }, calm));
    const rate = full.length / calm;
    const before = served.megabytes();
    const health = watchHealth(served);
    const { burstMs } = config.settings.overload;
    const flood = await send(stage.root, at({ perSecond: times * rate }, burstMs / 1_000 + seconds));
    const { slowest, ...figures } = await health.ended();
    return [
      ...judged(
        full,
        flood.filter((reply) => reply.at > burstMs),
        rate,
      ),
      ...steady(scene, before, { slowest, ...figures }),
      await recovered(served, stage.tokens(config, 'clinician', 1, 900), stage.root),
    ];
  } finally {
    await served.stop();
  }
}

const inTurn = <T>(some: readonly T[], others: readonly T[]): T[] =>
  some.flatMap((one, at) => [one, ...others.slice(at, at + 1)]);

function judged(full: readonly Reply[], flood: readonly Reply[], rate: number): Finding[] {
  const times = full.filter(isAnswered).map(({ ms }) => ms);
  const admitted = flood.filter(isAnswered).map(({ ms }) => ms);
  const others = flood.filter((reply) => !isAnswered(reply));
  const [before, after] = [quantile(times, 0.99), quantile(admitted, 0.99)];
  return [
    {
      scene,
      promise: '1 × capacity, every slot busy: all are answered',
      figure: `${rate.toFixed(0)} a second, p50 ${ms(quantile(times, 0.5))}, p99 ${ms(before)}`,
      kept: times.length === full.length && times.length > 0,
    },
    {
      scene,
      promise: '10 × that rate: p99 of those admitted is at most twice as long',
      figure: `${ms(after)} / ${ms(before)} = ${(after / before).toFixed(2)} (p50 ${ms(quantile(admitted, 0.5))}; ${outcomes(flood)})`,
      kept: admitted.length > 0 && after <= 2 * before,
    },
    {
      scene,
      promise: 'the others are turned away with Retry-After, at once',
      figure: `p50 ${ms(
        quantile(
          others.map(({ ms }) => ms),
          0.5,
        ),
      )}, p99 ${ms(
        quantile(
          others.map(({ ms }) => ms),
          0.99,
        ),
      )}`,
      kept: others.length > 0 && others.every(isTurnedAway),
    },
  ];
}

/** Memory and health during a flood. */
export function steady(scene: string, before: number, health: HealthFigures): Finding[] {
  const { slowest, bad, asked, megabytes } = health;
  return [
    {
      scene,
      promise: `memory grows by ${mostGrowth} MB at most`,
      figure: `${mb(before)} before, ${mb(megabytes)} at most`,
      kept: megabytes - before <= mostGrowth,
    },
    {
      scene,
      promise: 'health answers within 250 ms throughout',
      figure: `${Object.entries(slowest)
        .map(([address, time]) => `${address} ${ms(time)}`)
        .join(', ')}, ${bad} of ${asked} other than 200`,
      kept: asked > 0 && bad === 0 && Object.values(slowest).every((time) => time <= 250),
    },
  ];
}

/** Once it is over a single caller is served as if nothing had been. */
async function recovered(served: Served, tokens: readonly string[], root: string): Promise<Finding> {
  const stream = { name: 'after', tokens, bodies: marts, pace: { clients: 1 } };
  const replies = await send(root, { url: served.url, seconds: 1, streams: [stream] });
  return {
    scene,
    promise: 'afterwards all are answered again',
    figure: outcomes(replies),
    kept: replies.length > 0 && replies.every(isAnswered),
  };
}
