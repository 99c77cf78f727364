import { join } from 'node:path';
import { synthesise } from '../../src/synth/synthesise.js';
import { configAt, loadAt, measuresAlone } from '../support/home.js';
import { root, temporaryFolder } from '../support/landing.js';
import { serveAt, type TestServer } from '../support/server.js';
import { callerOf } from './client.js';

const home = temporaryFolder();
let server: TestServer;
let trusts: string[];
const served = () => server;
const operations = callerOf(served, 'operations', () => trusts);
const oneTrust = callerOf(served, 'operations', () => trusts.slice(0, 1));
const clinician = callerOf(served, 'clinician', () => trusts);
const analyst = callerOf(served, 'analyst');
const biReader = callerOf(served, 'bi-reader');
const finance = callerOf(served, 'finance');

interface Day {
  readonly date: string;
  readonly expected: number | null;
  readonly lower80: number | null;
  readonly upper80: number | null;
  readonly lower95: number | null;
  readonly upper95: number | null;
  readonly suppressed: string | null;
}
interface Forecast {
  readonly method: string | null;
  readonly historyFrom: string | null;
  readonly historyTo: string | null;
  readonly nodes: readonly Day[];
  readonly backtest: {
    readonly mae: number;
    readonly baselineMae: number;
    readonly baselineIsBetter: boolean;
  } | null;
}

const fields =
  'method historyFrom historyTo nodes { date expected lower80 upper80 lower95 upper95 suppressed } backtest { method origins horizonDays mae mape coverage95 baselineMae baselineIsBetter }';
const ask = async (caller: typeof analyst, args: string): Promise<Forecast> =>
  (await caller.page(`bedForecast${args} { ${fields} }`)) as unknown as Forecast;

beforeAll(async () => {
  const config = measuresAlone(configAt(home));
  const out = join(home, 'landing');
  await synthesise({
    out,
    patients: 3_000,
    seed: 11,
    years: 1,
    start: '2023-01-01',
    faultRate: 0,
    referenceDir: join(root, 'reference'),
  });
  await loadAt(config, out);
  server = await serveAt(config);
  const { nodes } = await biReader.page('edWaits(by: TRUST) { nodes { trustCode } }');
  trusts = nodes.map(({ trustCode }) => String(trustCode));
}, 120_000);
afterAll(() => server?.close());

describe('a bed forecast', () => {
  it('begins on the day after the last one with data, has all its days, and limits in order', async () => {
    const { body } = await operations.query('{ release { dataAsOf } }');
    const { nodes, historyTo, backtest, method } = await ask(operations, '(horizonDays: 14)');
    expect(historyTo).toBe(body.data.release.dataAsOf);
    const days = nodes.map(({ date }) => (Date.parse(date) - Date.parse(historyTo!)) / 86_400_000);
    expect(days).toEqual(Array.from({ length: 14 }, (_none, index) => index + 1));
    for (const { expected, lower80, upper80, lower95, upper95, suppressed } of nodes) {
      const order = [0, lower95, lower80, expected, upper80, upper95].map(Number);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(suppressed).toBeNull();
    }
    expect(backtest).toMatchObject({ method, horizonDays: 14 });
  });

  it('is by default the method that did best, and otherwise says when the baseline did better', async () => {
    const made = await Promise.all(
      ['SEASONAL_NAIVE', 'HOLT_WINTERS', 'FLOW'].map((method) =>
        ask(operations, `(horizonDays: 7, method: ${method})`),
      ),
    );
    const maes = made.map(({ backtest }) => backtest!.mae);
    const best = await ask(operations, '(horizonDays: 7)');
    expect(best.backtest!.mae).toBe(Math.min(...maes));
    expect(best.backtest!.mae).toBeLessThanOrEqual(best.backtest!.baselineMae);
    for (const { backtest } of made) {
      const { mae, baselineMae, baselineIsBetter } = backtest!;
      expect(baselineMae).toBe(maes[0]);
      if (mae !== baselineMae) expect(baselineIsBetter).toBe(baselineMae < mae);
    }
  });

  it('has the same answer to the same question, byte by byte', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => ask(operations, '(horizonDays: 28)')));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('forecasts 28 days where nothing is said, and up to 90', async () => {
    expect((await ask(analyst, '')).nodes).toHaveLength(28);
    expect((await ask(analyst, '(horizonDays: 90)')).nodes).toHaveLength(90);
    expect((await ask(analyst, '(horizonDays: 1)')).nodes).toHaveLength(1);
  });

  it.each([0, -1, 91, 2_147_483_647])('refuses %d days', async (horizonDays) => {
    expect(await analyst.refusal(`{ bedForecast(horizonDays: ${horizonDays}) { method } }`)).toMatchObject({
      status: 400,
      code: 'BAD_USER_INPUT',
      message: 'horizonDays must be from 1 to 90.',
    });
  });
});

describe('who sees what of a bed forecast', () => {
  it('exists for the roles that have the census, and for no other', async () => {
    for (const caller of [operations, clinician, analyst, biReader])
      expect((await ask(caller, '(horizonDays: 2)')).nodes).toHaveLength(2);
    const hidden = await finance.refusal('{ bedForecast { method } }');
    const misspelt = await finance.refusal('{ bedForecasx { method } }');
    expect(hidden).toEqual({ ...misspelt, message: misspelt.message.replace('bedForecasx', 'bedForecast') });
  });

  it('has the flow of patients for exact figures only', async () => {
    const refused = async (method: string) => {
      const found = await analyst.refusal(`{ bedForecast(method: ${method}) { method } }`);
      return { ...found, message: found.message.replace(method, 'NAME') };
    };
    expect(await refused('FLOW')).toEqual(await refused('FLOX'));
    const { body } = await analyst.query(
      '{ __schema { types { name description enumValues { name description } } queryType { fields { name description args { description } } } } }',
    );
    expect(JSON.stringify(body)).not.toMatch(/\bFLOW\b/);
  });

  it('is listed in the catalogue with its figures, and with the methods that the role has', async () => {
    const listed = async (caller: typeof analyst) => {
      const { body } = await caller.query(
        '{ datasets { key kind columns { name unit } arguments { name description values } } }',
      );
      return body.data.datasets.find(({ key }: { key: string }) => key === 'bedForecast');
    };
    const [full, part] = [await listed(operations), await listed(analyst)];
    expect(full.kind).toBe('forecast');
    expect(full.columns.map(({ name }: { name: string }) => name)).toEqual([
      ...['expected', 'lower80', 'upper80', 'lower95', 'upper95'],
      ...['backtest.mae', 'backtest.mape', 'backtest.coverage95', 'backtest.baselineMae'],
    ]);
    expect(full.arguments.at(-1).values).toEqual(['SEASONAL_NAIVE', 'HOLT_WINTERS', 'FLOW']);
    expect(JSON.stringify(part)).not.toMatch(/\bFLOW\b/);
    expect(await listed(finance)).toBeUndefined();
  });

  it('is of the own trusts: another one is as if it were not there', async () => {
    const nothing = { method: null, historyFrom: null, historyTo: null, nodes: [], backtest: null };
    expect(await ask(oneTrust, `(trust: "${trusts[1]}")`)).toEqual(nothing);
    expect(await ask(oneTrust, '(trust: "ZZZ")')).toEqual(nothing);
    expect(await ask(analyst, '(trust: "\' or 1=1 --")')).toEqual(nothing);
    const own = await ask(oneTrust, '(horizonDays: 7)');
    expect(await ask(oneTrust, `(horizonDays: 7, trust: "${trusts[0]}")`)).toEqual(own);
    expect(await ask(operations, `(horizonDays: 7, trust: "${trusts[0]}")`)).toEqual(own);
  });

  it('is rounded like the census under disclosure control, and hidden where it is', async () => {
    const { nodes } = await ask(analyst, '(horizonDays: 28)');
    for (const { expected, lower95, upper95 } of nodes)
      for (const value of [expected, lower95, upper95]) if (value !== null) expect(value % 5).toBe(0);
    const document = `{ bedForecast(horizonDays: 3, trust: "${trusts[0]}") { ${fields} } }`;
    const { body } = await analyst.query(document);
    const census = await analyst.page(
      `bedOccupancy(by: TRUST, grain: DAY, first: 1, where: { trustCode: { eq: "${trusts[0]}" }, isPartial: { eq: false }, occupiedBedDays: { isNull: true } }) { totalCount }`,
    );
    // A trust of this size has nights with fewer than eight patients.
    expect(census.totalCount).toBeGreaterThan(0);
    const { method, backtest, nodes: hidden } = body.data.bedForecast as Forecast;
    expect([method, backtest]).toEqual([null, null]);
    expect(hidden.map(({ expected, suppressed }) => [expected, suppressed])).toEqual(
      new Array(3).fill([null, 'expected lower80 upper80 lower95 upper95']),
    );
    expect(body.extensions.maplewood.suppressedCells).toBe(15);
  });
});
