import type { Host } from '../host.js';
import type { Mlm } from '../syntax.js';
import type { Value } from '../value.js';
import type { Program, Programs, Result } from './frame.js';
import { type Modules, prepareProgram } from './prepare.js';
import {
  type Called,
  defaultLimits,
  type Evidence,
  type Limits,
  type RunDiagnostic,
  RunEnded,
  Session,
  type Written,
} from './session.js';
import { type TraceNode, Tracer } from './trace.js';
import { nothing, truthOf } from './values.js';

export interface RunOptions extends Partial<Limits> {
  /** Keep what was evaluated, for the explanation. */
  readonly trace?: boolean;
  /** `=` and its like take upper and lower case for the same; else they do not. */
  readonly ignoreCase?: boolean;
  /** Finds MLMs for CALL and INCLUDE. */
  readonly modules?: Modules;
}

/** What a run of an MLM for one patient came to. */
export interface Outcome {
  /**
   * TRUE, and the action slot was run; FALSE, also where the end of the logic slot was reached; `null` where it is
   * undecided: NULL or no single truth value was concluded, or the run was ended.
   */
  readonly concluded: boolean | null;
  readonly returned: readonly Value[];
  readonly written: readonly Written[];
  readonly calls: readonly Called[];
  /** Value of the urgency slot at the end of the logic slot. */
  readonly urgency: Value;
  /** By their names, as they were at the end. */
  readonly variables: ReadonlyMap<string, Value>;
  readonly evidence: readonly Evidence[];
  readonly diagnostics: readonly RunDiagnostic[];
  readonly trace?: readonly TraceNode[];
}

/**
 * Prepares an MLM to be run for many patients. What it gives never throws, whatever the tree and the rows are, and always
 * comes to an end; as long as the host does.
 */
export function prepare(mlm: Mlm, options: RunOptions = {}): (host: Host) => Outcome {
  const { modules = () => undefined, trace = false, ignoreCase = false } = options;
  const programs = new Map<string, Program | undefined>();
  const limits = { ...defaultLimits, ...definedLimits(options) };
  const program = prepareProgram(mlm, modules, trace);
  const called = (name: string): Program | undefined => {
    if (!programs.has(name)) {
      const found = modules(name);
      programs.set(name, found && prepareProgram(found, modules, false));
    }
    return programs.get(name);
  };
  return (host) => {
    const tracer = trace ? new Tracer() : undefined;
    const session = new Session(limits, ignoreCase, tracer);
    return outcomeOf(program, host, session, called);
  };
}

/** Runs an MLM for one patient. */
export function run(mlm: Mlm, host: Host, options: RunOptions = {}): Outcome {
  return prepare(mlm, options)(host);
}

function definedLimits({ steps, work }: RunOptions): Partial<Limits> {
  return { ...(steps === undefined ? {} : { steps }), ...(work === undefined ? {} : { work }) };
}

function outcomeOf(program: Program, host: Host, session: Session, programs: Programs): Outcome {
  let result: Result | undefined;
  try {
    result = program(host, session, programs);
  } catch (error) {
    session.diagnostics.push(endOf(error));
  }
  const { written, calls, evidence, diagnostics, tracer } = session;
  if (tracer && !tracer.complete)
    diagnostics.push({
      code: 'TRACE',
      message: 'More happened than is kept: the trace lacks what came last.',
    });
  const concluded = result ? decisionOf(result.concluded) : null;
  return {
    concluded,
    returned: result?.returned ?? [],
    written: result ? written : [],
    calls,
    urgency: result?.urgency ?? nothing,
    variables: result?.variables() ?? new Map(),
    evidence,
    diagnostics,
    ...(tracer ? { trace: tracer.roots } : {}),
  };
}

/** A run that ended before its time decides nothing. */
function endOf(error: unknown): RunDiagnostic {
  if (error instanceof RunEnded) return error.diagnostic;
  if (error instanceof RangeError)
    return { code: 'DEPTH', message: 'The rule is nested too deeply. The run ends undecided.' };
  throw error;
}

function decisionOf(concluded: Value | undefined): boolean | null {
  return concluded === undefined ? false : truthOf(concluded);
}
