import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadWarehouseKey } from '../../src/access/keys.js';
import { pseudonym } from '../../src/access/pseudonym.js';
import type { Config } from '../../src/config/environment.js';
import type { RunReport } from '../../src/etl/report.js';
import type { FaultManifest } from '../../src/synth/manifest.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import {
  columnsOf,
  identifiedFile,
  openReader,
  openRelease,
  type Reader,
  served,
} from '../support/release.js';

const folder = temporaryFolder();
let config: Config;
let landing: string;
let report: RunReport;
let faults: FaultManifest;
let gold: Reader;
let identified: Reader;
let sources: Reader;

beforeAll(async () => {
  ({ config, landing, report } = await loadedHome(folder, { patients: 1_000 }));
  faults = JSON.parse(readFileSync(join(landing, 'faults.json'), 'utf8'));
  gold = await openRelease(config);
  identified = await openReader(await identifiedFile(config));
  sources = await openReader();
});

afterAll(() => {
  for (const reader of [gold, identified, sources]) reader?.close();
});

/** Distinct values of a delivered column. */
const delivered = async (dataset: string, column: string): Promise<string[]> =>
  (
    await sources.rows<{ v: string }>(
      `select distinct "${column}" as v from '${landing}/${dataset}/*.parquet' where "${column}" is not null`,
    )
  ).map(({ v }) => v);

/** Violations that the run report counts for a rule of a dataset, over all columns and kinds. */
const counted = (dataset: string, rule: RegExp): number | undefined => {
  const results = report.quality.filter((result) => result.dataset === dataset && rule.test(result.rule));
  return results.length === 0 ? undefined : results.reduce((sum, result) => sum + result.violated, 0);
};

describe('a run', () => {
  it('publishes release 1', async () => {
    expect(report).toMatchObject({ outcome: 'published', release: 1 });
    expect((await served(config)).ids).toEqual([1]);
  });

  it('accounts for every row of every file', async () => {
    expect(report.files).toHaveLength(10);
    for (const file of report.files) {
      const [{ n } = { n: -1n }] = await sources.rows<{ n: bigint }>(
        `select count(*) as n from '${landing}/${file.name}'`,
      );
      expect({ name: file.name, rows: file.silver + file.duplicates + file.quarantined }).toEqual({
        name: file.name,
        rows: Number(n),
      });
    }
  });

  it('shows every quarantined row with its file, row, rule and reason', async () => {
    const rows = await gold.rows<{ n: bigint; told: bigint }>(
      `select count(*) as n, count(*) filter (file <> '' and row_number > 0 and rule <> '' and reason <> '') as told from quarantined_row`,
    );
    const quarantined = BigInt(report.files.reduce((sum, file) => sum + file.quarantined, 0));
    expect(rows).toEqual([{ n: quarantined, told: quarantined }]);
  });
});

describe('the counts of the rules', () => {
  /** Rules of faults.json that the ETL counts under other names. */
  const otherNames: Readonly<Record<string, RegExp>> = {
    PATIENT_DUPLICATE: /^PATIENT_DUPLICATE_(IDENTICAL|CONFLICTING)$/,
    PRACTICE_DUPLICATE: /^PRACTICE_DUPLICATE_(IDENTICAL|CONFLICTING)$/,
  };

  it('are those of the faults put in', () => {
    // Silver takes '' for null: one rule counts both.
    const merged = ['sus_episodes/SECONDARY_EMPTY', 'sus_episodes/SECONDARY_MISSING'];
    const expected: Record<string, number> = {};
    const found: Record<string, number | undefined> = {};
    for (const [name, count] of Object.entries(faults.counts)) {
      if (merged.includes(name)) continue;
      const [dataset = '', rule = ''] = name.split('/');
      expected[name] = count;
      found[name] = counted(dataset, otherNames[rule] ?? new RegExp(`^${rule}$`));
    }
    expect(Object.keys(expected).length).toBeGreaterThan(70);
    expect(found).toEqual(expected);
    expect(counted('sus_episodes', /^SECONDARY_MISSING$/)).toBe(
      merged.reduce((sum, name) => sum + faults.counts[name]!, 0),
    );
  });

  it('tell kept rows and kinds of copies as the faults put in do', () => {
    const kept = (rule: string) =>
      report.quality.find((result) => result.dataset === 'patients' && result.rule === rule)?.violated_kept;
    const part = (rule: string) => faults.parts[`patients/${rule}`]!;
    for (const rule of ['NHS_NUMBER_INVALID', 'NHS_NUMBER_MISSING', 'PRACTICE_ORPHAN', 'PRACTICE_MISSING']) {
      expect([rule, kept(rule)]).toEqual([rule, part(rule)['keptRows']]);
    }
    const { identical, conflicting } = part('PATIENT_DUPLICATE');
    expect(counted('patients', /^PATIENT_DUPLICATE_IDENTICAL$/)).toBe(identical);
    expect(counted('patients', /^PATIENT_DUPLICATE_CONFLICTING$/)).toBe(conflicting);
  });

  it('name the quarantined rows that faults.json names', async () => {
    const quarantined = await gold.rows<{ name: string }>(
      `select dataset || '/' || rule || '/' || row_number as name from quarantined_row order by 1`,
    );
    const rules = new Set(
      report.quality.filter(({ severity }) => severity === 'reject').map(({ rule }) => rule),
    );
    const expected = faults.faults
      .filter(({ rule }) => rules.has(rule))
      .map(({ dataset, rule, row }) => `${dataset}/${rule}/${row}`);
    expect(quarantined.map(({ name }) => name)).toEqual(expected.sort());
  });
});

describe('gold', () => {
  it('holds no raw identifier in any text', async () => {
    const numbers = new Set([
      ...(await delivered('patients', 'nhs_number')),
      ...(await delivered('sus_episodes', 'nhs_number')),
    ]);
    numbers.delete('INVALID');
    const ids = new Set(await delivered('patients', 'patient_id'));
    const found: string[] = [];
    for (const { table, column } of (await columnsOf(gold)).filter(({ type }) => type === 'VARCHAR')) {
      for (const { v } of await gold.rows<{ v: string }>(
        `select distinct "${column}" as v from "${table}" where "${column}" is not null`,
      )) {
        const digits = v.replace(/[ -]/g, '').match(/\d{10}/g) ?? [];
        if (/PAT_\d|PSEUDO_/i.test(v) || ids.has(v) || digits.some((number) => numbers.has(number)))
          found.push(`${table}.${column}: ${v}`);
      }
    }
    expect(numbers.size).toBeGreaterThan(500);
    expect(found).toEqual([]);
  });

  it('holds no pseudonym that anybody could compute', async () => {
    const keys = new Set<string>();
    for (const { table, column } of (await columnsOf(gold)).filter(({ type }) => type === 'BLOB')) {
      for (const { k } of await gold.rows<{ k: string }>(
        `select distinct hex("${column}") as k from "${table}" where "${column}" is not null`,
      ))
        keys.add(k);
    }
    const ids = [
      ...(await delivered('patients', 'patient_id')),
      ...(await delivered('patients', 'nhs_number')),
      ...(await delivered('sus_episodes', 'episode_id')),
      ...(await delivered('sus_episodes', 'consultant_code')),
    ];
    const guessed = ids.flatMap((id) =>
      ['md5', 'sha1', 'sha256'].flatMap((name) =>
        [id, id.toLowerCase(), `patient\x1fnhs-local\x1f${id}`].map((text) =>
          createHash(name).update(text).digest('hex').slice(0, 32).toUpperCase(),
        ),
      ),
    );
    expect(keys.size).toBeGreaterThan(1_000);
    expect(guessed.filter((guess) => keys.has(guess))).toEqual([]);
  });

  it('keeps the identifiers in a file of their own, for its owner alone', async () => {
    const path = await identifiedFile(config);
    expect(path).not.toContain(join(folder, 'home', 'warehouse'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const [store] = await identified.rows(
      'select count(*) as n, count(distinct patient_id) as ids from patient',
    );
    const [dimension] = await gold.rows(
      'select count(*) as n, count(distinct patient_sk) as ids from dim_patient',
    );
    expect(store).toEqual({ n: 1_000n, ids: 1_000n });
    expect(dimension).toEqual(store);
  });

  it('has the pseudonyms that the API computes', async () => {
    const key = loadWarehouseKey(config.home, { create: false, dev: true });
    const domain = { entity: 'patient', namespace: 'nhs-local', caseInsensitive: true } as const;
    const patients = await identified.rows<{ id: string; sk: string }>(
      'select patient_id as id, hex(patient_sk) as sk from patient order by patient_id limit 5',
    );
    expect(patients).toHaveLength(5);
    const inGold = new Set(
      (await gold.rows<{ sk: string }>('select hex(patient_sk) as sk from dim_patient')).map(({ sk }) => sk),
    );
    for (const { id, sk } of patients) {
      expect(sk).toBe(pseudonym(key, domain, id).toString('hex').toUpperCase());
      expect(inGold.has(sk)).toBe(true);
    }
  });
});
