import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import type { ErrorCode } from '../../src/errors.js';
import { contracts } from '../../src/etl/contracts/index.js';
import { takeDeliveries } from '../../src/etl/deliveries.js';
import { openEngine } from '../../src/etl/engine.js';
import { discover } from '../../src/etl/landing.js';
import { draftOf, publish, tidyReleases } from '../../src/etl/publish.js';
import { folderLake } from '../../src/lake/folder.js';
import { takeLease } from '../../src/lake/lease.js';
import { publishedReleases } from '../../src/warehouse/duckdb/files.js';
import { compiled } from '../support/compiled.js';
import { configAt, loadAt, loadedHome, synthAt } from '../support/home.js';
import { root, temporaryFolder } from '../support/landing.js';
import { contentOf, served, shareKeys } from '../support/release.js';

const kills = process.env['MAPLEWOOD_TEST_FULL'] === '1' ? 10 : 3;
const folder = temporaryFolder();
const maplewood = join(root, 'bin', 'maplewood.cjs');
let landing: string;

/** A number from 0 up to 1, the same in every run of the tests (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

/** `maplewood etl run` in a process of its own. */
function start(home: string): { child: ChildProcess; ended: Promise<Ended>; firstStep: Promise<void> } {
  const child = spawn(process.execPath, [maplewood, 'etl', 'run', '--landing', landing], {
    env: { ...process.env, MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const firstStep = new Promise<void>((resolve) => {
    child.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, said })),
  );
  return { child, ended, firstStep };
}

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

beforeAll(async () => {
  await compiled(folder);
  landing = await synthAt(folder, { patients: 200 });
}, 180_000);

describe('a run that is killed', () => {
  it(`gives the same gold when it is run again (${kills} moments)`, async () => {
    const undisturbed = configAt(join(folder, 'undisturbed'));
    mkdirSync(undisturbed.home.root, { recursive: true });
    const started = performance.now();
    const whole = start(undisturbed.home.root);
    await whole.firstStep;
    const startup = performance.now() - started;
    expect(await whole.ended).toMatchObject({ code: 0 });
    const work = performance.now() - started - startup;
    const expected = await contentOf(undisturbed);

    const draw = chance(20_260_101);
    for (let kill = 0; kill < kills; kill += 1) {
      const config: Config = configAt(join(folder, `killed-${kill}`));
      shareKeys(undisturbed, config);
      const run = start(config.home.root);
      await run.firstStep;
      await wait(draw() * work * 0.95);
      run.child.kill('SIGKILL');
      const { signal, code } = await run.ended;
      const released = (await served(config)).ids;
      expect([signal, code]).toEqual(signal === null ? [null, 0] : ['SIGKILL', null]);
      // The lease of the dead process is taken over at once, and nothing half made was seen.
      const again = await loadAt(config, landing);
      expect(again.outcome).toBe(released.length === 0 ? 'published' : 'unchanged');
      expect((await served(config)).ids).toEqual([1]);
      expect(await contentOf(config)).toEqual(expected);
      expect(readdirSync(config.home.tmp)).toEqual([]);
    }
  }, 300_000);
});

describe('two runs at once', () => {
  it('do not mix: one is told to come back later, with exit code 75', async () => {
    const config = configAt(join(folder, 'two'));
    const first = start(config.home.root);
    await first.firstStep;
    const second = start(config.home.root);
    const [one, other] = await Promise.all([first.ended, second.ended]);
    expect([one.code, other.code]).toEqual([0, 75]);
    expect(other.said).toMatch(/has been running since .* Wait for it to end and try again/);
    expect((await served(config)).ids).toEqual([1]);
  }, 60_000);
});

describe('files of runs that may still write', () => {
  const clock = (seconds: number) => () => new Date(Date.now() + seconds * 1_000);

  it('are those of a stopped run and of a later one, but not of one that ended or died', async () => {
    const leases = join(folder, 'leases-others');
    const ended = await takeLease(leases, 'ended', clock(0));
    await ended.release();
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(
      join(leases, '00000002.held.json'),
      JSON.stringify({ runId: 'dead', pid: dead, host: hostname(), since: '' }),
    );
    const stopped = await takeLease(leases, 'stopped', clock(0));
    const next = await takeLease(leases, 'next', clock(61));
    expect(await next.others()).toEqual(new Set(['stopped']));
    expect(await stopped.others()).toEqual(new Set(['next']));
    await stopped.release();
    expect(await next.others()).toEqual(new Set());
    await next.release();
  });

  it('stay as long as the run may wake, whatever number of runs come in between', async () => {
    const leases = join(folder, 'leases-many');
    const stopped = await takeLease(leases, 'stopped', clock(0));
    let last = await takeLease(leases, 'run 0', clock(61));
    for (let run = 1; run <= 12; run += 1) {
      await last.release();
      last = await takeLease(leases, `run ${run}`, clock(61));
    }
    expect(await last.others()).toEqual(new Set(['stopped']));
    expect(readdirSync(leases).filter((name) => name.endsWith('.held.json'))).toHaveLength(10);
    await last.release();
    await stopped.release();
  });

  it('are not tidied away once they are committed, whatever the woken run knew of them', async () => {
    const { config, landing } = await loadedHome(
      join(folder, 'committed'),
      { patients: 200 },
      { measuresAlone: true },
    );
    const lake = folderLake(config.home.lake);
    const files = () => lake.list('bronze/patients');
    const before = await files();
    const lease = await takeLease(join(config.home.lake, 'leases'), 'woken', clock(0));
    const engine = await openEngine({ spill: join(folder, 'woken'), threads: 1, memoryLimit: '1GB' });
    const { files: all } = await discover(landing, [...contracts.keys()]);
    const effects = { now: clock(0), progress: () => undefined };
    await expect(
      takeDeliveries(engine, lake, contracts, { batches: [], next: 1 }, all, 'woken', lease, effects, {
        uncastablePct: 50,
      }),
    ).rejects.toMatchObject({ code: 'RELEASE_OVERTAKEN' satisfies ErrorCode });
    engine.close();
    expect(before).toHaveLength(1);
    expect(await files()).toEqual(before);
    await lease.release();
  });

  it('are not tidied away with the drafts of killed runs', async () => {
    const at = join(folder, 'tidy');
    const folders = { warehouse: join(at, 'warehouse'), identified: join(at, 'identified') };
    for (const path of Object.values(folders)) mkdirSync(path, { recursive: true });
    const stopped = await takeLease(join(at, 'leases'), 'stopped', clock(0));
    const next = await takeLease(join(at, 'leases'), 'next', clock(61));
    for (const name of [
      'draft-stopped.duckdb',
      '00000001-stopped.duckdb',
      'draft-killed.duckdb',
      'draft-killed.duckdb.wal',
    ])
      writeFileSync(join(folders.warehouse, name), '');
    await tidyReleases(folders, 3, next);
    expect(readdirSync(folders.warehouse).sort()).toEqual([
      '00000001-stopped.duckdb',
      'draft-stopped.duckdb',
    ]);
    await stopped.release();
    await tidyReleases(folders, 3, next);
    expect(readdirSync(folders.warehouse)).toEqual([]);
    await next.release();
  });
});

describe('the lease', () => {
  const overtaken = { code: 'RELEASE_OVERTAKEN' satisfies ErrorCode };
  const held = { code: 'LEASE_HELD' satisfies ErrorCode };
  const clock = (seconds: number) => () => new Date(Date.now() + seconds * 1_000);

  it('is held by one run at a time, and free after it', async () => {
    const leases = join(folder, 'leases-free');
    const lease = await takeLease(leases, 'one', clock(0));
    await expect(takeLease(leases, 'two', clock(0))).rejects.toMatchObject(held);
    await expect(lease.check()).resolves.toBeUndefined();
    await lease.release();
    const next = await takeLease(leases, 'two', clock(0));
    expect(next.token).toBe(lease.token + 1);
    await next.release();
  });

  it('of several that reach for it at once, one gets it', async () => {
    const leases = join(folder, 'leases-race');
    const runs = await Promise.allSettled(
      Array.from({ length: 8 }, (_, run) => takeLease(leases, `run ${run}`, clock(0))),
    );
    const taken = runs.flatMap((run) => (run.status === 'fulfilled' ? [run.value] : []));
    expect(taken).toHaveLength(1);
    for (const run of runs) if (run.status === 'rejected') expect(run.reason).toMatchObject(held);
    await taken[0]!.release();
  });

  it('is kept through 59 seconds of silence and lost after 61', async () => {
    const leases = join(folder, 'leases-silent');
    const lease = await takeLease(leases, 'silent', clock(0));
    await expect(takeLease(leases, 'next', clock(58))).rejects.toMatchObject(held);
    const next = await takeLease(leases, 'next', clock(61));
    await expect(lease.check()).rejects.toMatchObject(overtaken);
    await lease.release();
    await expect(next.check()).resolves.toBeUndefined();
    await next.release();
  });

  it.each([
    ['before the other has published', false],
    ['after the other has published and tidied', true],
  ])('a run that was stopped and lost it does not publish, %s', async (name, tidied) => {
    const at = join(folder, `stopped ${name}`);
    const folders = { warehouse: join(at, 'warehouse'), identified: join(at, 'identified') };
    for (const path of Object.values(folders)) mkdirSync(path, { recursive: true });
    const facts = {
      publishedAt: '',
      dataAsOf: '',
      warehouseKey: '',
      inputs: '',
      silver: '',
      declarations: '',
      corrections: 0,
    };
    const make = (runId: string) => {
      const draft = draftOf(folders, runId);
      for (const file of [draft.file, draft.identifiedFile]) writeFileSync(file, runId);
      return draft;
    };
    const stopped = await takeLease(join(at, 'leases'), 'stopped', clock(0));
    const draft = tidied ? draftOf(folders, 'stopped') : make('stopped');
    const other = await takeLease(join(at, 'leases'), 'other', clock(61));
    const publishOther = () => publish(folders, make('other'), other, { ...facts, runId: 'other' });
    if (tidied) await publishOther();
    await expect(publish(folders, draft, stopped, { ...facts, runId: 'stopped' })).rejects.toMatchObject(
      overtaken,
    );
    expect(await publishedReleases(folders.warehouse)).toEqual(tidied ? [1] : []);
    if (!tidied) expect(await publishOther()).toMatchObject({ id: 1, runId: 'other' });
    await stopped.release();
    await other.release();
  });
});
