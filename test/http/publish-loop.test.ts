import { join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import { loadAt, loadedHome, measuresAlone, synthAt } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { serveAt, type TestServer } from '../support/server.js';

const publishes = process.env['MAPLEWOOD_TEST_FULL'] === '1' ? 20 : 2;
const folder = temporaryFolder();
let config: Config;
let server: TestServer;
let landings: readonly string[];

beforeAll(async () => {
  // Other people in the second delivery, so that the figures of two releases differ.
  const first = await loadedHome(folder, { patients: 400 });
  landings = [first.landing, await synthAt(join(folder, 'b'), { patients: 500, seed: 2 })];
  config = measuresAlone(first.config);
  server = await serveAt(config);
}, 120_000);

afterAll(() => server.close());

/** Three questions in one document: their figures agree only if one release answers all of them. */
const document = `{
  release { id }
  byTrust: edWaits(by: [TRUST], first: 10000) { nodes { attendances } }
  byMonth: edWaits(grain: MONTH, first: 10000) { nodes { attendances } }
  whole: edWaits { nodes { attendances } }
}`;

interface Cells {
  readonly nodes: readonly { readonly attendances: number }[];
}
const sum = (cells: Cells): number => cells.nodes.reduce((total, { attendances }) => total + attendances, 0);

it(`answers every request from one release while ${publishes} are published`, async () => {
  const trusts = ['RAA', 'RAB', 'RAC', 'RAD', 'RAE', 'RAF', 'RAG', 'RAH', 'RAI', 'RAJ'];
  const seen = new Map<number, Set<number>>();
  let publishing = true;
  let asked = 0;
  const ask = async (): Promise<void> => {
    while (publishing) {
      const { status, body } = await server.query('operations', document, {}, trusts);
      asked += 1;
      expect([status, body.errors]).toEqual([200, undefined]);
      const { release, byTrust, byMonth, whole } = body.data;
      expect(body.extensions.maplewood.release).toBe(release.id);
      const total = sum(whole);
      expect([sum(byTrust), sum(byMonth)]).toEqual([total, total]);
      seen.set(release.id, (seen.get(release.id) ?? new Set()).add(total));
    }
  };
  const callers = Promise.all([ask(), ask(), ask()]);
  try {
    for (let n = 1; n <= publishes; n += 1) {
      const report = await loadAt(config, landings[n % 2]!, true);
      expect(report.release).toBe(n + 1);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  } finally {
    publishing = false;
    await callers;
  }
  expect(asked).toBeGreaterThan(publishes * 3);
  // Each release has one figure; the server took up the last one without a restart.
  expect([...seen.values()].map((figures) => figures.size)).toEqual([...seen.keys()].map(() => 1));
  expect(Math.max(...seen.keys())).toBe(publishes + 1);
  expect(new Set([...seen.values()].flatMap((figures) => [...figures])).size).toBeGreaterThan(1);
}, 600_000);
