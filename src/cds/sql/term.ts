import type { Operator } from '../arden/syntax.js';
import type { Datum } from '../arden/value.js';
import type { FactReference } from '../facts/fact.js';

/**
 * Types of the intermediate form. A time has the form that its column has: a `day`, an `instant` in UTC or a `wall` clock
 * that arithmetic made; a constant `time` takes any of them. Durations are numbers of `months` or of `seconds`.
 */
export type TermType =
  | 'null'
  | 'boolean'
  | 'number'
  | 'string'
  | 'day'
  | 'instant'
  | 'wall'
  | 'time'
  | 'months'
  | 'seconds'
  | 'key';

/** The rows of one fact and its conditions: READs of the same rows share it. */
export interface RowSource {
  readonly id: number;
  readonly reference: FactReference;
}

/** What happens to the rows before they are aggregated, in this order. */
export type Step =
  /** Keeps rows of which the condition is TRUE. `scanned`: written by the author of the rule, so the scan filters by it. */
  | { readonly kind: 'where'; readonly condition: Term; readonly scanned: boolean }
  /** Keeps the first or last n rows by primary time and row key. */
  | { readonly kind: 'first' | 'last'; readonly n: number };

export interface Pipeline {
  readonly source: RowSource;
  readonly steps: readonly Step[];
}

/** Functions of the rows of a pipeline. Nulls are left out by all but `tally`, which counts rows; no row: null, or 0. */
export type SetFunction = 'tally' | 'total' | 'minimum' | 'maximum' | 'median' | 'stddev' | 'variance';

/** Which row is picked: by an expression if given, then primary time and row key. */
export interface PickOrder {
  readonly from: 'first' | 'last';
  readonly by?: { readonly term: Term; readonly descending: boolean };
}

/** Operations of the intermediate form. Booleans have three values as in SQL. */
export type Op =
  | 'and'
  | 'or'
  | 'not'
  | 'is null'
  | Comparison
  /** condition, value if it is TRUE, value otherwise */
  | 'choose'
  | '+'
  | '-'
  | '*'
  /** null where the divisor is 0 */
  | '/'
  | 'abs'
  | 'floor'
  | 'ceiling'
  | 'sqrt'
  | 'to instant'
  | 'to wall'
  | 'to day'
  /** day, whole days (a literal) */
  | 'add days'
  /** day or wall clock, whole months (a literal) */
  | 'add months'
  /** wall clock, seconds */
  | 'add seconds'
  /** from, to: wall clocks */
  | 'seconds between'
  | 'year'
  | 'month'
  | 'day of month';

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

interface Common {
  readonly id: number;
  readonly type: TermType;
  /** Rows that it is computed for each of; undefined: one value a patient. */
  readonly source: RowSource | undefined;
  /** It is computed in TypeScript from columns of the result: a text that is only shown. */
  readonly late: boolean;
}

export type Term = Common &
  (
    | { readonly kind: 'literal'; readonly datum: Datum }
    /** A primary time that is not computed over sets. */
    | { readonly kind: 'unavailable' }
    /** A column of a row; `row_key` and `primary_time` are those of the row itself. */
    | { readonly kind: 'column'; readonly column: string }
    | {
        readonly kind: 'aggregate';
        readonly function: SetFunction;
        readonly pipeline: Pipeline;
        readonly value: Term | undefined;
      }
    | { readonly kind: 'pick'; readonly order: PickOrder; readonly pipeline: Pipeline; readonly value: Term }
    | { readonly kind: 'apply'; readonly op: Op; readonly operands: readonly Term[] }
    /** An operator of the language, by the interpreter. */
    | { readonly kind: 'late'; readonly operator: Operator; readonly operands: readonly Term[] }
  );

export type Literal = Extract<Term, { kind: 'literal' }>;

export const isLiteral = (term: Term): term is Literal => term.kind === 'literal';

export const isTime = ({ type }: Term): boolean =>
  type === 'day' || type === 'instant' || type === 'wall' || type === 'time';

export const isDuration = ({ type }: Term): boolean => type === 'months' || type === 'seconds';

/** True for a literal of that boolean. */
export const isBoolean = (term: Term, value: boolean): boolean =>
  term.kind === 'literal' && term.datum.type === 'boolean' && term.datum.value === value;

/** Terms that a term is made of, for each of its rows or for the patient. */
export function partsOf(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'literal':
    case 'unavailable':
    case 'column':
      return [];
    case 'apply':
    case 'late':
      return term.operands;
    case 'aggregate':
      return [...stepTerms(term.pipeline), ...(term.value ? [term.value] : [])];
    case 'pick':
      return [...stepTerms(term.pipeline), term.value, ...(term.order.by ? [term.order.by.term] : [])];
  }
}

/** Conditions of the steps. */
export const stepTerms = ({ steps }: Pipeline): Term[] =>
  steps.flatMap((step) => (step.kind === 'where' ? [step.condition] : []));

/** Two pipelines with the same text have the same rows in the same order. */
export const pipelineKey = ({ source, steps }: Pipeline): string =>
  [source.id, ...steps.map(stepKey)].join(' ');

export const stepKey = (step: Step): string =>
  step.kind === 'where' ? `where:${step.condition.id}` : `${step.kind}:${step.n}`;
