import { MaplewoodError } from '../../errors.js';
import type { Lake } from '../../lake/lake.js';
import type { Lease } from '../../lake/lease.js';
import { damagedFile, type Seals, sealsOf } from '../seal.js';
import type { Generation } from './log.js';

/** Silver as one release knows it: which files hold it, and which deliveries are in it. Plain JSON. */
export interface SilverState {
  readonly run: string;
  /** Batches up to this number are in it. */
  readonly batches: number;
  /** Generations of each dataset's log. */
  readonly logs: Readonly<Record<string, readonly Generation[]>>;
  /** File with the number of every patient ever known. */
  readonly patients: string;
  /** Of all these files. */
  readonly seals: Seals;
}

const root = 'silver';
/** Folder of the files that a run adds. */
export const silverFolder = (run: string): string => `${root}/${run}`;
const stateFile = (run: string): string => `${silverFolder(run)}/state.json`;

/** Files that the state of a run consists of. */
const filesOf = (state: Omit<SilverState, 'seals'>): string[] => [
  state.patients,
  ...Object.values(state.logs)
    .flat()
    .flatMap(({ rows, fates, keys, folded }) => [rows, fates, keys ?? [], folded ?? []].flat()),
];

/** Commits the state; a release names the run. `before`: the seals of files that it took over. */
export async function writeState(
  lake: Lake,
  state: Omit<SilverState, 'seals'>,
  before: Seals | undefined,
): Promise<SilverState> {
  const sealed = { ...state, seals: await sealsOf(lake, filesOf(state), before) };
  await lake.putIfAbsent(stateFile(state.run), sealed);
  return sealed;
}

/**
 * The state of a run, or the file that is missing or damaged: silver is then made from bronze. Its files are read once
 * in full for it, which is little beside what a run does with them: a flipped bit in them would be a wrong figure.
 */
export async function readState(
  lake: Lake,
  run: string,
): Promise<{ state: SilverState } | { damaged: string }> {
  const file = stateFile(run);
  if (!(await lake.exists(file))) return { damaged: file };
  let state: SilverState;
  try {
    state = (await lake.readJson(file)) as SilverState;
  } catch (error) {
    if (error instanceof MaplewoodError) return { damaged: file };
    throw error;
  }
  const seals: Seals | undefined = state.seals;
  if (seals === undefined || filesOf(state).some((name) => seals[name] === undefined))
    return { damaged: file };
  const damaged = await damagedFile(lake, seals);
  return damaged === undefined ? { state } : { damaged };
}

/** Removes the folders that none of the states needs, unless they are of a run that may still write. */
export async function tidySilver(lake: Lake, states: readonly SilverState[], lease: Lease): Promise<void> {
  const needed = new Set(
    states.flatMap((state) => [stateFile(state.run), ...filesOf(state)]).map((file) => file.split('/')[1]),
  );
  const found = (await lake.list(root)).filter((folder) => !needed.has(folder));
  const others = found.length > 0 ? await lease.others() : new Set<string>();
  for (const folder of found) if (!others.has(folder)) await lake.remove(`${root}/${folder}`);
}
