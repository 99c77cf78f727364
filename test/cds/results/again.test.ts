import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ruleResults } from '../../../src/commands/cds-results.js';
import type { Config } from '../../../src/config/environment.js';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { previously, touchedBy } from '../../../src/etl/gold/correct.js';
import { noteGoing } from '../../../src/etl/gold/moved-rows.js';
import { narrow } from '../../../src/etl/gold/narrow.js';
import { dimPatient } from '../../../src/warehouse/gold/dimensions.js';
import { factTables } from '../../../src/warehouse/gold/facts.js';
import {
  factEdInterval,
  factReferralInterval,
  factSpellInterval,
} from '../../../src/warehouse/gold/intervals.js';
import { loadAt, loadedHome } from '../../support/home.js';
import { root, temporaryFolder } from '../../support/landing.js';
import { contentOf, fromRelease, openReader, releaseFolder, served } from '../../support/release.js';
import { runRules } from './run-rules.js';

const folder = temporaryFolder();
let config: Config;
let landing: string;

const lasting = /^(mart_)?cds_(?!run$)/;
const lastRun = () =>
  fromRelease<{ rule: string; fired: bigint; undecided: bigint }>(
    config,
    'select rule, evaluated, fired, evidence_rows, undecided, failed, failure from cds_run where run_id = (select max(run_id) from cds_run) order by rule',
  );

beforeAll(async () => {
  ({ config, landing } = await loadedHome(folder, { patients: 600 }));
}, 120_000);

describe('results after corrections, as of the same time', () => {
  it('are those of a run that looks at everybody', async () => {
    const reader = await openReader();
    const rows = (dataset: string, where = 'true') =>
      reader.rows<Record<string, string | null>>(
        `select columns(*)::varchar from read_parquet('${landing}/${dataset}/*.parquet') where ${where} order by all`,
      );
    const deliver = (dataset: string, delivered: readonly Record<string, string | null>[]): void => {
      const columns = Object.keys(delivered[0] ?? {});
      mkdirSync(join(folder, 'news', dataset), { recursive: true });
      const lines = delivered.map((row) => columns.map((column) => row[column] ?? '').join(','));
      writeFileSync(
        join(folder, 'news', dataset, 'news.csv'),
        `${[columns.join(','), ...lines].join('\n')}\n`,
      );
    };
    // Patients whose results hold no more, and others who get some.
    const spells = await rows('sus_episodes', 'discharge_date is not null');
    const attendances = await rows('ecds_attendances');
    const nsaids = await rows('prescriptions', "bnf_code like '1001010%'");
    const patients = await rows('patients');
    deliver(
      'sus_episodes',
      spells.slice(0, 40).map((row) => ({ ...row, discharge_date: row['admission_date'] ?? null })),
    );
    deliver(
      'ecds_attendances',
      attendances.slice(0, 40).map((row) => ({ ...row, triage_category: '1' })),
    );
    deliver(
      'prescriptions',
      patients.slice(0, 60).map((row, at) => ({
        ...nsaids[at % nsaids.length],
        patient_id: row['patient_id'] ?? null,
        prescription_id: `NEW_${at}`,
      })),
    );
    reader.close();

    const [before, first] = [await contentOf(config, lasting), (await served(config)).manifest];
    const undecided = (runs: Awaited<ReturnType<typeof lastRun>>) =>
      runs.find(({ rule }) => rule === 'pincer_nsaid_65_no_ppi')?.undecided;
    const undecidedBefore = undecided(await lastRun());
    await loadAt(config, join(folder, 'news'));
    const [corrected, figures, second] = [
      await contentOf(config, lasting),
      await lastRun(),
      (await served(config)).manifest,
    ];
    expect(second?.id).toBe((first?.id ?? 0) + 1);
    expect(second?.dataAsOf).toBe(first?.dataAsOf);
    expect(corrected['cds_result']).not.toBe(before['cds_result']);
    // Who has no such medicine is no case of the rule: it does not come to a decision.
    expect(undecided(figures)).toBeLessThan(Number(undecidedBefore));

    await runRules(config);
    expect(await lastRun()).toEqual(figures);
    expect(await contentOf(config, lasting)).toEqual(corrected);
  }, 120_000);

  it('stay as they are of patients of whom nothing was noted, and are looked for again of the others', async () => {
    const { manifest } = await served(config);
    const released = join(releaseFolder(config), manifest?.file ?? '');
    const draft = join(folder, 'draft.duckdb');
    copyFileSync(released, draft);
    const engine: Engine = await openEngine({
      spill: join(folder, 'spill'),
      threads: 1,
      memoryLimit: '500MB',
    });
    try {
      await engine.run(`attach '${draft}' as gold`);
      await engine.run(`attach '${released}' as ${previously} (read_only)`);
      await engine.run('use gold');
      const [noted, other] = await engine.rows<{ patient_no: number }>(
        "select patient_no from cds_result where resolved_at is null and rule not like 'dq_%' group by 1 order by count(*) desc, 1 limit 2",
      );
      await engine.run(`create table memory.main.${touchedBy(dimPatient.name)} (patient_no integer)`);
      // Both lose all events; of one it is noted.
      for (const fact of [...factTables, factSpellInterval, factEdInterval, factReferralInterval]) {
        if (!('patient_no' in fact.columns)) continue;
        await noteGoing(engine, fact, `gold.${fact.name} f where patient_no = ${noted?.patient_no}`);
        await engine.run(
          `delete from gold.${fact.name} where patient_no in (${noted?.patient_no}, ${other?.patient_no})`,
        );
      }
      const holding = (patient: number | undefined) =>
        engine.rows<{ n: number }>(
          `select cast(count(*) as integer) as n from gold.cds_result where patient_no = ${patient} and resolved_at is null and rule not like 'dq_%'`,
        );
      const before = [await holding(noted?.patient_no), await holding(other?.patient_no)];
      const lines = await (await ruleResults(root)).fill({
        engine,
        runId: '99999999T000000-again',
        dataAsOf: manifest?.dataAsOf ?? '',
        previous: released,
        narrow: (queries) => narrow(engine, queries),
        progress: () => undefined,
      });
      expect(lines.filter(({ failure }) => failure !== undefined)).toEqual([]);
      expect(await holding(other?.patient_no)).toEqual(before[1]);
      expect((await holding(noted?.patient_no))[0]?.n).toBeLessThan(before[0]?.[0]?.n ?? 0);
      const temporary = await engine.rows(
        "select table_name from duckdb_tables() where database_name = 'temp' or schema_name like 'narrowed%'",
      );
      expect(temporary).toEqual([]);
    } finally {
      engine.close();
    }
  }, 120_000);
});
