import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Config, loadConfig } from '../../src/config/environment.js';
import { omopTables } from '../../src/warehouse/omop/index.js';
import { contentOf, fromRelease, openReader, served, shareKeys } from '../support/release.js';
import { type Ended, etlRun, maplewood, messageOf, type Running } from './command.js';
import { passedIn } from './passed.js';

export type Content = Readonly<Record<string, string>>;
export type Mode = 'full' | 'increment';

/**
 * What the faults are tried on: small sources, a later delivery of them, and homes in which nothing was disturbed.
 * The home `base` holds the first release; a full run starts from nothing but the keys.
 */
export class World {
  readonly #homes: string;
  #made = 0;
  first: Content = {};
  second: Content = {};
  /** Spells of the releases, by number. */
  readonly spells = new Map<number, number>();
  /** Duration of an undisturbed run by mode, in milliseconds. */
  readonly duration = new Map<Mode, number>();
  /** How often an undisturbed run passes each fail point, by mode; the full one from an empty home. */
  readonly passed = new Map<Mode, ReadonlyMap<string, number>>();

  private constructor(
    readonly root: string,
    readonly folder: string,
  ) {
    this.#homes = join(folder, 'homes');
    mkdirSync(this.#homes, { recursive: true });
  }

  static async make(root: string, folder: string): Promise<World> {
    const world = new World(root, folder);
    await world.#deliver();
    const base = configOf(world.base);
    mkdirSync(world.base, { recursive: true });
    await world.#measured('full', base, world.landing('full'));
    world.first = await contentOf(base);
    world.spells.set(1, await spellsOf(base));
    const after = world.home('increment');
    await world.#measured('increment', after, world.landing('increment'));
    world.second = await contentOf(after);
    world.spells.set(2, await spellsOf(after));
    // A run that began beside another may make the same release once more.
    world.spells.set(3, await spellsOf(after));
    if (world.first['fact_spell'] === world.second['fact_spell'])
      throw new Error('the delta changes nothing');
    world.remove(after);
    return world;
  }

  get base(): string {
    return join(this.folder, 'base');
  }

  landing(mode: Mode): string {
    return join(this.folder, mode === 'full' ? 'first' : 'second');
  }

  /** A new home before a run of this mode; `empty` has not even keys. */
  home(mode: Mode | 'empty'): Config {
    this.#made += 1;
    const home = join(this.#homes, String(this.#made));
    mkdirSync(home, { recursive: true });
    const config = configOf(home);
    if (mode === 'full') shareKeys(configOf(this.base), config);
    if (mode === 'increment') cpSync(this.base, home, { recursive: true });
    return config;
  }

  /** A new home with what another one holds. */
  copy(of: Config): Config {
    const config = this.home('empty');
    cpSync(of.home.root, config.home.root, { recursive: true });
    return config;
  }

  /** A folder with the sources of a few datasets, one file each. */
  snapshot(mode: Mode, datasets: readonly string[]): string {
    const at = join(this.folder, `snapshots-${mode}`);
    for (const dataset of datasets) {
      const file = join(dataset, `${dataset}.parquet`);
      // Several faults read the same folder at once.
      if (!existsSync(join(at, file)))
        cpSync(join(this.landing(mode), file), join(at, file), { recursive: true });
    }
    return at;
  }

  remove(config: Config): void {
    rmSync(config.home.root, { recursive: true, force: true });
  }

  start(config: Config, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    return maplewood(this.root, config.home.root, args, env);
  }

  run(config: Config, mode: Mode, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.start(config, etlRun(this.landing(mode)), env).ended;
  }

  /** The content that a release must have after an undisturbed run of this mode. */
  expected(mode: Mode): Content {
    return mode === 'full' ? this.first : this.second;
  }

  async #measured(mode: Mode, config: Config, landing: string): Promise<void> {
    const points = join(this.folder, `points-${mode}.txt`);
    const started = performance.now();
    const ended = await this.start(config, etlRun(landing), { MAPLEWOOD_FAILPOINT: `list:${points}` }).ended;
    this.duration.set(mode, performance.now() - started);
    if (ended.code !== 0) throw new Error(`an undisturbed run failed: ${messageOf(ended)}`);
    this.passed.set(mode, passedIn(points));
  }

  /** Sources of 100 patients; later a ward has changed, a patient has come, and a file with a bad row. */
  async #deliver(): Promise<void> {
    const [first, second] = [this.landing('full'), this.landing('increment')];
    const synth = [
      'synth',
      '--out',
      first,
      '--patients',
      '100',
      '--seed',
      '7',
      '--years',
      '1',
      '--fault-rate',
      '0.05',
      '--tables-only',
    ];
    const made = await maplewood(this.root, this.base, synth).ended;
    if (made.code !== 0) throw new Error(`no sources could be made: ${messageOf(made)}`);
    cpSync(first, second, { recursive: true });
    const reader = await openReader();
    const file = (dataset: string): string => `'${first}/${dataset}/${dataset}.parquet'`;
    const spell = `(select min(episode_id) from ${file('sus_episodes')} where discharge_date > admission_date)`;
    await reader.rows(
      `copy (select * replace (case when episode_id = ${spell} then 'W99X' else ward_code end as ward_code)
         from ${file('sus_episodes')}) to '${second}/sus_episodes/sus_episodes.parquet' (format parquet)`,
    );
    await reader.rows(
      `copy (select * replace (case when n = 1 then 11 - deprivation_decile else deprivation_decile end as deprivation_decile,
           case when n = 2 then 'PAT_900000' else patient_id end as patient_id)
         from (select *, row_number() over (order by patient_id) as n from ${file('patients')}
           where patient_id is not null and age_at_start > 30 qualify count(*) over (partition by patient_id) = 1)
         where n <= 2 order by n) to '${second}/patients/patients-later.parquet' (format parquet)`,
    );
    const csv = join(second, 'csds_contacts', 'contacts-later.csv');
    await reader.rows(
      `copy (select * replace ('LATER-' || contact_id as contact_id) from ${file('csds_contacts')} where contact_id is not null and patient_id is not null limit 2)
       to '${csv}' (format csv, header)`,
    );
    reader.close();
    writeFileSync(csv, `${readFileSync(csv, 'utf8')}"a quote that nobody closes\n`);
  }
}

export const configOf = (home: string, env: Readonly<Record<string, string>> = {}): Config =>
  loadConfig({ MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1', ...env }, home);

export async function spellsOf(config: Config): Promise<number> {
  const [row] = await fromRelease<{ n: bigint }>(config, 'select count(*) as n from fact_spell');
  return Number(row?.n);
}

/** What a home must hold after the rerun; each sentence says what does not. */
export async function wrongAfter(
  config: Config,
  expected: Content,
  ids: readonly number[],
): Promise<string[]> {
  const wrong: string[] = [];
  const found = await served(config);
  if (JSON.stringify(found.ids) !== JSON.stringify(ids))
    wrong.push(`releases ${found.ids} instead of ${ids}`);
  const differing = differences(await contentOf(config), expected);
  if (differing.length > 0) wrong.push(`gold differs: ${differing.join(', ')}`);
  return [...wrong, ...lostBatches(config)];
}

/** Tables whose content is another. */
/**
 * Checks of deliveries, and against the release before, belong to one run; OMOP has the day of the run, and ids that are
 * given anew where it is made from nothing. Their equality has tests of its own.
 */
const ofOneRun: ReadonlySet<string> = new Set(['quality_result', ...omopTables.map(({ name }) => name)]);

export const differences = (found: Content, expected: Content): string[] =>
  [...new Set([...Object.keys(found), ...Object.keys(expected)])].filter(
    (table) => !ofOneRun.has(table) && found[table] !== expected[table],
  );

interface Batch {
  readonly batch: number;
  readonly name: string;
  readonly seals?: Readonly<Record<string, { bytes: number }>>;
}

/** Received rows that are not there: gaps in the batches, and files that they name and that are gone. */
function lostBatches(config: Config): string[] {
  if (config.lake.kind !== 'folder') return [];
  const lake = config.lake.path;
  const folder = join(lake, 'batches');
  const batches = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Batch);
  return batches.flatMap(({ batch, name, seals = {} }, index) => [
    ...(batch === index + 1 ? [] : [`batch ${index + 1} is missing`]),
    ...Object.entries(seals).flatMap(([file, { bytes }]) =>
      statSync(join(lake, file), { throwIfNoEntry: false })?.size === bytes
        ? []
        : [`${file} of ${name} is lost`],
    ),
  ]);
}

/** Files that only live while a run does, after a run that has published; drafts stay for a minute. */
export function leftovers(config: Config): string[] {
  return readdirSync(config.home.root, { recursive: true })
    .map(String)
    .filter(
      (name) => !name.endsWith('.draft') && /draft-|\.wal$|(^|\/)tmp_|\.(good|rejects)\.csv$/.test(name),
    )
    .concat(existsSync(config.home.tmp) ? readdirSync(config.home.tmp).map((name) => `tmp/${name}`) : []);
}
