import type { LoadContext } from '../../loaders/load.js';
import { acknowledgementsOf } from './acknowledgements.js';
import { type DetailsReader, detailsReader } from './details.js';
import { type EvidenceReader, evidenceReader } from './evidence.js';
import { type ExplanationsReader, explanationsReader } from './explanations.js';
import type { ActsReader } from './known-acts.js';
import { lastRuns } from './rule-runs.js';
import { type SubjectsReader, subjectsReader } from './subjects.js';

/** Reads what stands beside the columns of results, each by the keys of results that the caller may see. */
export interface ResultReaders {
  readonly acknowledgements: (
    keys: readonly Uint8Array[],
    context: LoadContext,
  ) => Promise<ReturnType<typeof acknowledgementsOf>>;
  readonly subjects: SubjectsReader;
  readonly runs: typeof lastRuns;
  /** Of those who see what results say of patients. */
  readonly values?: ValueReaders;
}

export interface ValueReaders {
  readonly details: DetailsReader;
  readonly explanations: ExplanationsReader;
  readonly evidence: EvidenceReader;
}

/** `listed`: three-character categories of diagnoses that are shown to nobody. */
export const resultReaders = (
  acts: Pick<ActsReader, 'latest'>,
  listed: ReadonlySet<string>,
): Required<ResultReaders> => ({
  acknowledgements: async (keys, context) => acknowledgementsOf(keys, await acts.latest(), context),
  subjects: subjectsReader,
  runs: lastRuns,
  values: {
    details: detailsReader(listed),
    explanations: explanationsReader(listed),
    evidence: evidenceReader,
  },
});
