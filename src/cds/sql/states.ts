import { type Meaning, scalar } from './meaning.js';
import { chosenMeaning } from './merge.js';
import { NotCompilable, type ReasonCode } from './reason.js';
import type { Term } from './term.js';
import type { Terms } from './terms.js';

/** What names stand for; a code where that is left to the interpreter. */
export type Names = ReadonlyMap<string, Meaning | ReasonCode>;

/** What holds at a place of a rule, for every patient that comes there. */
export interface State {
  readonly names: Names;
  /** TRUE where the slot has ended. */
  readonly ended: Term;
  /** Value of CONCLUDE where it has ended so; FALSE at the end of the slot. */
  readonly concluded: Term;
}

/** Branches, and what they come to. */
export class States {
  constructor(private readonly terms: Terms) {}

  /** Nothing is assigned yet, and nothing concluded. */
  initial(): State {
    return { names: new Map(), ended: this.terms.false, concluded: this.terms.false };
  }

  /** The path of those for whom the condition is TRUE, and that of all others. */
  paths(path: Term, condition: Term): readonly [Term, Term] {
    const { terms } = this;
    return [
      this.both(path, condition),
      this.both(path, terms.apply('choose', 'boolean', condition, terms.false, terms.true)),
    ];
  }

  /** TRUE where both are, FALSE elsewhere. */
  private both(path: Term, condition: Term): Term {
    const { terms } = this;
    if (path === terms.true) return condition;
    return terms.apply('choose', 'boolean', path, condition, terms.false);
  }

  /** One state where the condition is TRUE, the other elsewhere. */
  either(condition: Term, one: State, other: State): State {
    const { terms } = this;
    const names = new Set([...one.names.keys(), ...other.names.keys()]);
    const choose = (left: Term, right: Term): Term =>
      terms.apply('choose', 'boolean', condition, left, right);
    return {
      names: new Map(
        [...names].map((name) => [name, this.name(condition, one.names.get(name), other.names.get(name))]),
      ),
      ended: choose(one.ended, other.ended),
      concluded: choose(one.concluded, other.concluded),
    };
  }

  private name(
    condition: Term,
    one: Meaning | ReasonCode | undefined,
    other: Meaning | ReasonCode | undefined,
  ): Meaning | ReasonCode {
    if (typeof one === 'string') return one;
    if (typeof other === 'string') return other;
    const nothing = scalar(this.terms.null);
    try {
      return chosenMeaning(this.terms, condition, one ?? nothing, other ?? nothing);
    } catch (error) {
      if (error instanceof NotCompilable) return error.code;
      throw error;
    }
  }
}
