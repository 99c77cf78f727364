import type { GoldBuilder } from '../../measures/source.js';
import type { Dialect } from '../../warehouse/dialect.js';
import type { Narrow } from '../../warehouse/narrowed.js';
import type { Time } from '../arden/value.js';
import type { Rules } from '../rules/read-rules.js';
import type { Before } from './carry.js';

/** What is evaluated, over which release, and when. */
export interface Evaluation {
  readonly rules: Rules;
  /** Names of the rules that are run; all that are not expired by default. */
  readonly only?: readonly string[];
  /** Every rule is run by the interpreter; else those alone that no statement can run. */
  readonly interpret?: boolean;
  readonly now: Time;
  readonly runId: string;
  readonly gold: GoldBuilder;
  readonly dialect: Dialect;
  /** The release whose results go on; undefined where there is none, or where it was run as of a later time. */
  readonly before: Before | undefined;
  /** As in `Narrow`. Absent where the tables of results are not those of the release before. */
  readonly narrow?: Narrow;
  readonly elapsed: () => number;
  readonly progress?: (rule: string, done: number, total: number) => void;
}

/** What a rule said of the patients of a release. */
export interface Said {
  readonly fired: number;
  /** Rows that it read of those for whom it fires. */
  readonly rows: number;
  /** Patients for whom it comes to no decision. */
  readonly undecided: number;
  /** Those of the undecided whose run by the interpreter ended before its time, or with an error. */
  readonly failed: number;
}
