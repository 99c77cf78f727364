import type { Narrow } from '../warehouse/narrowed.js';
import type { Engine } from './engine.js';

/** What came of a rule of decision support, for the report. */
export interface RuleLine {
  readonly rule: string;
  /** Patients that were looked at, for whom it fires, and for whom it comes to no decision. */
  readonly evaluated: number;
  readonly fired: number;
  readonly undecided: number;
  /** Those of the undecided whose run by the interpreter did not come to its end. */
  readonly failed: number;
  /** What ran it. */
  readonly engine: 'statement' | 'interpreter';
  /** Rows that it read of those for whom it fires. */
  readonly rows: number;
  readonly milliseconds: number;
  /** Code of the error with which it ended. */
  readonly failure?: string;
}

/** A release whose tables are there, in use as catalogue `gold`, and that nobody sees yet. */
export interface ReleaseInTheMaking {
  readonly engine: Engine;
  readonly runId: string;
  readonly dataAsOf: string;
  /** File of the release before; undefined where there is none to go on from. */
  readonly previous: string | undefined;
  /** The patients who are to be looked at again, with the queries by which it is found out. Absent where all are. */
  readonly narrow?: Narrow;
  readonly progress: (detail: string, done: number, total: number) => void;
}

/**
 * Who fills tables of a release from its other tables. They hold what the release before had, where this one is a correction
 * of it, or nothing.
 */
export interface ReleaseResults {
  /** Digest of what they are made by: another one makes a new release from the same data. */
  readonly digest: string;
  fill(release: ReleaseInTheMaking): Promise<readonly RuleLine[]>;
}
