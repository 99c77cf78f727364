import { join } from 'node:path';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { serveAt, type TestServer } from '../support/server.js';

/**
 * Control totals of the supplied synthetic data, which have prescriptions, asked for over HTTP as `finance`.
 * `MAPLEWOOD_TEST_DATA` names the folder that holds `nhs_synth_10k`, which is loaded by the full tests alone.
 */
const data = process.env['MAPLEWOOD_TEST_FULL'] === '1' ? process.env['MAPLEWOOD_TEST_DATA'] : undefined;
const title = 'control totals of the 10k over GraphQL';
if (data === undefined) {
  describe(title, () => {
    it.skip('skipped: no full tests, or MAPLEWOOD_TEST_DATA does not name the folder of the supplied data', () =>
      undefined);
  });
} else {
  describe(title, () => totals(data));
}

function totals(folder: string): void {
  const home = temporaryFolder();
  let server: TestServer;
  const ask = async (field: string): Promise<Record<string, never>[]> => {
    const { status, body } = await server.query('finance', `{ answer: ${field} }`);
    expect([status, body.errors]).toEqual([200, undefined]);
    return body.data.answer.nodes;
  };

  beforeAll(async () => {
    const { config } = await loadedHome(home, { sample: join(folder, 'nhs_synth_10k', 'parquet') });
    server = await serveAt(config);
  }, 300_000);
  afterAll(() => server?.close());

  it('prescribing: net ingredient and actual cost to the penny, items rounded to 5', async () => {
    const [all] = await ask('prescribing { nodes { items netIngredientCost actualCost costPerItem } }');
    expect(all).toEqual({
      items: 247_695,
      netIngredientCost: '12601290.22',
      actualCost: '12597647.89',
      costPerItem: (12_597_647.89 / 247_695).toFixed(2),
    });
  });

  it('prescribing by chapter: the totals again, with official names', async () => {
    const chapters = await ask('prescribing(by: BNF_CHAPTER) { nodes { bnfChapterName actualCost } }');
    expect(chapters.map(({ bnfChapterName }) => bnfChapterName)).toContain('Cardiovascular System');
    const pence = chapters.map(({ actualCost }) => Math.round(100 * Number(actualCost)));
    expect(pence.reduce((sum, each) => sum + each, 0)).toBe(1_259_764_789);
  });

  it('costs: prescribing is in them unless it is left out, by the same actual cost', async () => {
    const total = async (args: string): Promise<number> => {
      const [all] = await ask(`costs${args} { nodes { totalCost } }`);
      return Math.round(100 * Number(all?.['totalCost']));
    };
    expect((await total('')) - (await total('(includePrescribing: false)'))).toBe(1_259_764_789);
  });
}
