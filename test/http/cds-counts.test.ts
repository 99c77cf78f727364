import type { Config } from '../../src/config/environment.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { changeRelease, fromRelease } from '../support/release.js';
import { serveAt, type TestServer } from '../support/server.js';
import { callerOf } from './client.js';

const folder = temporaryFolder();
let config: Config;
let server: TestServer;
/** The trust with the most results in production. */
let trust: string;
let results: readonly Result[];

interface Result {
  readonly rule: string;
  readonly objective: string;
  readonly trust: string | null;
  readonly patient: number;
  readonly validation: string;
}

const served = () => server;
const own = () => [trust];
const analyst = callerOf(served, 'analyst');
const clinician = callerOf(served, 'clinician', own);
const elsewhere = callerOf(served, 'clinician', () => ['ZZZ']);
const operations = callerOf(served, 'operations', own);
const steward = callerOf(served, 'data-steward');
const biReader = callerOf(served, 'bi-reader');

const isQuality = ({ rule }: Result): boolean => rule.startsWith('dq_');

/** Results of production by hand: by a word of each of them, how many there are and of how many patients. */
function counted(word: (result: Result) => string, only: (result: Result) => boolean) {
  const found = new Map<string, { fired: number; people: Set<number> }>();
  for (const result of results.filter((one) => one.validation === 'production' && only(one))) {
    const known = found.get(word(result)) ?? { fired: 0, people: new Set() };
    found.set(word(result), { fired: known.fired + 1, people: known.people.add(result.patient) });
  }
  return new Map([...found].map(([key, { fired, people }]) => [key, { fired, patients: people.size }]));
}

beforeAll(async () => {
  ({ config } = await loadedHome(folder, { patients: 1_500 }));
  server = await serveAt(config);
  results = await fromRelease<Result>(
    config,
    `select r.rule, u.objectives[1] as objective, trust_code as trust, patient_no as patient, validation
     from cds_result r join cds_rule u using (rule, text_sha256)`,
  );
  const trusts = counted(
    (one) => one.trust ?? '',
    (one) => one.trust !== null && !isQuality(one),
  );
  trust = [...trusts].sort(([, a], [, b]) => b.fired - a.fired)[0]?.[0] ?? '';
}, 180_000);
afterAll(() => server?.close());

type Row = Readonly<Record<string, unknown>>;
const asMap = (rows: readonly Row[], key: string, ...names: string[]) =>
  new Map(rows.map((row) => [row[key], Object.fromEntries(names.map((name) => [name, row[name]]))]));

describe('exact figures', () => {
  it('are those of a count by hand, of results at own trusts', async () => {
    const page = await operations.page(
      'cdsCounts(by: [RULE], first: 100) { nodes { ruleName ruleTitle fired patients resolved repeats } }',
    );
    expect(asMap(page.nodes, 'ruleName', 'fired', 'patients')).toEqual(
      counted(
        ({ rule }) => rule,
        (one) => one.trust === trust && !isQuality(one),
      ),
    );
    expect(page.nodes.length).toBeGreaterThan(3);
    for (const { ruleTitle, resolved, repeats } of page.nodes)
      expect([String(ruleTitle).length > 5, resolved, repeats]).toEqual([true, 0, 0]);
  });

  it('count a result under the first objective of its rule', async () => {
    const page = await operations.page('cdsCounts(by: [OBJECTIVE]) { nodes { objective fired patients } }');
    expect(asMap(page.nodes, 'objective', 'fired', 'patients')).toEqual(
      counted(
        ({ objective }) => objective,
        (one) => one.trust === trust && !isQuality(one),
      ),
    );
  });

  it('are of no other trust, and without a trust of none', async () => {
    const byTrust = await clinician.page('cdsCounts(by: [TRUST]) { nodes { trustCode } }');
    expect(new Set(byTrust.nodes.map(({ trustCode }) => trustCode))).toEqual(new Set([trust]));
    expect((await elsewhere.page('cdsCounts { totalCount }')).totalCount).toBe(0);
    const foreign = 'cdsCounts(by: [TRUST], where: { trustCode: { ne: "TRUST" } }) { totalCount }';
    expect((await operations.page(foreign.replace('TRUST"', `${trust}"`))).totalCount).toBe(0);
    expect(results.some((one) => one.trust === null && !isQuality(one))).toBe(true);
    expect((await analyst.page('cdsCounts(by: [TRUST]) { nodes { trustCode } }')).nodes).toContainEqual({
      trustCode: 'none',
    });
  });
});

describe('what is counted for whom', () => {
  const about = async (caller: typeof analyst): Promise<Set<unknown>> =>
    new Set((await caller.page('cdsCounts { nodes { about } }')).nodes.map((row) => row['about']));

  it('rules about the quality of data for those who may see what they say', async () => {
    for (const caller of [analyst, clinician, steward])
      expect(await about(caller)).toEqual(new Set(['CARE', 'DATA_QUALITY']));
    for (const caller of [biReader, operations]) expect(await about(caller)).toEqual(new Set(['CARE']));
  });

  it('for others they do not exist: in no cell, no filter and no order', async () => {
    const rules = await biReader.page('cdsCounts(by: [RULE], first: 100) { nodes { ruleName } }');
    expect(rules.nodes.filter(({ ruleName }) => String(ruleName).startsWith('dq_'))).toEqual([]);
    for (const caller of [biReader, operations])
      for (const word of ['DATA_QUALITY', 'NOTHING'])
        expect(
          await caller.page(`cdsCounts(where: { about: { eq: "${word}" } }) { totalCount nodes { fired } }`),
        ).toEqual({ totalCount: 0, nodes: [] });
    const named = await operations.page(
      'cdsCounts(where: { ruleName: { startsWith: "dq_" } }) { totalCount }',
    );
    expect(named.totalCount).toBe(0);
  });

  it('what runs in the shadow for nobody', async () => {
    const shadow = new Set(results.filter((one) => one.validation !== 'production').map(({ rule }) => rule));
    expect(shadow.size).toBeGreaterThan(3);
    for (const caller of [analyst, clinician, operations, steward, biReader]) {
      const { nodes } = await caller.page('cdsCounts(by: [RULE], first: 100) { nodes { ruleName } }');
      expect(nodes.filter(({ ruleName }) => shadow.has(String(ruleName)))).toEqual([]);
    }
  });
});

describe('under disclosure control', () => {
  const fives = (value: number): number => Math.floor((value + 2) / 5) * 5;

  it('few results, or results of few patients, are hidden, and the rest is rounded', async () => {
    const { nodes } = await analyst.page(
      'cdsCounts(by: [RULE], first: 100) { nodes { ruleName fired patients suppressed } }',
    );
    const truth = counted(
      ({ rule }) => rule,
      () => true,
    );
    expect(nodes.length).toBe(truth.size);
    for (const { ruleName, fired, patients, suppressed } of nodes) {
      const true_ = truth.get(String(ruleName)) ?? { fired: 0, patients: 0 };
      const shown = true_.patients < 8 ? [null, null] : [fives(true_.fired), fives(true_.patients)];
      expect([ruleName, fired, patients]).toEqual([ruleName, ...shown]);
      expect(suppressed).toBe(true_.patients < 8 ? 'fired patients' : null);
    }
    expect(nodes.some(({ fired }) => fired === null)).toBe(true);
    expect(nodes.some(({ fired }) => fired !== null)).toBe(true);
  });

  it('published ones are of months and longer, those of analysts of weeks', async () => {
    for (const caller of [biReader, steward]) {
      await caller.page('cdsCounts(by: [RULE, TRUST], grain: MONTH) { totalCount }');
      const refused = await caller.refusal('{ cdsCounts(by: [RULE], grain: WEEK) { totalCount } }');
      expect(refused.code).toBe('GRAIN_NOT_ALLOWED');
    }
    await analyst.page('cdsCounts(by: [RULE, TRUST], grain: WEEK) { totalCount }');
    expect((await analyst.refusal('{ cdsCounts(grain: DAY) { totalCount } }')).code).toBe(
      'GRAIN_NOT_ALLOWED',
    );
  });
});

describe('by status', () => {
  const byStatus = async (): Promise<Map<unknown, unknown>> => {
    const { body } = await clinician.query('{ cdsCounts(by: [STATUS]) { nodes { about status fired } } }');
    expect(body.errors).toBeUndefined();
    expect(body.extensions.maplewood.cached).toBe(false);
    return new Map(
      body.data.cdsCounts.nodes.flatMap((row: Row) =>
        row['about'] === 'CARE' ? [[row['status'], row['fired']]] : [],
      ),
    );
  };

  it('exists for roles with exact figures alone', async () => {
    for (const caller of [analyst, biReader, steward]) {
      const refused = await caller.refusal('{ cdsCounts(by: [STATUS]) { totalCount } }');
      const misspelt = await caller.refusal('{ cdsCounts(by: [STATUZ]) { totalCount } }');
      expect(misspelt.message).toBe(refused.message.replaceAll('STATUS', 'STATUZ'));
      expect((await caller.refusal('{ cdsCounts { nodes { status } } }')).code).toBe(
        'GRAPHQL_VALIDATION_FAILED',
      );
    }
  });

  it('follows what people do at once, and no kept answer tells of before', async () => {
    const before = await byStatus();
    const { nodes } = await clinician.page(
      `cdsResults(where: { status: { eq: "OPEN" }, trustCode: { eq: "${trust}" }, objectives: { ne: "D" } }, first: 1) { nodes { id } }`,
    );
    await byStatus();
    const { body } = await clinician.query(
      `mutation { acknowledgeCdsResult(id: "${String(nodes[0]?.['id'])}", outcome: ACTIONED) { status } }`,
    );
    expect(body.data.acknowledgeCdsResult.status).toBe('ACTIONED');
    const after = await byStatus();
    expect(after.get('ACTIONED')).toBe(1);
    expect(after.get('OPEN')).toBe(Number(before.get('OPEN')) - 1);
    const asked = await operations.page(
      'cdsCounts(where: { status: { eq: "ACTIONED" } }) { nodes { fired } }',
    );
    expect(asked.nodes).toEqual([{ fired: 1 }]);
  });
});

describe('a release of an earlier version', () => {
  let old: TestServer;
  afterAll(() => old?.close());

  it('says what to do', async () => {
    await server.close();
    await changeRelease(config, 'drop table cds_result');
    old = await serveAt(config);
    const asks = callerOf(() => old, 'operations', own);
    const { code, message } = await asks.refusal('{ cdsCounts(by: [RULE, STATUS]) { nodes { fired } } }');
    expect([code, message]).toEqual(['WAREHOUSE_UNAVAILABLE', expect.stringContaining('maplewood etl run')]);
  }, 60_000);
});
