import type { Host } from '../host.js';
import type { Value } from '../value.js';
import type { Session } from './session.js';
import type { TraceNode } from './trace.js';

/** What CALL may call, by the variable that holds it. */
export type Callee =
  | { readonly kind: 'mlm'; readonly name: string }
  | { readonly kind: 'interface'; readonly braces: string }
  | { readonly kind: 'event'; readonly braces: string };

/** The state of one MLM that runs. */
export interface Frame {
  readonly host: Host;
  readonly session: Session;
  readonly programs: Programs;
  /** By the number of the name; undefined where nothing was assigned. */
  readonly values: (Value | undefined)[];
  readonly callees: Map<number, Callee>;
  /** The trace of the statement that last assigned to a name. */
  readonly definitions: (TraceNode | undefined)[];
  /** IT: the left operand of the WHERE that is looked at. */
  it: Value;
  concluded: Value | undefined;
  returned: readonly Value[];
}

/** What one MLM came to. */
export interface Result {
  /** What was concluded; undefined where no CONCLUDE was reached. */
  readonly concluded: Value | undefined;
  readonly returned: readonly Value[];
  readonly urgency: Value;
  readonly variables: () => ReadonlyMap<string, Value>;
}

/** A prepared MLM. Throws `RunEnded` where the session says so, and nothing else. */
export type Program = (host: Host, session: Session, programs: Programs) => Result;

/** Prepared MLMs by their names in lower case. */
export type Programs = (name: string) => Program | undefined;

/** A prepared expression. */
export type Evaluate = (frame: Frame) => Value;

/** How a statement ends: with the next one, with that after the loop, or with the end of the slot. */
export type Signal = 'next' | 'break' | 'stop';

/** A prepared statement. */
export type Execute = (frame: Frame) => Signal;
