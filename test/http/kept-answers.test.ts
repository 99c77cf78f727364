import type { Role } from '../../src/access/role.js';
import type { Config } from '../../src/config/environment.js';
import { answerCache } from '../../src/server/graphql/answer-cache.js';
import { loadAt, loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { serveAt, type TestServer } from '../support/server.js';

const folder = temporaryFolder();
let server: TestServer;
let config: Config;
let landing: string;

beforeAll(async () => {
  ({ config, landing } = await loadedHome(folder, { patients: 1_500 }, { measuresAlone: true }));
  server = await serveAt(config);
}, 120_000);
afterAll(() => server?.close());

const waits = '{ edWaits(by: [TRUST], grain: MONTH) { nodes { period trustCode attendances } } }';

/** What is said of an answer: whether it was kept, and the release that it is of. */
async function asked(role: Role, query: string, variables: object = {}, trusts?: readonly string[]) {
  const { status, body } = await server.query(role, query, variables, trusts);
  return { status, data: body.data, errors: body.errors, ...body.extensions?.maplewood };
}

describe('an answer that is given again', () => {
  it('is the same, and says so', async () => {
    const first = await asked('analyst', waits);
    const second = await asked('analyst', waits);
    expect([first.status, first.cached, second.status, second.cached]).toEqual([200, false, 200, true]);
    expect(first.data.edWaits.nodes.length).toBeGreaterThan(10);
    expect(second).toEqual({ ...first, cached: true, requestId: second.requestId });
    expect(second.requestId).not.toBe(first.requestId);
    expect(second.suppressedCells).toBe(first.suppressedCells);
  });

  it('is of the same question, variables and grant', async () => {
    const query =
      'query A($grain: Grain!) { edWaits(by: [TRUST], grain: $grain) { nodes { period attendances } } }';
    const of = async (...call: Parameters<typeof asked>) => (await asked(...call)).cached;
    expect(await of('analyst', query, { grain: 'QUARTER' })).toBe(false);
    expect(await of('analyst', query, { grain: 'YEAR' })).toBe(false);
    expect(await of('analyst', query, { grain: 'QUARTER' })).toBe(true);
    expect(await of('finance', query, { grain: 'QUARTER' })).toBe(false);
    const [one, other] = (
      await asked('analyst', '{ edWaits(by: [TRUST]) { nodes { trustCode } } }')
    ).data.edWaits.nodes.map(({ trustCode }: { trustCode: string }) => trustCode);
    expect(await of('operations', query, { grain: 'YEAR' }, [one])).toBe(false);
    expect(await of('operations', query, { grain: 'YEAR' }, [other])).toBe(false);
    expect(await of('operations', query, { grain: 'YEAR' }, [one, other])).toBe(false);
    expect(await of('operations', query, { grain: 'YEAR' }, [one])).toBe(true);
    expect(await of('operations', query, { grain: 'YEAR' }, [other, one])).toBe(true);
  });

  it.each([
    ['rows of people', '{ episodes(first: 3) { nodes { admissionDate } } }'],
    [
      'rows of people beside measures',
      `{ edWaits { nodes { attendances } } patients(first: 1) { totalCount } }`,
    ],
    ['who asks', '{ me { subject } }'],
    ['an error', '{ edWaits(first: 0) { nodes { attendances } } }'],
    [
      'rows of people in a fragment',
      'query { ...f } fragment f on Query { episodes(first: 3) { nodes { admissionDate } } }',
    ],
  ])('is never %s', async (_what, query) => {
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await asked('analyst', query);
      expect([answer.cached, answer.errors === undefined]).toEqual([false, !query.includes('first: 0')]);
    }
  });

  it('may be the schema, the catalogue and the release', async () => {
    for (const query of ['{ __schema { types { name } } }', '{ datasets { key } }', '{ release { id } }']) {
      const { cached, data } = await asked('analyst', query);
      const again = await asked('analyst', query);
      expect([cached, again.cached]).toEqual([false, true]);
      expect(again.data).toEqual(data);
    }
  });

  it('is gone with its release, for everybody at once', async () => {
    expect((await asked('analyst', waits)).cached).toBe(true);
    const { release } = await asked('analyst', '{ release { id } }');
    await loadAt(config, landing, true);
    for (
      let turn = 0;
      turn < 100 && (await asked('analyst', '{ me { role } }')).release === release;
      turn += 1
    )
      await new Promise((resolve) => setTimeout(resolve, 50));
    const answers = await Promise.all([1, 2, 3].map(() => asked('analyst', waits)));
    expect(answers.map((one) => one.release)).toEqual([release + 1, release + 1, release + 1]);
    expect(answers[0]!.cached).toBe(false);
    expect((await asked('analyst', waits)).cached).toBe(true);
  }, 120_000);
});

describe('many callers at once', () => {
  it('get what each of them gets alone', async () => {
    const trusts = (
      await asked('analyst', '{ edWaits(by: [TRUST]) { nodes { trustCode } } }')
    ).data.edWaits.nodes
      .map(({ trustCode }: { trustCode: string }) => trustCode)
      .slice(0, 3) as string[];
    const fields = 'nodes { period attendances within4HoursPct medianMinutes suppressed }';
    const questions = ['MONTH', 'QUARTER', 'YEAR', 'ALL'].flatMap((grain) =>
      [`edWaits(grain: ${grain}) { ${fields} }`, `edWaits(grain: ${grain}, by: [TRUST]) { ${fields} }`].map(
        (field) => `{ ${field} }`,
      ),
    );
    const callers: readonly [Role, (readonly string[])?][] = [
      ['analyst'],
      ['bi-reader'],
      ...trusts.map((trust): [Role, readonly string[]] => ['operations', [trust]]),
      ['clinician', trusts],
    ];
    const all = callers.flatMap(([role, own]) => questions.map((query) => ({ role, own, query })));
    const told = async ({ role, own, query }: (typeof all)[number]) => {
      const { status, data, role: used, suppressedCells } = await asked(role, query, {}, own);
      return JSON.stringify([status, data, used, suppressedCells]);
    };
    // Each alone, of a server that keeps nothing.
    const alone = await serveAt({
      ...config,
      home: { ...config.home, audit: `${config.home.audit}-alone` },
      settings: { ...config.settings, cache: { bytes: 0 } },
    });
    const expected = new Map<string, string>();
    for (const one of all) {
      const { status, body } = await alone.query(one.role, one.query, {}, one.own);
      const { role, suppressedCells, cached } = body.extensions.maplewood;
      expect(cached).toBe(false);
      expected.set(JSON.stringify(one), JSON.stringify([status, body.data, role, suppressedCells]));
    }
    await alone.close();
    const order = [...all, ...all, ...all, ...all].sort(
      (a, b) => hash(JSON.stringify(a)) - hash(JSON.stringify(b)) || 0,
    );
    const found: [string, string][] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        for (let at = next++; at < order.length; at = next++) {
          const one = order[(at * 37) % order.length]!;
          found.push([JSON.stringify(one), await told(one)]);
        }
      }),
    );
    expect(found).toHaveLength(order.length);
    for (const [question, answer] of found) expect(answer).toBe(expected.get(question));
  }, 120_000);
});

const hash = (text: string): number =>
  [...text].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 9973, 7);

describe('the answers that are kept', () => {
  const answer = (length: number) => ({ data: 'x'.repeat(length), hiddenCells: 0, read: {} });

  it('are at most so many bytes, and none of them an eighth', () => {
    const cache = answerCache(100_000);
    cache.get(1, 'a');
    for (let n = 0; n < 1_000; n += 1) cache.put(1, `key ${n}`, answer(1_000));
    expect(cache.size().bytes).toBeLessThanOrEqual(100_000);
    expect(cache.size().entries).toBeGreaterThan(40);
    expect(cache.get(1, 'key 999')).toBeDefined();
    expect(cache.get(1, 'key 0')).toBeUndefined();
    cache.put(1, 'large', answer(13_000));
    expect(cache.get(1, 'large')).toBeUndefined();
  });

  it('are of the newest release alone, whoever still reads an older one', () => {
    const cache = answerCache(100_000);
    expect(cache.get(1, 'a')).toBeUndefined();
    cache.put(1, 'a', answer(1));
    expect(cache.get(2, 'a')).toBeUndefined();
    cache.put(1, 'a', answer(1));
    expect([cache.get(1, 'a'), cache.get(2, 'a'), cache.size().entries]).toEqual([undefined, undefined, 0]);
    cache.put(2, 'a', answer(2));
    expect(cache.get(1, 'a')).toBeUndefined();
    expect(cache.get(2, 'a')).toEqual(answer(2));
  });

  it('are none where there is no room for any', () => {
    const cache = answerCache(0);
    cache.get(1, 'a');
    cache.put(1, 'a', answer(1));
    expect(cache.get(1, 'a')).toBeUndefined();
  });
});
