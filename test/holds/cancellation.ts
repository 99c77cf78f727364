import { setTimeout as pause } from 'node:timers/promises';
import { chance } from '../faults/random-kills.js';
import { type Answer, asker } from './ask.js';
import { type Finding, ms } from './figures.js';
import { outcomes } from './load.js';
import { nothingKept } from './overload.js';
import { marts } from './questions.js';
import { type Served, serve, sumOf } from './served.js';
import type { Stage } from './stage.js';

const scene = 'cancellation';
/** Milliseconds that a request gets. */
const deadlineMs = 250;

/** A question of many statements, none of them small; another one each time. */
const heavy = (turn: number): string => {
  const fields = Array.from(
    { length: 12 },
    (_, at) =>
      `f${at}: edWaits(by: [TRUST, TRIAGE, ARRIVAL_HOUR], grain: ${at % 2 === 0 ? 'QUARTER' : 'YEAR'}, first: ${10 + ((turn + at) % 50)}) { nodes { attendances medianMinutes p95Minutes } }`,
  );
  return JSON.stringify({ query: `{ ${fields.join(' ')} }` });
};

/**
 * Callers who go away at random moments, before, at and after the deadline of what they asked for. The moments are the same
 * in every run.
 */
export async function cancellation(stage: Stage, requests: number): Promise<Finding[]> {
  const config = stage.copy();
  const served = await serve(stage.root, config.home.root, { ...nothingKept, limits: { deadlineMs } });
  const { ask, close } = asker(served.url, 8);
  try {
    const tokens = stage.tokens(config, 'analyst', 40);
    const draw = chance(20_260_101);
    const answers: (Answer & { readonly gone: boolean })[] = [];
    let turn = 0;
    const client = async (): Promise<void> => {
      while (turn < requests) {
        const at = turn++;
        const leaves = draw();
        // A third of them at about the deadline, so that both happen at once; a fifth stays.
        const after = leaves < 0.33 ? deadlineMs - 10 + draw() * 20 : draw() * deadlineMs;
        const controller = new AbortController();
        const timer = leaves < 0.8 ? setTimeout(() => controller.abort(), after) : undefined;
        const answer = await ask(tokens[at % tokens.length] ?? '', heavy(at), controller.signal);
        clearTimeout(timer);
        answers.push({ ...answer, gone: controller.signal.aborted });
      }
    };
    await Promise.all(Array.from({ length: 6 }, client));
    const took = await idleAfter(served);
    const metrics = await served.metrics();
    const stayed = answers.filter(({ gone }) => !gone);
    const count = (status: number): number => stayed.filter((one) => one.status === status).length;
    const interrupted = sumOf(metrics, 'maplewood_statements_total', 'outcome="cancelled"');
    // Whoever comes while the flood still leaves may be turned away with it.
    await pause(200);
    const next = await Promise.all(marts.slice(0, 8).map((body, at) => ask(tokens[at] ?? '', body)));
    return [
      {
        scene,
        promise: 'the engine runs nothing and all slots are back within 1 s',
        figure: `${requests} requests, ${answers.length - stayed.length} left alone, ${interrupted} statements interrupted; idle after ${ms(took)}`,
        kept: took <= 1_000 && interrupted > 0,
      },
      {
        scene,
        promise: 'who stays gets a whole answer: all of it, or why not',
        figure: outcomes(stayed.map((one) => ({ stream: scene, at: 0, sent: 0, ...one }))),
        kept: stayed.length > 0 && count(200) + count(422) + count(503) === stayed.length,
      },
      {
        scene,
        promise: 'the next requests, 0.2 s later, are answered',
        figure: outcomes(next.map((one) => ({ stream: scene, at: 0, sent: 0, ...one }))),
        kept: next.every(({ status }) => status === 200),
      },
    ];
  } finally {
    close();
    await served.stop();
  }
}

/** Milliseconds until no statement runs or waits; a few seconds at most. */
async function idleAfter(served: Served): Promise<number> {
  const began = performance.now();
  for (;;) {
    const metrics = await served.metrics();
    const busy =
      sumOf(metrics, 'maplewood_statements_running') + sumOf(metrics, 'maplewood_statements_waiting');
    const took = performance.now() - began;
    if (busy === 0 || took > 5_000) return busy === 0 ? took : Number.POSITIVE_INFINITY;
    await pause(20);
  }
}
