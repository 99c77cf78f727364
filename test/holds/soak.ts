import { setTimeout as pause } from 'node:timers/promises';
import { etlRun, maplewood, outcomeOf } from '../faults/command.js';
import { type Finding, mb, trend } from './figures.js';
import { outcomes, send } from './load.js';
import { fromEvents, marts, rows } from './questions.js';
import { type Served, serve, sumOf } from './served.js';
import type { Stage } from './stage.js';
import { requestIdsIn, verified } from './stop.js';

const scene = 'soak';
/** Megabytes an hour. */
const mostSlope = 20;

interface Sample {
  readonly seconds: number;
  readonly megabytes: number;
  readonly files: number;
}

/** Roles mixed at a moderate load, and a publish each minute, for some minutes. */
export async function soak(stage: Stage, seconds: number): Promise<Finding[]> {
  const config = stage.copy();
  const served = await serve(stage.root, config.home.root);
  try {
    const stream = (role: Parameters<Stage['tokens']>[1], bodies: readonly string[], perSecond: number) => ({
      name: role,
      tokens: stage.tokens(config, role, 10),
      bodies,
      pace: { perSecond },
    });
    const streams = [
      stream('clinician', [...marts, ...rows], 8),
      stream('analyst', [...fromEvents, ...rows], 4),
      stream('finance', rows, 4),
      stream('operations', marts, 4),
    ];
    const warmUp = seconds / 5;
    const before = sumOf(await served.metrics(), 'maplewood_requests_total');
    let publishes = 0;
    let on = true;
    const publishing = (async () => {
      const each = Math.min(60, seconds / 3) * 1_000;
      while (on) {
        const { ended } = maplewood(stage.root, config.home.root, etlRun(stage.landing, '--full'));
        if (outcomeOf(await ended) === 'published') publishes += 1;
        for (let waited = 0; on && waited < each; waited += 250) await pause(250);
      }
    })();
    const samples = sampling(served);
    const replies = await send(stage.root, { url: served.url, seconds, streams });
    on = false;
    const taken = samples.ended().filter((sample) => sample.seconds > warmUp);
    await publishing;
    const metrics = await served.metrics();
    const counted = sumOf(metrics, 'maplewood_requests_total') - before;
    await served.stop();
    const records = requestIdsIn(config);
    const { slope, margin } = trend(taken.map((one) => ({ x: one.seconds / 3_600, y: one.megabytes })));
    const files = [taken.slice(0, taken.length / 4), taken.slice((-taken.length * 1) / 4)].map((part) =>
      Math.max(...part.map((one) => one.files)),
    );
    const recorded = replies.filter(({ requestId }) => records.has(requestId ?? '')).length;
    return [
      {
        scene,
        promise: 'all are answered',
        figure: `${outcomes(replies)}; ${publishes} publishes`,
        kept: replies.length > 0 && replies.every(({ status }) => status === 200) && publishes > 0,
      },
      {
        scene,
        promise: `memory does not grow: ${mostSlope} MB an hour at most, or not told apart from none`,
        figure: `${slope.toFixed(0)} ± ${margin.toFixed(0)} MB an hour (${mb(Math.min(...taken.map((one) => one.megabytes)))} to ${mb(Math.max(...taken.map((one) => one.megabytes)))}, ${taken.length} samples)`,
        kept: taken.length > 3 && (slope <= mostSlope || slope - margin <= 0),
      },
      {
        scene,
        promise: 'open files do not grow',
        figure: `at most ${files[0]} in the first quarter, ${files[1]} in the last`,
        kept: (files[1] ?? 0) <= (files[0] ?? 0) + 10,
      },
      {
        scene,
        promise: 'requests sent = counted = recorded',
        figure: `${replies.length} = ${counted} = ${recorded}`,
        kept: replies.length === counted && replies.length === recorded,
      },
      verified(stage, scene, config),
    ];
  } finally {
    await served.stop();
  }
}

function sampling(served: Served): { ended(): readonly Sample[] } {
  const began = performance.now();
  const samples: Sample[] = [];
  const timer = setInterval(() => {
    const seconds = (performance.now() - began) / 1_000;
    samples.push({ seconds, megabytes: served.megabytes(), files: served.openFiles() });
  }, 1_000);
  return {
    ended() {
      clearInterval(timer);
      return samples;
    },
  };
}
