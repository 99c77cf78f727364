import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import { loadAt, loadedHome, synthAt } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { serveAt, type TestServer } from '../support/server.js';

const folder = temporaryFolder();
let config: Config;
let server: TestServer;

beforeAll(async () => {
  const loaded = await loadedHome(folder, { patients: 1_500 });
  // Two clients of one project beside clients of their own.
  const recipients = new Map(['desk-a', 'desk-b'].map((client) => [client, 'ward-study']));
  config = { ...loaded.config, settings: { ...loaded.config.settings, recipients } };
  server = await serveAt(config);
}, 120_000);
afterAll(() => server?.close());

const restart = async (): Promise<void> => {
  await server.close();
  server = await serveAt(config);
};

async function ask<T>(client: string, query: string, variables: object = {}): Promise<T> {
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${developmentToken(config, ['analyst'], undefined, client)}`,
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data: T; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

const kinds = {
  patients: 'patients(first: 1000) { nodes { id: patientId } }',
  episodes: 'episodes(first: 1000) { nodes { id } }',
  staff: 'episodes(first: 1000) { nodes { id: consultantId } }',
} as const;

/** All pseudonyms of some kind that a client gets on its first page. */
async function idsOf(client: string, kind: keyof typeof kinds): Promise<string[]> {
  const { page } = await ask<{ page: { nodes: { id: string | null }[] } }>(
    client,
    `{ page: ${kinds[kind]} }`,
  );
  const ids = page.nodes.flatMap(({ id }) => id ?? []);
  expect(ids.length).toBeGreaterThan(100);
  return ids;
}

const patient = (client: string, id: string) =>
  ask<{ patient: { patientId: string; ageBand: string | null } | null }>(
    client,
    'query ($id: ID!) { patient(id: $id) { patientId ageBand } }',
    { id },
  ).then((data) => data.patient);

describe('two recipients', () => {
  it.each(Object.keys(kinds) as (keyof typeof kinds)[])('have no pseudonym of %s in common', async (kind) => {
    const [one, other] = [await idsOf('one', kind), await idsOf('other', kind)];
    const theirs = new Set(other);
    expect(one.filter((id) => theirs.has(id))).toEqual([]);
  });

  it('cannot ask with the pseudonyms of the other', async () => {
    for (const id of (await idsOf('one', 'patients')).slice(0, 20)) {
      expect((await patient('one', id))?.patientId).toBe(id);
      expect(await patient('other', id)).toBeNull();
    }
  });

  it('speak of the same patient where they are clients of one project', async () => {
    expect(await idsOf('desk-a', 'patients')).toEqual(await idsOf('desk-b', 'patients'));
    const [id = ''] = await idsOf('desk-a', 'patients');
    expect((await patient('desk-b', id))?.patientId).toBe(id);
    expect(await patient('ward', id)).toBeNull();
  });
});

describe('the pseudonyms of one recipient', () => {
  it('are the same in the next release', async () => {
    const before = await idsOf('one', 'patients');
    const more = await synthAt(join(folder, 'more'), { patients: 300, seed: 8 });
    const report = await loadAt(config, more);
    expect(report.outcome).toBe('published');
    await restart();
    const { release } = await ask<{ release: { id: string } }>('one', '{ release { id } }');
    expect(release.id).toBe(report.release);
    for (const id of before.slice(0, 50)) expect((await patient('one', id))?.patientId).toBe(id);
  }, 60_000);

  it('are new ones under a new key, while the old ones lead to the same patients as long as their key is kept', async () => {
    const old = (await idsOf('one', 'patients')).slice(0, 50);
    expect(old.every((id) => id.startsWith('m1.demoa1.'))).toBe(true);
    const bands = new Map<string, string | null | undefined>();
    for (const id of old) bands.set(id, (await patient('one', id))?.ageBand);

    const key = (kid: string): string => join(config.home.keys, `token-${kid}.key`);
    writeFileSync(key('a2'), Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7 + 1)), { mode: 0o600 });
    await restart();
    const renewed = new Map<string, string>();
    for (const id of old) {
      const found = await patient('one', id);
      expect(found?.patientId).toMatch(/^m1\.demoa2\./);
      expect(found?.ageBand).toEqual(bands.get(id));
      renewed.set(id, found?.patientId ?? '');
      expect((await patient('one', found?.patientId ?? ''))?.patientId).toBe(found?.patientId);
    }
    expect(new Set(renewed.values()).size).toBe(old.length);
    expect((await idsOf('one', 'patients')).every((id) => id.startsWith('m1.demoa2.'))).toBe(true);

    rmSync(key('a1'));
    await restart();
    for (const [before, after] of renewed) {
      expect(await patient('one', before)).toBeNull();
      expect((await patient('one', after))?.patientId).toBe(after);
    }
  });
});
