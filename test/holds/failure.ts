import { copyFileSync, cpSync, createWriteStream, readdirSync, rmSync, truncateSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../../src/config/environment.js';
import { mountSmallDisk } from '../faults/tmpfs.js';
import { answer, secretsOfHome, standInVault } from '../support/vault.js';
import { type Answer, asker } from './ask.js';
import type { Finding } from './figures.js';
import { nothingKept } from './overload.js';
import { marts } from './questions.js';
import { type Served, serve } from './served.js';
import type { Stage } from './stage.js';

/** What a server says of itself and to one who asks. */
interface Seen {
  readonly live: number;
  readonly ready: number;
  readonly answer: Answer;
}

const inWords = ({ live, ready, answer: { status, code, retryAfter, ms } }: Seen): string =>
  `/livez ${live}, /readyz ${ready}, ${status}${code ? ` ${code}` : ''}${retryAfter ? `, Retry-After ${retryAfter}` : ''} in ${ms.toFixed(0)} ms`;

/** Longest time that a server may take to notice, or to recover, in milliseconds. */
const patience = 15_000;

/** Takes away what the server needs, looks, and gives it back. */
export async function failure(
  stage: Stage,
  some: readonly (keyof typeof cases)[] = names,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of some) findings.push(...(await cases[name](stage)));
  return findings;
}

interface Failing {
  readonly name: string;
  readonly code: 'AUDIT_UNAVAILABLE' | 'KEY_UNAVAILABLE' | 'WAREHOUSE_UNAVAILABLE';
  readonly served: Served;
  readonly tokens: readonly string[];
  /** Gives back what was taken. */
  readonly mend?: () => void | Promise<void>;
}

async function judged({ name, code, served, tokens, mend }: Failing): Promise<Finding[]> {
  const { ask, close } = asker(served.url);
  let turn = 0;
  const look = async (): Promise<Seen> => {
    const answer = await ask(tokens[0] ?? '', marts[turn++ % marts.length] ?? '');
    const [live, ready] = [await served.status('/livez'), await served.status('/readyz')];
    return { live, ready, answer };
  };
  const until = async (is: (seen: Seen) => boolean): Promise<{ seen: Seen; took: number }> => {
    const began = performance.now();
    for (;;) {
      const seen = await look();
      const took = performance.now() - began;
      if (is(seen) || took > patience) return { seen, took };
      await pause(50);
    }
  };
  const isDown = ({ live, ready, answer }: Seen): boolean =>
    live === 200 &&
    ready === 503 &&
    answer.status === 503 &&
    answer.code === code &&
    Number(answer.retryAfter) >= 1;
  const isUp = ({ live, ready, answer }: Seen): boolean =>
    live === 200 && ready === 200 && answer.status === 200;
  try {
    const down = await until(isDown);
    const findings: Finding[] = [
      {
        scene: name,
        promise: `503 ${code}, not ready, alive`,
        figure: `${inWords(down.seen)}; noticed in ${down.took.toFixed(0)} ms`,
        kept: isDown(down.seen) && down.seen.answer.ms < 10_000,
      },
    ];
    if (!mend) return findings;
    await mend();
    const up = await until(isUp);
    return [
      ...findings,
      {
        scene: name,
        promise: 'recovers by itself',
        figure: `${inWords(up.seen)} after ${up.took.toFixed(0)} ms`,
        kept: isUp(up.seen),
      },
    ];
  } finally {
    close();
    await served.stop();
  }
}

const clinician = (stage: Stage, config: Config): string[] => stage.tokens(config, 'clinician', 1);
const serveAt = (stage: Stage, config: Config, env = {}): Promise<Served> =>
  serve(stage.root, config.home.root, nothingKept, env);

const skipped = (name: string, reason: string): Finding[] => [
  { scene: name, promise: 'not tried here', figure: reason, kept: true },
];

/** A disk that cannot be written in the place of the audit. */
async function readOnly(stage: Stage): Promise<Finding[]> {
  const name = 'audit read-only';
  const config = stage.copy();
  const served = await serveAt(stage, config);
  const disk = mountSmallDisk(config.home.audit, 'size=64k,ro');
  if ('reason' in disk) {
    await served.stop();
    return skipped(name, disk.reason);
  }
  const mend = once(() => disk.unmount());
  try {
    const tokens = clinician(stage, config);
    return await judged({ name, code: 'AUDIT_UNAVAILABLE', served, tokens, mend });
  } finally {
    mend();
  }
}

async function fullDisk(stage: Stage): Promise<Finding[]> {
  const name = 'audit disk full';
  const config = stage.copy();
  const disk = mountSmallDisk(config.home.audit, 'size=1m,mode=700');
  if ('reason' in disk) return skipped(name, disk.reason);
  try {
    const served = await serveAt(stage, config);
    const filler = join(config.home.audit, 'filler');
    const fill = createWriteStream(filler).on('error', () => undefined);
    for (let block = 0; block < 64; block += 1) fill.write(Buffer.alloc(32 * 1024));
    const tokens = clinician(stage, config);
    return await judged({ name, code: 'AUDIT_UNAVAILABLE', served, tokens, mend: () => rmSync(filler) });
  } finally {
    disk.unmount();
  }
}

/** Two servers on one home: the second may not write until the first has gone. */
async function heldLease(stage: Stage): Promise<Finding[]> {
  const config = stage.copy();
  const holder = await serveAt(stage, config);
  try {
    return await judged({
      name: 'audit lease held',
      code: 'AUDIT_UNAVAILABLE',
      served: await serveAt(stage, config),
      tokens: clinician(stage, config),
      mend: async () => void (await holder.stop()),
    });
  } finally {
    await holder.stop();
  }
}

const releaseFile = ({ home }: Config): string => {
  const file = readdirSync(home.warehouse).find((name) => name.endsWith('.duckdb'));
  if (file === undefined) throw new Error('no release');
  return join(home.warehouse, file);
};

async function truncated(stage: Stage): Promise<Finding[]> {
  const config = stage.copy();
  const served = await serveAt(stage, config);
  const file = releaseFile(config);
  const whole = join(stage.folder, 'whole.duckdb');
  copyFileSync(file, whole);
  truncateSync(file, 4096);
  return judged({
    name: 'release cut off',
    code: 'WAREHOUSE_UNAVAILABLE',
    served,
    tokens: clinician(stage, config),
    mend: () => copyFileSync(whole, file),
  });
}

/** What a server that needs no mending goes on to answer once something is gone. */
async function servedOn(
  stage: Stage,
  name: string,
  promise: string,
  remove: (config: Config) => void,
): Promise<Finding[]> {
  const config = stage.copy();
  const served = await serveAt(stage, config);
  const { ask, close } = asker(served.url);
  try {
    const [token = ''] = clinician(stage, config);
    remove(config);
    const answers = await Promise.all(marts.map((body) => ask(token, body)));
    return [
      {
        scene: name,
        promise,
        figure: `${answers.filter(({ status }) => status === 200).length} of ${answers.length} answered, /readyz ${await served.status('/readyz')}`,
        kept: answers.every(({ status }) => status === 200),
      },
    ];
  } finally {
    close();
    await served.stop();
  }
}

/** The engine holds its file open. */
const removed = (stage: Stage): Promise<Finding[]> =>
  servedOn(stage, 'release file removed', 'is served on until the next', (config) =>
    rmSync(releaseFile(config)),
  );

/** Keys that were read once stay in memory. */
const keysRemoved = (stage: Stage): Promise<Finding[]> =>
  servedOn(stage, 'keys removed while serving', 'is served on', ({ home }) => {
    for (const file of readdirSync(home.keys)) rmSync(join(home.keys, file));
  });

/** Nothing listens where the vault should be, or what does fails; then one with the keys of the home does. */
async function vaultGone(stage: Stage): Promise<Finding[]> {
  return [
    ...(await vaultMended(stage, 'key vault gone at start', 'gone')),
    ...(await vaultMended(stage, 'key vault fails at start', 'failing')),
  ];
}

async function vaultMended(stage: Stage, name: string, first: 'gone' | 'failing'): Promise<Finding[]> {
  const config = stage.copy();
  const secrets = secretsOfHome(config.home.keys);
  let vault = await standInVault(secrets);
  const { port, url } = vault;
  vault.instead = (_request, response) => {
    answer(response, 500, {});
    return true;
  };
  if (first === 'gone') await vault.close();
  try {
    return await judged({
      name,
      code: 'KEY_UNAVAILABLE',
      served: await serveAt(stage, config, { MAPLEWOOD_KEY_VAULT_URL: url }),
      tokens: clinician(stage, config),
      async mend() {
        if (first === 'gone') vault = await standInVault(secrets, { port });
        vault.instead = undefined;
      },
    });
  } finally {
    await vault.close();
  }
}

async function unpublished(stage: Stage): Promise<Finding[]> {
  const config = stage.copy();
  const away = join(stage.folder, 'unpublished');
  cpSync(config.home.warehouse, away, { recursive: true });
  const manifests = readdirSync(away).filter((name) => /^\d+\.json$/.test(name));
  for (const name of manifests) rmSync(join(config.home.warehouse, name));
  return judged({
    name: 'no release yet',
    code: 'WAREHOUSE_UNAVAILABLE',
    served: await serveAt(stage, config),
    tokens: clinician(stage, config),
    mend: () => {
      for (const name of manifests) copyFileSync(join(away, name), join(config.home.warehouse, name));
    },
  });
}

const serverAt = (port: number) => ({
  MAPLEWOOD_WAREHOUSE: `mssql://reader:secret@127.0.0.1:${port}/gold?engine=sqlserver`,
});

async function refusing(stage: Stage): Promise<Finding[]> {
  const config = stage.copy();
  const { port, close } = await listening();
  await close();
  return judged({
    name: 'server refuses connections',
    code: 'WAREHOUSE_UNAVAILABLE',
    served: await serveAt(stage, config, serverAt(port)),
    tokens: clinician(stage, config),
  });
}

async function silent(stage: Stage): Promise<Finding[]> {
  const config = stage.copy();
  const { port, close } = await listening();
  try {
    return await judged({
      name: 'server says nothing',
      code: 'WAREHOUSE_UNAVAILABLE',
      served: await serveAt(stage, config, serverAt(port)),
      tokens: clinician(stage, config),
    });
  } finally {
    await close();
  }
}

async function listening(): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

const cases = {
  readOnly,
  fullDisk,
  heldLease,
  truncated,
  removed,
  unpublished,
  refusing,
  silent,
  keysRemoved,
  vaultGone,
};
const names = Object.keys(cases) as (keyof typeof cases)[];
