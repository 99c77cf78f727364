import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import { contentOf, served } from '../support/release.js';
import { etlRun, exitOf, messageOf, outcomeOf } from './command.js';
import type { Fault, Outcome } from './outcome.js';
import { differences, type World } from './world.js';

interface OwnFile {
  readonly name: string;
  /** Finds it in a home. */
  readonly path: (config: Config) => string;
  /** What the next run with news does: goes on and makes anew what is damaged, or stops with this text. */
  readonly run: 'healed' | 'not read' | RegExp;
  /** What a run with --full does. */
  readonly full: 'healed' | RegExp;
}

const inBronze = /^bronze\/.* in the lake, which holds the rows of .* is missing or damaged/;

const files: readonly OwnFile[] = [
  { name: 'bronze rows', path: (c) => found(c, 'lake/bronze/sus_episodes'), run: 'not read', full: inBronze },
  {
    name: 'silver rows',
    path: (c) => found(c, 'lake/silver', 'sus_episodes.parquet'),
    run: 'healed',
    full: 'healed',
  },
  {
    name: 'silver fates',
    path: (c) => found(c, 'lake/silver', 'patients.fates.parquet'),
    run: 'healed',
    full: 'healed',
  },
  {
    name: 'patient numbers',
    path: (c) => found(c, 'lake/silver', 'patient_number.parquet'),
    run: 'healed',
    full: 'healed',
  },
  {
    name: 'state of silver',
    path: (c) => found(c, 'lake/silver', 'state.json'),
    run: 'healed',
    full: 'healed',
  },
  { name: 'release', path: (c) => found(c, 'warehouse', '.duckdb'), run: 'healed', full: 'healed' },
  {
    name: 'entry of a batch',
    path: (c) => join(c.home.lake, 'batches', '00000004.json'),
    run: /batches\/00000004\.json/,
    full: /batches\/00000004\.json/,
  },
  {
    name: 'manifest of the release',
    path: (c) => join(c.home.warehouse, '00000001.json'),
    run: /00000001\.json/,
    full: /00000001\.json/,
  },
];

const damages = {
  cut: (path: string) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
  'one bit flipped': (path: string) => {
    const bytes = readFileSync(path);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  },
  gone: (path: string) => rmSync(path),
} as const;

/** Files of our own that are damaged: seen before they are used, and made anew where they can be. */
export function ownFileFaults(world: World): Fault[] {
  return files.flatMap((file) =>
    Object.entries(damages)
      .filter(([damage]) => !isManifest(file) || damage === 'cut')
      .map(([damage, spoil]) => ({
        name: `${file.name} ${damage}`,
        try: () => ownFile(world, file, damage, spoil),
      })),
  );
}

/** Texts that only a JSON reader checks: a flipped bit in a value is not seen. */
const isManifest = ({ name }: OwnFile): boolean => /entry|manifest|state/.test(name);

async function ownFile(
  world: World,
  file: OwnFile,
  damage: string,
  spoil: (path: string) => void,
): Promise<Outcome> {
  const config = world.home('increment');
  const wrong: string[] = [];
  const path = file.path(config);
  const whole = join(config.home.root, `whole-${basename(path)}`);
  cpSync(path, whole);
  spoil(path);
  const said = await world.start(config, ['doctor', '--full']).ended;
  if (said.code === 0) wrong.push('doctor --full found nothing');
  const ended = await world.run(config, 'increment');
  wrong.push(...judge(file.run, ended.code, messageOf(ended), ended.out));
  let equal: Outcome['equal'] = '–';
  if (ended.code === 0) equal = (await sameAs(world, config)) ? 'yes' : 'no';
  const full = await world.start(config, etlRun(world.landing('increment'), '--full')).ended;
  wrong.push(...judge(file.full, full.code, messageOf(full), undefined));
  if (full.code !== 0) {
    // The release before stays, and with the file put back all is well.
    if (file.run === 'not read' && (await served(config)).ids.at(-1) !== 2)
      wrong.push('the release went away');
    cpSync(whole, path);
  }
  const rerun = outcomeOf(await world.start(config, etlRun(world.landing('increment'), '--full')).ended);
  const seen = (await served(config)).ids.join(', ');
  if (rerun !== 'published') wrong.push(`once mended, the run failed: ${rerun}`);
  else if (!(await sameAs(world, config))) {
    equal = 'no';
    wrong.push('gold differs once mended');
  } else if (equal === '–') equal = 'yes';
  if (equal === 'no') wrong.push('gold differs');
  world.remove(config);
  return {
    group: 'damaged files of our own',
    fault: `${file.name}: ${damage}`,
    moment: 'between runs',
    exit: `${exitOf(ended)}, --full ${exitOf(full)}`,
    reader: seen,
    rerun,
    equal,
    wrong,
  };
}

const sameAs = async (world: World, config: Config): Promise<boolean> =>
  differences(await contentOf(config), world.second).length === 0;

function judge(due: OwnFile['run'], code: number | null, said: string, out: string | undefined): string[] {
  if (due instanceof RegExp) {
    return code === 1 && due.test(said) ? [] : [`exit ${code}, and it said: ${said.slice(0, 200)}`];
  }
  if (code !== 0) return [`the run failed: ${said.slice(0, 200)}`];
  const told = out === undefined || due === 'not read' || /anew from/.test(out);
  return told ? [] : ['the report does not say that something was made anew'];
}

/** A file of the home below a folder, by the end of its name. */
function found(config: Config, folder: string, end = ''): string {
  const at = join(config.home.root, folder);
  const name = readdirSync(at, { recursive: true })
    .map(String)
    .sort()
    .find((one) => one.endsWith(end) && /\.\w+$/.test(one));
  if (name === undefined) throw new Error(`there is no ${end} in ${folder}`);
  return join(at, name);
}
