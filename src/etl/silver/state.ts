import type { Lake } from '../../lake/lake.js';
import type { FhirState } from '../fhir/load.js';
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
}

const root = 'silver';
/** Folder of the files that a run adds. */
export const silverFolder = (run: string): string => `${root}/${run}`;
const stateFile = (run: string): string => `${silverFolder(run)}/state.json`;

/** Files that the state of a run consists of. */
const filesOf = (state: SilverState): string[] => [
  state.patients,
  ...(state.fhir ? [state.fhir.refused] : []),
  ...Object.values(state.logs)
    .flat()
    .flatMap(({ rows, fates, keys, folded }) => [rows, fates, keys ?? [], folded ?? []].flat()),
];

/** Commits the state; a release names the run. */
export const writeState = (lake: Lake, state: SilverState): Promise<boolean> =>
  lake.putIfAbsent(stateFile(state.run), state);

/** The state of a run, or undefined if it or one of its files is gone: silver is then made from bronze. */
export async function readState(lake: Lake, run: string): Promise<SilverState | undefined> {
  if (!(await lake.exists(stateFile(run)))) return undefined;
  const state = (await lake.readJson(stateFile(run))) as SilverState;
  for (const file of filesOf(state)) if (!(await lake.exists(file))) return undefined;
  return state;
}

/** Removes the folders that none of the states needs. `remove` gets names in the lake. */
export async function tidySilver(
  lake: Lake,
  states: readonly SilverState[],
  remove: (name: string) => Promise<void> = (name) => lake.remove(name),
): Promise<void> {
  const needed = new Set(
    states.flatMap((state) => [stateFile(state.run), ...filesOf(state)]).map((file) => file.split('/')[1]),
  );
  for (const folder of await lake.list(root)) if (!needed.has(folder)) await remove(`${root}/${folder}`);
}
