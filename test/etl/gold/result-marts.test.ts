import { join } from 'node:path';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { fillResults, martsOfFacts } from '../../../src/etl/gold/result-marts.js';
import { measureDatasets } from '../../../src/schema/datasets.js';
import { martPlan } from '../../../src/schema/mart-plan.js';
import { createTable } from '../../../src/warehouse/duckdb/ddl.js';
import { cdsResult, cdsRule } from '../../../src/warehouse/gold/cds.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';
import { insertSql } from '../../loaders/insert.js';
import { temporaryFolder } from '../../support/landing.js';

const gold = goldBuilder();
const folder = temporaryFolder();
const marts = measureDatasets.map(martPlan);
let engine: Engine;

/** Results of so many patients a rule, each of a patient of its own, opened in January. */
async function published(patients: Readonly<Record<string, number>>): Promise<void> {
  const rules = Object.keys(patients).map((rule) => ({
    rule,
    text_sha256: rule,
    validation: 'production',
    is_current: true,
    objectives: 'H',
  }));
  const results = rules
    .flatMap(({ rule }) => Array.from({ length: patients[rule] ?? 0 }, () => rule))
    .map((rule, at) => ({
      result_key: at,
      rule,
      text_sha256: rule,
      patient_no: at,
      trust_code: 'RAA',
      first_fired_at: '2024-01-10T12:00:00',
      last_fired_at: '2024-01-10T12:00:00',
      occurrences: 1,
    }));
  const disclosure = { threshold: 8, base: 5 };
  await fillResults(engine, { gold, marts, disclosure, days: { dataAsOf: '2024-01-31' } }, async () => {
    for (const table of [cdsRule, cdsResult]) await engine.run(`delete from ${table.name}`);
    for (const sql of [...insertSql(cdsRule, rules), ...insertSql(cdsResult, results)]) await engine.run(sql);
  });
}

beforeAll(async () => {
  engine = await openEngine({ spill: join(folder, 'spill'), threads: 1, memoryLimit: '500MB' });
  await engine.run("attach ':memory:' as gold");
  for (const table of [cdsRule, cdsResult]) await engine.run(createTable('gold', table));
});
afterAll(() => engine?.close());

it('are those that no other step makes', () => {
  const others = martsOfFacts({ gold, marts }).map(({ name }) => name);
  expect(marts.map(({ name }) => name).filter((name) => !others.includes(name))).toEqual(['mart_cds_counts']);
});

describe('patients of whom each has one result', () => {
  const byRule = () =>
    engine.rows<{ rule: string; fired: boolean | null; patients: boolean | null }>(
      `select rule, events__withheld as fired, events__persons__withheld as patients from gold.mart_cds_counts
       where grain = 'MONTH' and rule is not null and trust_code is null and objective is null order by rule`,
    );

  it('are withheld where their results are, which they would tell', async () => {
    // Of all results, 23 to 27, the first three rules have 8 at least each: of the others each has one or two.
    await published({ a: 8, b: 8, c: 8, d: 1, e: 1 });
    const withheld = (await byRule()).filter(({ rule, fired }) => rule < 'd' && fired);
    expect(withheld.length).toBeGreaterThan(0);
    expect(withheld.every(({ patients }) => patients)).toBe(true);
  });

  it('are told where nothing is worked out from them', async () => {
    await published({ a: 40, b: 60 });
    expect(await byRule()).toEqual(['a', 'b'].map((rule) => ({ rule, fired: null, patients: null })));
  });
});
