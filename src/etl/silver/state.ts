import { MaplewoodError } from '../../errors.js';
import type { Lake } from '../../lake/lake.js';
import type { Lease } from '../../lake/lease.js';
import type { FhirState } from '../fhir/load.js';
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
  /** Where FHIR was ever delivered. */
  readonly fhir?: FhirState;
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
  ...(state.fhir ? [state.fhir.refused] : []),
  ...Object.values(state.logs)
    .flat()
    .flatMap(({ rows, fates, kinds, items, keys, folded }) =>
      [rows, fates, kinds, items ?? [], keys ?? [], folded ?? []].flat(),
    ),
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
  const state = await parsedState(lake, run);
  if (state === undefined) return { damaged: file };
  const seals: Seals | undefined = state.seals;
  if (seals === undefined || filesOf(state).some((name) => seals[name] === undefined))
    return { damaged: file };
  const damaged = await damagedFile(lake, seals);
  return damaged === undefined ? { state } : { damaged };
}

/**
 * Removes the folders that the newest release does not need, unless they are of a run that may still write. `newest`
 * gives the run whose state that release was made from, and is asked last: a run that has ended since the folders were
 * listed has published what it will.
 */
export async function tidySilver(
  lake: Lake,
  lease: Lease,
  newest: () => Promise<string | undefined>,
  gone: (name: string) => Promise<void> = (name) => lake.remove(name),
): Promise<void> {
  const found = await lake.list(root);
  const others = await lease.others();
  const run = await newest();
  const needed = new Set<string | undefined>(run === undefined ? [] : [run]);
  const state = run === undefined ? undefined : await parsedState(lake, run);
  for (const file of state ? filesOf(state) : []) needed.add(file.split('/')[1]);
  for (const folder of found) if (!needed.has(folder) && !others.has(folder)) await gone(`${root}/${folder}`);
}

/** The state as it was committed; undefined if it is gone or damaged. */
async function parsedState(lake: Lake, run: string): Promise<SilverState | undefined> {
  if (!(await lake.exists(stateFile(run)))) return undefined;
  try {
    return (await lake.readJson(stateFile(run))) as SilverState;
  } catch (error) {
    if (error instanceof MaplewoodError) return undefined;
    throw error;
  }
}
