import type { Span } from '../arden/syntax.js';

/** Why a rule, or a part of it, is left to the interpreter. */
export const reasonTexts = {
  AGGREGATE: 'this function of a list is not computed over sets',
  BRACES: 'the text between braces names no fact',
  CALL: 'another module or interface is called',
  CLOCK:
    'the time of the event or of the trigger is not known in a batch, and the wall clock is not repeatable',
  DURATION: 'the length of a duration in months is known only from the data',
  LIST: 'a list stands where one value is needed',
  LISTS: 'two lists of different rows meet',
  LOOP: 'a loop',
  NAME: 'a name without a value that is known over sets',
  OBJECT: 'objects',
  OPERATOR: 'this operator is not computed over sets',
  ORDER: 'the order of the elements is no longer that of the rows',
  TEXT: 'a text made by the rule is compared or computed with',
  TIME: 'times of different kinds meet in one variable',
  TYPE: 'the types of the operands do not go together',
} as const;

export type ReasonCode = keyof typeof reasonTexts;

/** What is not set-compilable: the kind of statement, and the place in the file. */
export interface Reason {
  readonly code: ReasonCode;
  readonly statement: string;
  readonly span: Span;
}

/** Ends the compilation of a statement. */
export class NotCompilable extends Error {
  constructor(
    readonly code: ReasonCode,
    readonly span?: Span,
  ) {
    super(reasonTexts[code]);
  }

  /** The same at a place, unless it has one. */
  at(span: Span): NotCompilable {
    return this.span ? this : new NotCompilable(this.code, span);
  }
}
