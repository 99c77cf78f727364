import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import supertest from 'supertest';
import { loadServiceKeys } from '../../src/access/keys.js';
import { verifyAudit } from '../../src/audit/verify.js';
import type { Config } from '../../src/config/environment.js';
import { defaultSettings } from '../../src/config/settings.js';
import { fileStateStore } from '../../src/state/file.js';
import { maplewood } from '../faults/command.js';
import { mountSmallDisk } from '../faults/tmpfs.js';
import { compiled } from '../support/compiled.js';
import { configAt, loadedHome } from '../support/home.js';
import { root, temporaryFolder } from '../support/landing.js';
import {
  auditRecords,
  type GlassServer,
  glassServer,
  type Known,
  mutation,
  reason,
  strangersOf,
  tokenFor,
  tokenOf,
} from './glass.js';

const folder = temporaryFolder();
let loaded: Config;
let patients: readonly Known[];
beforeAll(async () => {
  ({ config: loaded } = await loadedHome(folder, { patients: 1_500 }));
  patients = await strangersOf(loaded, 'RAA', 20);
}, 240_000);

/** Servers of a test, ended with it however it ends. */
const started: GlassServer[] = [];
async function start(...given: Parameters<typeof glassServer>): Promise<GlassServer> {
  const server = await glassServer(...given);
  started.push(server);
  return server;
}
afterEach(async () => {
  for (const server of started.splice(0)) await server.close();
});

let made = 0;
/** A home of its own with the same release and keys. */
function newHome(more: Partial<Config['settings']['breakGlass']> = {}): Config {
  made += 1;
  const home = join(folder, `home-${made}`);
  mkdirSync(home);
  for (const part of ['warehouse', 'identified', 'keys'])
    cpSync(join(loaded.home.root, part), join(home, part), { recursive: true });
  for (const part of ['audit', 'state', 'tmp']) mkdirSync(join(home, part), { mode: 0o700 });
  const config = configAt(home);
  return {
    ...config,
    settings: { ...config.settings, breakGlass: { ...defaultSettings.breakGlass, ...more } },
  };
}
const id = (config: Config, at: number): string => tokenOf(config, patients[at]!);
const look = (server: GlassServer, patientId: string) =>
  server.ask({}, 'query($id: ID!) { who: identifiedPatient(patientId: $id) { localId } me { role } }', {
    id: patientId,
  });
const grantsIn = (config: Config): Promise<readonly { subject: string }[]> =>
  fileStateStore(config.home.state).events('glass');
/** The log is tried again about each second, and nothing is served before. */
async function onceServed<A extends { status: number }>(ask: () => Promise<A>): Promise<A> {
  for (const until = performance.now() + 10_000; ; await pause(50)) {
    const answer = await ask();
    if (answer.status !== 503 || performance.now() > until) return answer;
  }
}
/** Ends a server whose log cannot be written, which says that records are lost. */
async function endUnwritten(server: GlassServer): Promise<void> {
  started.splice(started.indexOf(server), 1);
  await expect(server.close()).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  expect(server.said.at(-1)).toMatch(/^[0-9]+ records of the audit could not be written and are lost\./);
}
const unavailable = {
  errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: 'AUDIT_UNAVAILABLE' }) })],
};

describe('when the audit cannot be written', () => {
  it('nobody is identified, and nothing else is answered; it goes on when it can', async () => {
    const config = newHome();
    const server = await start(config);
    await server.glass({}, id(config, 0));
    const away = `${config.home.audit}-away`;
    renameSync(config.home.audit, away);
    writeFileSync(config.home.audit, '');
    for (const answer of [
      await look(server, id(config, 0)),
      await look(server, id(config, 1)),
      await look(server, 'm1.x'),
      await server.glass({}, id(config, 1)),
      await server.glass({}, 'm1.x'),
    ]) {
      expect(answer.status).toBe(503);
      expect(answer.body).toEqual({ ...unavailable, extensions: answer.body.extensions });
      expect(answer.text).not.toContain('"data"');
      expect(answer.text).not.toMatch(/PAT_|ENOTDIR/);
    }
    expect(server.said.join('')).toContain('The audit cannot be written, so that nothing is served');
    expect(await grantsIn(config)).toHaveLength(1);
    // Nor is what identifies nobody.
    const plain = await server.ask({ roles: ['clinician'] }, '{ me { role } }');
    expect([plain.status, plain.body.data]).toEqual([503, undefined]);
    // An empty folder in its place is not the log: nothing goes on there.
    rmSync(config.home.audit);
    mkdirSync(config.home.audit);
    expect((await look(server, id(config, 0))).status).toBe(503);
    rmSync(config.home.audit, { recursive: true });
    renameSync(away, config.home.audit);
    expect((await onceServed(() => look(server, id(config, 0)))).body.data.who.localId).toMatch(/^PAT_/);
  });

  it('nor while another process writes it', async () => {
    const config = newHome();
    const [first, second] = [await start(config), await start(config)];
    expect((await first.glass({}, id(config, 0))).status).toBe(200);
    expect((await second.glass({}, id(config, 1))).status).toBe(503);
    expect((await look(second, id(config, 0))).status).toBe(503);
    await first.close();
    expect((await onceServed(() => look(second, id(config, 0)))).body.data.who.localId).toMatch(/^PAT_/);
    const { audit } = loadServiceKeys(config.home, { create: false, dev: true });
    expect((await verifyAudit(config.home.audit, [audit])).wrong).toBeUndefined();
  });

  it('nor without the key that it was written under', async () => {
    const config = newHome();
    const before = await start(config);
    await before.glass({}, id(config, 0));
    await before.close();
    renameSync(join(config.home.keys, 'audit.key'), join(config.home.root, 'kept.key'));
    expect(() => loadServiceKeys(config.home, { create: false, dev: true })).toThrow('audit key is missing');
    // A new key is made at the start, as on first use.
    const server = await start(config);
    expect((await look(server, id(config, 0))).status).toBe(503);
    expect((await server.glass({}, id(config, 1))).status).toBe(503);
    expect(server.said.join('')).toMatch(/Restore audit\.key, or keep the old key as audit-[0-9a-f]{8}\.key/);
    await endUnwritten(server);
    renameSync(join(config.home.root, 'kept.key'), join(config.home.keys, 'audit.key'));
    const after = await start(config);
    expect((await look(after, id(config, 0))).status).toBe(200);
    await after.close();
  });

  it.each(['audit', 'state'] as const)('on a full disk of the %s', async (part) => {
    const config = newHome({ perDay: 1_000 });
    const disk = mountSmallDisk(config.home[part], 'size=16k');
    if ('reason' in disk) {
      console.warn(disk.reason);
      return;
    }
    const server = await start(config);
    try {
      const granted = new Map<string, number>();
      let refused = 0;
      for (let at = 0; at < 60; at += 1) {
        const { status, body } = await server.glass({}, id(config, at % 10));
        if (status === 200) granted.set(body.data.breakGlass.id, at % 10);
        else {
          refused += 1;
          expect([status, body.data ?? null]).toEqual([503, part === 'audit' ? null : { breakGlass: null }]);
          expect(body.errors[0].extensions.code).toBe(
            part === 'audit' ? 'AUDIT_UNAVAILABLE' : 'STATE_UNAVAILABLE',
          );
        }
      }
      expect([refused > 0, granted.size > 3]).toEqual([true, true]);
      // That of nobody fails as that of somebody does.
      const [known, nobody] = [await server.glass({}, id(config, 11)), await server.glass({}, 'm1.x')];
      expect([known.status, withoutId(known.text)]).toEqual([503, withoutId(nobody.text)]);
      disk.remount('size=4m');
      expect((await onceServed(() => server.glass({}, id(config, 11)))).status).toBe(200);
      const [kept, records] = [await grantsIn(config), auditRecordsWhole(config)];
      for (const grant of granted.keys()) {
        expect(JSON.stringify(kept)).toContain(grant);
        expect(records).toContain(grant);
      }
      const { audit } = loadServiceKeys(config.home, { create: false, dev: true });
      expect((await verifyAudit(config.home.audit, [audit])).wrong).toBeUndefined();
    } finally {
      await server.close();
      disk.unmount();
    }
  });
});

const withoutId = (text: string): string => text.replaceAll(/"requestId":"[0-9a-f-]{36}"/g, '');

const auditRecordsWhole = (config: Config): string =>
  readdirSync(config.home.audit)
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => readFileSync(join(config.home.audit, name), 'utf8'))
    .join('');

describe('the number of a day', () => {
  it('is not exceeded by requests at once, counts attempts for nobody, and is one user’s', async () => {
    const config = newHome({ perDay: 4 });
    const server = await start(config);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_none, at) => server.glass({}, at % 2 ? id(config, at) : `m1.x${at}`)),
    );
    const codes = answers.map(({ body }) => body.errors?.[0].extensions.code ?? 'OK').sort();
    expect(codes).toEqual([...Array(4).fill('FORBIDDEN'), ...Array(4).fill('OK')]);
    expect((await server.glass({}, id(config, 1))).body.errors[0].message).toContain('4 times in 24 hours');
    expect((await server.glass({ client: 'other-app' }, 'm1.x')).body.errors).toHaveLength(1);
    expect((await server.glass({ oid: 'user-2' }, id(config, 1))).body.errors).toBeUndefined();
    expect(auditRecords(config).filter(({ outcome }) => outcome === 'refused')).toHaveLength(6);
  });
});

describe('a clock that is set back', () => {
  it('makes no grant last longer, nor opens one of the future', async () => {
    const config = newHome();
    const clock = { wall: Date.now(), elapsed: 0 };
    const clocks = { now: () => clock.wall, elapsed: () => clock.elapsed };
    const minute = 60_000;
    const server = await start(config, clocks);
    await server.glass({}, id(config, 0), { minutes: 10 });
    clock.elapsed += 6 * minute;
    clock.wall -= 60 * minute;
    expect((await look(server, id(config, 0))).body.errors).toBeUndefined();
    clock.elapsed += 5 * minute;
    clock.wall += 5 * minute;
    expect((await look(server, id(config, 0))).body.errors[0].extensions.code).toBe('FORBIDDEN');
    await server.close();
    // A new process knows the wall clock alone, to which the grant is of the future.
    const after = await start(config, clocks);
    expect((await look(after, id(config, 0))).body.errors[0].extensions.code).toBe('FORBIDDEN');
  });
});

describe('a server that is killed', () => {
  it('has kept every grant that it acknowledged, and the record of it', async () => {
    await compiled(folder);
    const config = newHome();
    const settings = join(config.home.root, 'settings.json');
    writeFileSync(settings, JSON.stringify({ breakGlass: { perDay: 1_000 } }));
    chmodSync(settings, 0o600);
    const acknowledged: string[] = [];
    const looked: string[] = [];
    const rounds = process.env['MAPLEWOOD_TEST_FULL'] === '1' ? 100 : 6;
    const token = `Bearer ${tokenFor(config, {})}`;
    for (let round = 0; round < rounds; round += 1) {
      const server = maplewood(root, config.home.root, ['serve'], {
        MAPLEWOOD_PORT: '0',
        MAPLEWOOD_CONFIG: settings,
      });
      const url = await new Promise<string>((resolve, reject) => {
        let said = '';
        server.child.stdout?.on('data', (text: Buffer) => {
          said += text.toString();
          const found = /http:\/\/[^/]+/.exec(said)?.[0];
          if (found) resolve(found);
        });
        void server.ended.then((ended) => reject(new Error(ended.said)));
      });
      const ask = async (query: string, variables: object) => {
        const sent = supertest(url).post('/graphql').set('authorization', token);
        return (await sent.send({ query, variables })).body;
      };
      let killed = false;
      const until = Date.now() + 30_000;
      let left = 4 + (round % 10);
      // Some milliseconds behind an answer, while others are under way.
      const answered = (): void => {
        left -= 1;
        if (left === 0)
          setTimeout(() => {
            killed = true;
            server.child.kill('SIGKILL');
          }, round % 7);
      };
      const caller = async (own: number): Promise<void> => {
        for (let n = own; !killed && Date.now() < until; n += 3) {
          try {
            const patientId = id(config, n % patients.length);
            const granted = await ask(mutation, { input: { patientId, purpose: 'TREATMENT', reason } });
            acknowledged.push(granted.data.breakGlass.id);
            answered();
            const seen = await ask('query($id: ID!) { who: identifiedPatient(patientId: $id) { localId } }', {
              id: patientId,
            });
            if (seen.data.who) looked.push(seen.extensions.maplewood.requestId);
          } catch {
            // The connection broke: nothing was acknowledged.
          }
        }
      };
      await Promise.all([0, 1, 2].map(caller));
      server.child.kill('SIGKILL');
      await server.ended;
    }
    expect([acknowledged.length >= 4 * rounds, looked.length > rounds]).toEqual([true, true]);
    const kept = new Set(
      (await fileStateStore(config.home.state).events('glass')).map(({ body }) => body['id']),
    );
    const records = auditRecordsWhole(config);
    expect(acknowledged.filter((grant) => !kept.has(grant))).toEqual([]);
    expect([...acknowledged, ...looked].filter((one) => !records.includes(one))).toEqual([]);
    const { audit } = loadServiceKeys(config.home, { create: false, dev: true });
    expect((await verifyAudit(config.home.audit, [audit])).wrong).toBeUndefined();
  }, 600_000);
});
