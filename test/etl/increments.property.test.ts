import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import { contracts } from '../../src/etl/contracts/index.js';
import { configAt, loadAt, synthAt } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { contentOf, fromRelease, measured, openReader, shareKeys } from '../support/release.js';

const full = process.env['MAPLEWOOD_TEST_FULL'] === '1';
const stories = full ? 25 : 1;
const runs = full ? 5 : 3;
const firstSeed = Number(process.env['MAPLEWOOD_TEST_SEED'] ?? 20_261_125);

const folder = temporaryFolder();

type Row = Readonly<Record<string, string | null>>;
/** What a source system holds: rows by key, by dataset. */
type State = Map<string, Map<string, Row>>;

/** Numbers from 0 up to 1, the same in every run of the tests (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const keyOf = (dataset: string): string => contracts.get(dataset)!.key[0]!;

async function sourceState(landing: string): Promise<State> {
  const reader = await openReader();
  const state: State = new Map();
  for (const dataset of contracts.keys()) {
    if (!existsSync(join(landing, dataset))) continue;
    const rows = await reader.rows<Row>(
      `select columns(*)::varchar from read_parquet('${landing}/${dataset}/*.parquet')`,
    );
    state.set(dataset, new Map(rows.map((row) => [row[keyOf(dataset)]!, row])));
  }
  reader.close();
  return state;
}

const field = (value: string | null | undefined): string => {
  if (value === null || value === undefined) return '';
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
};
const csv = (columns: readonly string[], rows: readonly Row[]): string =>
  `${[columns.join(','), ...rows.map((row) => columns.map((column) => field(row[column])).join(','))].join('\n')}\n`;

class Story {
  readonly #draw: () => number;
  readonly columns = new Map<string, string[]>();
  readonly #withheld: [string, Row][] = [];
  readonly #earlier: [string, Row][] = [];
  #file = 0;
  #id = 0;

  constructor(
    seed: number,
    readonly state: State,
    readonly landing: string,
  ) {
    this.#draw = chance(seed);
    for (const [dataset, { columns }] of contracts) {
      const ofTables = Object.entries(columns).filter(([, column]) => column.origin !== 'fhir');
      if (state.has(dataset))
        this.columns.set(
          dataset,
          ofTables.map(([column]) => column),
        );
    }
  }

  #below = (n: number): number => Math.floor(this.#draw() * n);
  #one = <T>(items: readonly T[]): T => items[this.#below(items.length)]!;

  #write(dataset: string, rows: readonly Row[], changes: boolean): void {
    mkdirSync(join(this.landing, dataset), { recursive: true });
    this.#file += 1;
    const columns = this.columns.get(dataset)!;
    writeFileSync(
      join(this.landing, dataset, `${String(this.#file).padStart(4, '0')}${changes ? '.changes' : ''}.csv`),
      csv(changes ? [...columns, '_op'] : columns, rows),
    );
  }

  /** Everything that the sources hold, one file a dataset. */
  snapshot(): void {
    for (const dataset of this.state.keys()) this.snapshotOf(dataset);
  }

  snapshotOf(dataset: string): void {
    this.#write(dataset, [...this.state.get(dataset)!.values()], false);
  }

  /** One night of news: what is inserted, corrected, deleted, delivered late or again. */
  night(): void {
    for (let news = 2 + this.#below(5); news > 0; news -= 1) {
      const dataset = this.#one([...this.state.keys(), 'sus_episodes', 'ecds_attendances', 'patients']);
      const rows = this.state.get(dataset)!;
      const draw = this.#draw();
      if (draw < 0.3)
        this.#deliver(
          dataset,
          this.#some(dataset, 3).map((row) => this.#changed(dataset, row)),
        );
      else if (draw < 0.5)
        this.#deliver(
          dataset,
          this.#some(dataset, 3).map((row) => this.#fresh(dataset, row)),
        );
      else if (draw < 0.7) {
        const gone = this.#some(dataset, dataset === 'trusts' ? 1 : 2);
        this.#write(
          dataset,
          gone.map((row) => ({ ...row, _op: 'D' })),
          true,
        );
        for (const row of gone) {
          rows.delete(row[keyOf(dataset)]!);
          this.#earlier.push([dataset, row]);
        }
      } else if (draw < 0.8) this.snapshotOf(dataset);
      else if (draw < 0.9 && this.#earlier.length > 0) {
        // Back to a version that was there before: A, B, A.
        const [back, row] = this.#one(this.#earlier);
        this.#deliver(back, [row]);
      } else if (this.#withheld.length > 0) {
        for (const [late, row] of this.#withheld.splice(0)) this.#deliver(late, [row]);
      } else if (rows.size > 0) {
        const row = this.#one([...rows.values()]);
        // The same key twice in one file: the first row counts.
        const key = keyOf(dataset);
        this.#write(dataset, [row, { ...this.#changed(dataset, row), [key]: row[key] ?? null }], false);
      }
    }
  }

  /** Late at last: everything that was withheld. */
  finish(): void {
    for (const [late, row] of this.#withheld.splice(0)) this.#deliver(late, [row]);
  }

  #some(dataset: string, most: number): Row[] {
    const rows = [...this.state.get(dataset)!.values()];
    return rows.length === 0
      ? []
      : Array.from(new Set(Array.from({ length: 1 + this.#below(most) }, () => this.#one(rows))));
  }

  #deliver(dataset: string, rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const known = this.state.get(dataset)!;
    const changes = this.#draw() < 0.4;
    this.#write(
      dataset,
      changes ? rows.map((row) => ({ ...row, _op: this.#one(['I', 'U']) })) : rows,
      changes,
    );
    for (const row of rows) {
      const key = row[keyOf(dataset)]!;
      const before = known.get(key);
      if (before) this.#earlier.push([dataset, before]);
      known.set(key, row);
    }
  }

  #changed(dataset: string, row: Row): Row {
    const columns = this.columns.get(dataset)!;
    const patch = Object.entries(this.#one(this.#corrections(dataset)));
    return { ...row, ...Object.fromEntries(patch.filter(([column]) => columns.includes(column))) };
  }

  /** Corrections that leave a row in order by itself; what they refer to may be unknown. */
  #corrections(dataset: string): Row[] {
    const month = `2025-${String(1 + this.#below(12)).padStart(2, '0')}`;
    const day = 1 + this.#below(20);
    const on = (plus: number): string => `${month}-${String(day + plus).padStart(2, '0')}`;
    const trust_code = this.#one([...this.state.get('trusts')!.keys(), 'RZZ']);
    const patient_id = this.#one([...this.state.get('patients')!.keys(), 'PAT_none']);
    switch (dataset) {
      case 'patients':
        return [
          { date_of_birth: `${1930 + this.#below(95)}-01-01` },
          { gender: 'U' },
          { registered_practice: this.#one(['M81998', null, ...this.state.get('practices')!.keys()]) },
          { nhs_number: 'INVALID' },
          { deprivation_decile: '9' },
        ];
      case 'trusts':
        return [
          { beds: String(this.#below(900)) },
          { trust_name: `Trust ${this.#below(100)}` },
          { beds: null },
        ];
      case 'practices':
        return [{ practice_name: `Practice ${this.#below(100)}` }, { list_size: '4000' }];
      case 'sus_episodes':
        return [
          { discharge_date: null },
          { admission_date: on(0), discharge_date: on(this.#below(8)) },
          { trust_code },
          { patient_id },
          { specialty: '320', primary_diagnosis: 'INVALID' },
          { hrg_code: 'PB03Z' },
        ];
      case 'ecds_attendances':
        return [
          { trust_code },
          { patient_id },
          { triage_category: '2', total_time_mins: '721' },
          { arrival_datetime: `${on(0)} 22:30:00`, departure_datetime: `${on(this.#below(2))} 23:59:00` },
          { time_to_treatment_mins: null },
        ];
      default:
        return [
          { patient_id },
          { practice_code: 'M81997', actual_cost: '12.34' },
          { weekly_cost: '100.00', urgency: 'Urgent' },
          { contact_date: on(0) },
        ];
    }
  }

  #fresh(dataset: string, row: Row): Row {
    this.#id += 1;
    const key = dataset === 'trusts' ? `RZ${this.#below(10)}` : `NEW_${this.#id}`;
    const made: Row = { ...row, [keyOf(dataset)]: key };
    // An event may come before its patient does.
    if ('patient_id' in made && !['patients', 'patient_journeys'].includes(dataset) && this.#draw() < 0.5) {
      const like = this.#some('patients', 1)[0];
      if (like) {
        const patient = { ...like, patient_id: `LATE_${this.#id}` };
        if (this.#draw() < 0.5) this.#withheld.push(['patients', patient]);
        else this.#deliver('patients', [patient]);
        return { ...made, patient_id: `LATE_${this.#id}` };
      }
    }
    return made;
  }
}

/**
 * What of a release does not depend on how its rows came into it. Integers of OMOP are given in the order of arrival (their
 * correction has tests of its own), and checks of deliveries look at those of one run.
 */
const contentWithin = async (config: Config) => {
  const content = await contentOf(
    config,
    /^(dim|fact|mart|cds)_|^(quarantined_row|quality_finding|quality_item|schema_drift)$/,
  );
  const rules = await fromRelease(
    config,
    "select id, violated, violated_kept, denominator, status from quality_result where level <> 'file' and coalesce(touches, '') <> 'OMOP' and rule = split_part(id, '.', 2) and rule <> 'rows_refused' order by id",
  );
  const results = await fromRelease(
    config,
    'select rule, evaluated, fired, evidence_rows, undecided, failed, failure from cds_run where run_id = (select max(run_id) from cds_run) order by rule',
  );
  return { content, rules, results };
};

describe('increments', () => {
  it.each(Array.from({ length: stories }, (_none, story) => firstSeed + story))(
    'of random nights give the gold of a full load (seed %i)',
    async (seed) => {
      const at = join(folder, String(seed));
      const base = await synthAt(join(at, 'base'), { patients: 40, faultRate: 0, seed: seed % 1000 });
      const story = new Story(seed, await sourceState(base), join(at, 'landing'));
      const config = configAt(join(at, 'home'));
      story.snapshot();
      await loadAt(config, story.landing);
      for (let run = 1; run <= runs; run += 1) {
        story.night();
        if (run === runs) story.finish();
        await loadAt(config, story.landing);
      }
      const corrected = await contentWithin(config);

      // The same deliveries, all of them read again.
      await loadAt(config, story.landing, true);
      expect(corrected).toEqual(await contentWithin(config));

      // Only what the sources hold at the end.
      const last = new Story(seed, story.state, join(at, 'last'));
      last.columns.clear();
      for (const [dataset, columns] of story.columns) last.columns.set(dataset, columns);
      last.snapshot();
      const once = configAt(join(at, 'once'));
      shareKeys(config, once);
      await loadAt(once, last.landing);
      expect(await contentOf(config, measured)).toEqual(await contentOf(once, measured));
    },
    600_000,
  );
});
