import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../../src/config/environment.js';
import { exitOf } from '../faults/command.js';
import { type Finding, ms } from './figures.js';
import { isAnswered, outcomes, type Reply, send } from './load.js';
import { nothingKept } from './overload.js';
import { fromEvents, marts } from './questions.js';
import { type Served, serve } from './served.js';
import type { Stage } from './stage.js';

/** Ends servers under load: in good order, at once, and without a word. */
export async function stop(stage: Stage, kills: number): Promise<Finding[]> {
  return [...(await gracefully(stage)), ...(await atOnce(stage)), ...(await killed(stage, kills))];
}

interface Loaded {
  readonly config: Config;
  readonly served: Served;
  readonly replies: Promise<readonly Reply[]>;
}

/** A server with requests under way. */
async function loaded(stage: Stage, seconds: number, clients = 12): Promise<Loaded> {
  const config = stage.copy();
  const served = await serve(stage.root, config.home.root, nothingKept);
  const tokens = stage.tokens(config, 'analyst', clients);
  const stream = { name: 'all', tokens, bodies: [...fromEvents, ...marts], pace: { clients } };
  const replies = send(stage.root, { url: served.url, seconds, streams: [stream] });
  while ((await served.metrics()).get('maplewood_answers_total{from="live"}') === undefined) await pause(50);
  await pause(1_000);
  return { config, served, replies };
}

/** Milliseconds that a connection may wait on a busy machine until the server takes it. */
const inLine = 200;

async function gracefully(stage: Stage): Promise<Finding[]> {
  const scene = 'SIGTERM';
  const { config, served, replies } = await loaded(stage, 6);
  const [told, toldAt] = [performance.now(), Date.now()];
  const ended = served.stop();
  const [ready, live] = [await until503(served), await served.status('/livez')];
  const took = performance.now() - told;
  const exit = await ended;
  const after = performance.now() - told;
  const all = await replies;
  // Then it takes no more connections: who comes so late, or stands in line for one, learns of it by that.
  const { noticeMs } = config.settings.stop;
  const inTime = all.filter(({ sent }) => sent < toldAt + noticeMs - inLine);
  const since = inTime.filter(({ sent }) => sent >= toldAt).length;
  const records = requestIdsIn(config);
  const acknowledged = all.filter(isAnswered);
  const missing = acknowledged.filter(({ requestId }) => !records.has(requestId ?? ''));
  return [
    {
      scene,
      promise: '/readyz says so at once, while requests are still taken',
      figure: `/readyz ${ready} after ${ms(took)}, /livez ${live}`,
      kept: ready === 503 && live === 200 && took < 500,
    },
    {
      scene,
      promise: 'every request before it refuses connections gets a whole answer',
      figure: `${outcomes(inTime)}; ${since} of them sent after the signal`,
      kept: since > 0 && inTime.every(({ status }) => status > 0),
    },
    {
      scene,
      promise: 'ends with exit 0 within 20 s',
      figure: `${exitOf(exit)} after ${ms(after)}`,
      kept: exit.code === 0 && after < 20_000,
    },
    {
      scene,
      promise: 'every answer has its record',
      figure: `${acknowledged.length} answers, ${missing.length} without`,
      kept: acknowledged.length > 0 && missing.length === 0,
    },
    verified(stage, scene, config),
  ];
}

async function until503(served: Served): Promise<number> {
  for (let turn = 0; turn < 100; turn += 1) {
    const status = await served.status('/readyz');
    if (status !== 200) return status;
    await pause(5);
  }
  return 200;
}

async function atOnce(stage: Stage): Promise<Finding[]> {
  const { served, replies } = await loaded(stage, 2);
  served.child.kill('SIGTERM');
  await pause(200);
  const began = performance.now();
  const exit = await served.stop();
  const took = performance.now() - began;
  await replies;
  return [
    {
      scene: 'second SIGTERM',
      promise: 'ends at once',
      figure: `${exitOf(exit)} after ${ms(took)}`,
      kept: exit.code === 143 && took < 1_000,
    },
  ];
}

/** kill −9, and a server on what it leaves; again and again on the same home. */
async function killed(stage: Stage, kills: number): Promise<Finding[]> {
  const scene = 'kill −9';
  const config = stage.copy();
  let [answered, restarts] = [0, 0];
  const acknowledged: (string | undefined)[] = [];
  for (let turn = 0; turn < kills; turn += 1) {
    const served = await serve(stage.root, config.home.root, nothingKept);
    restarts += (await served.status('/readyz')) === 200 ? 1 : 0;
    const tokens = stage.tokens(config, 'analyst', 8, turn * 8);
    const stream = { name: 'all', tokens, bodies: marts, pace: { clients: 8 } };
    const replies = send(stage.root, { url: served.url, seconds: 3, streams: [stream] });
    // Some way into the load, at another moment each time.
    await pause(2_200 + ((turn * 137) % 500));
    served.child.kill('SIGKILL');
    await served.ended;
    const good = (await replies).filter(isAnswered);
    answered += good.length;
    // What nobody waits for may be lost within the time in which it is gathered.
    const last = Math.max(...good.map(({ at, ms: time }) => at + time));
    acknowledged.push(
      ...good.filter(({ at, ms: time }) => at + time < last - gathered).map(({ requestId }) => requestId),
    );
  }
  const records = requestIdsIn(config);
  const missing = acknowledged.filter((id) => !records.has(id ?? ''));
  return [
    {
      scene,
      promise: 'a new process serves',
      figure: `${restarts} of ${kills}, ${answered} requests answered`,
      kept: restarts === kills && answered > 0,
    },
    {
      scene,
      promise: `of answers older than ${gathered} ms no record is missing`,
      figure: `${acknowledged.length} answers, ${missing.length} without`,
      kept: acknowledged.length > 0 && missing.length === 0,
    },
    verified(stage, scene, config),
  ];
}

/** Milliseconds after which a record of what was not identified is on the disk, with some room for a busy disk. */
const gathered = 250;

/** Ids of the requests that have a record. */
export function requestIdsIn({ home }: Config): ReadonlySet<string> {
  const ids = readdirSync(home.audit)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) =>
      [
        ...readFileSync(join(home.audit, name), 'utf8').matchAll(
          /"kind":"request"[^\n]*?"requestId":"([^"]+)"/g,
        ),
      ].map(([, id]) => id ?? ''),
    );
  return new Set(ids);
}

export function verified(stage: Stage, scene: string, { home }: Config): Finding {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(stage.root, 'bin', 'maplewood.cjs'), 'audit', 'verify'],
    { env: { ...process.env, MAPLEWOOD_HOME: home.root, MAPLEWOOD_DEV: '1' }, encoding: 'utf8' },
  );
  return {
    scene,
    promise: '`audit verify` passes',
    figure: `${stdout}${stderr}`.trim().split('\n').at(-1) ?? '',
    kept: status === 0,
  };
}
