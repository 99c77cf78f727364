/** The tests that find errors, by the name of what they ask for. Those that ask random questions say how many it took. */
export const suites = {
  measures: { files: ['test/loaders/planner.property.test.ts'], name: '^answers ', random: true },
  people: { files: ['test/loaders/people.property.test.ts'], name: '^(answers|finds) ', random: true },
  tables: { files: ['test/loaders/tables.property.test.ts'], name: '^answers ', random: true },
  rules: { files: ['test/cds/proof/proof.test.ts'], name: '^interpreter and statements ', random: true },
  clock: { files: ['test/cds/proof/clock-changes.test.ts'], name: '', random: false },
  tokens: {
    files: ['test/server/authentication', 'test/config/serving.test.ts', 'test/config/environment.test.ts'],
    name: '',
    random: false,
  },
  pseudonyms: {
    files: ['pseudonym', 'recipient-token', 'keys'].map((test) => `test/access/${test}.test.ts`),
    name: '',
    random: false,
  },
  'k-anonymity': { files: ['test/etl/gold/generalise.test.ts'], name: '', random: false },
} as const;

export type Suite = keyof typeof suites;

/** A mistake that somebody could make: one text of one source file in place of another. */
export interface PlantedError {
  /** What it makes of an answer, as a sentence without a full stop. */
  readonly error: string;
  /** Source file, below `src`. */
  readonly file: string;
  /** Text that stands in the file exactly once. */
  readonly was: string;
  readonly becomes: string;
  /** The test that must find it; that of measures by default. */
  readonly by?: Suite;
  /** Datasets of measures in which it shows, by key: the others are not asked about. */
  readonly of?: string;
  /** It changes how marts are filled, so that the worlds of the test have to be published again. */
  readonly inMarts?: true;
}

/** Errors by the clause of a question, or the stage of a plan, that they are in. */
export type PlantedErrors = Readonly<Record<string, readonly PlantedError[]>>;
