import type { Span } from '../syntax.js';
import type { Value } from '../value.js';
import type { Reckoning } from './operators/operation.js';
import type { Tracer } from './trace.js';

/** Something to tell about a run; the run has gone on, or has ended undecided where it says so. */
export interface RunDiagnostic {
  /**
   * `STEPS`: too many turns of loops; `WORK`: too much to reckon; `DEPTH`: nested too deeply, all of which end the run.
   * `UNBOUND`: nothing is bound to the text between braces; `CALL`: an MLM that is not known, or is called too deeply;
   * `TYPE`: an object type that is not declared. `TRACE`: more happened than the trace has.
   */
  readonly code: 'STEPS' | 'WORK' | 'DEPTH' | 'UNBOUND' | 'CALL' | 'TYPE' | 'TRACE';
  readonly message: string;
  readonly span?: Span;
}

/** Ends a run; never leaves this folder. */
export class RunEnded extends Error {
  constructor(readonly diagnostic: RunDiagnostic) {
    super(diagnostic.message);
  }
}

export interface Written {
  readonly text: string;
  readonly destination?: string;
}

/** A call of an MLM or an event, run or not. */
export interface Called {
  /** Name of the MLM; of an event the text between its braces; of what was never declared the name used. */
  readonly mlm: string;
  /** A duration, as given. */
  readonly delay?: Value;
  readonly arguments: readonly Value[];
}

/** Rows that a READ kept: those that its aggregate chose, if it chooses rows, else those that its WHERE kept. */
export interface Evidence {
  /** What was assigned to, as written. */
  readonly targets: readonly string[];
  readonly braces: string;
  readonly span: Span;
  /** Keys of rows, in the order of the rows; a row without key is not named. */
  readonly keys: readonly string[];
}

export interface Limits {
  /** Turns of loops. */
  readonly steps: number;
  /** Elements and characters looked at, about: bounds time and memory. */
  readonly work: number;
}

export const defaultLimits: Limits = { steps: 100_000, work: 4_000_000 };

/** Of one unbound text or unknown name one diagnostic is enough. */
const mostDiagnostics = 100;

/** What a run of an MLM, and of those that it calls, has done. */
export class Session {
  readonly written: Written[] = [];
  readonly calls: Called[] = [];
  readonly evidence: Evidence[] = [];
  readonly diagnostics: RunDiagnostic[] = [];
  /** How deep the MLM that runs was called. */
  depth = 0;
  readonly reckoning: Reckoning;
  #steps = 0;
  #work = 0;

  constructor(
    readonly limits: Limits,
    ignoreCase: boolean,
    readonly tracer: Tracer | undefined,
  ) {
    this.reckoning = { ignoreCase, charge: (work) => this.#charge(work) };
  }

  /** One turn of a loop. */
  step(span: Span): void {
    this.#steps += 1;
    if (this.#steps > this.limits.steps) {
      throw new RunEnded({
        code: 'STEPS',
        message: `Loops have turned ${this.limits.steps} times. The run ends undecided.`,
        span,
      });
    }
  }

  diagnose(diagnostic: RunDiagnostic): void {
    const known = this.diagnostics.some(
      ({ code, message }) => code === diagnostic.code && message === diagnostic.message,
    );
    if (!known && this.diagnostics.length < mostDiagnostics) this.diagnostics.push(diagnostic);
  }

  #charge(work: number): void {
    this.#work += work;
    if (this.#work > this.limits.work) {
      throw new RunEnded({
        code: 'WORK',
        message:
          'The lists and texts of the rule have grown too large to reckon with. The run ends undecided.',
      });
    }
  }
}
