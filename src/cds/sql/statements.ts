import type { Expression, Span, Statement } from '../arden/syntax.js';
import type { Time } from '../arden/value.js';
import type { Registry } from '../facts/registry.js';
import { compileExpression, type Scope } from './expression.js';
import { constantOf, type Meaning, scalar, single } from './meaning.js';
import { compileRead, type Read } from './reads.js';
import { NotCompilable, type Reason } from './reason.js';
import { type Names, type State, States } from './states.js';
import { plainName, targetsOf } from './targets.js';
import { isBoolean, isTime, type Term } from './term.js';
import type { Terms } from './terms.js';

/** A READ that is reached where the guard is TRUE. */
export interface GuardedRead extends Read {
  readonly guard: Term;
}

/** A WRITE or RETURN, and where it is reached. */
export interface Output {
  readonly kind: 'write' | 'return';
  readonly guard: Term;
  readonly values: readonly Meaning[];
  /** Text between the braces of the DESTINATION. */
  readonly destination?: string;
}

/** What a rule is compiled with. */
export interface Surroundings {
  readonly terms: Terms;
  readonly now: Time;
  readonly texts: Readonly<Record<string, string>>;
  /** In version 1 FIRST and LAST go by time. */
  readonly isVersion1: boolean;
  readonly registry: Registry;
}

type Case = { readonly condition: (scope: Scope) => Meaning; readonly body: readonly Statement[] };

/**
 * Runs the statements of a rule on terms in place of values. A name assigned in branches is one value chosen by the
 * condition, and what comes after a branch that has ended is run for the others alone. A statement that is left to the
 * interpreter leaves a reason, and whatever it assigns is unknown.
 */
export class Compilation {
  readonly reasons: Reason[] = [];
  readonly reads: GuardedRead[] = [];
  readonly outputs: Output[] = [];
  private readonly destinations = new Map<string, string>();
  private readonly states: States;

  constructor(private readonly given: Surroundings) {
    this.states = new States(given.terms);
  }

  /** `path` is TRUE for the patients that come here. */
  run(statements: readonly Statement[], from: State, path: Term = this.given.terms.true): State {
    let state = from;
    for (const [at, statement] of statements.entries()) {
      if (isBoolean(state.ended, true)) return state;
      const cases = casesOf(statement);
      if (cases) return this.branch(cases, statement, statements.slice(at + 1), state, path);
      const before = state;
      state = this.refusing(statement, before, () => this.step(statement, before, path));
    }
    return state;
  }

  /** What is made; where it cannot be compiled, notes why and gives nothing. */
  attempt<T>(span: Span, statement: string, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof NotCompilable)) throw error;
      this.reasons.push({ code: error.code, statement, span: error.span ?? span });
      return undefined;
    }
  }

  scope({ names }: State): Scope {
    return { ...this.given, names };
  }

  /** Runs what makes a state; where it cannot be compiled, notes why. */
  private refusing(statement: Statement, state: State, make: () => State): State {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof NotCompilable)) throw error;
      const { code, span = statement.span } = error;
      this.reasons.push({ code, statement: statement.kind, span });
      return assigning(state, targetsOf([statement]), code);
    }
  }

  /** IF and SWITCH, and all that comes after: it is run once, for those who get there. */
  private branch(
    [first, ...others]: readonly Case[],
    statement: Statement,
    rest: readonly Statement[],
    state: State,
    path: Term,
  ): State {
    if (!first) return this.run([...otherwiseOf(statement), ...rest], state, path);
    let condition: Term | undefined;
    const refused = this.refusing(statement, state, () => {
      condition = truth(first.condition(this.scope(state)));
      return state;
    });
    if (!condition) return this.run(rest, refused, path);
    const [there, elsewhere] = this.states.paths(path, condition);
    const then = this.run(first.body, state, there);
    const otherwise = this.branch(others, statement, [], state, elsewhere);
    if (isBoolean(then.ended, true) || isBoolean(otherwise.ended, true))
      return this.states.either(
        condition,
        this.goOn(rest, then, there),
        this.goOn(rest, otherwise, elsewhere),
      );
    return this.goOn(rest, this.states.either(condition, then, otherwise), path);
  }

  /** What comes next, for those alone for whom the slot has not ended. */
  private goOn(rest: readonly Statement[], state: State, path: Term): State {
    const { terms } = this.given;
    if (rest.length === 0 || isBoolean(state.ended, true)) return state;
    if (isBoolean(state.ended, false)) return this.run(rest, state, path);
    const [, going] = this.states.paths(path, state.ended);
    return this.states.either(state.ended, state, this.run(rest, { ...state, ended: terms.false }, going));
  }

  private step(statement: Statement, state: State, path: Term): State {
    const scope = this.scope(state);
    switch (statement.kind) {
      case 'assign': {
        const name = plainName(statement.target);
        const value = compileExpression(statement.value, scope);
        return assigning(state, [name], statement.time ? this.timed(state, name, value) : value);
      }
      case 'read': {
        const { read, meanings } = compileRead(statement, scope, this.given.registry);
        this.reads.push({ ...read, guard: path });
        const names = statement.targets.map(plainName);
        return names.reduce(
          (assigned, name, at) => assigning(assigned, [name], meanings[at] ?? 'NAME'),
          state,
        );
      }
      case 'declare':
        if (statement.what === 'destination')
          this.destinations.set(plainName(statement.target), statement.braces.text);
        return assigning(state, [plainName(statement.target)], 'NAME');
      case 'mlm':
        return assigning(state, [plainName(statement.target)], 'CALL');
      case 'object':
        return assigning(state, [plainName(statement.target)], 'OBJECT');
      case 'conclude': {
        const value = truth(compileExpression(statement.value, scope));
        return { ...state, ended: this.given.terms.true, concluded: value };
      }
      case 'write':
        if (hasTemplate(statement.value)) throw new NotCompilable('TEXT', statement.value.span);
        this.output(path, 'write', [compileExpression(statement.value, scope)], statement.at);
        return state;
      case 'return':
        this.output(
          path,
          'return',
          statement.values.map((value) => compileExpression(value, scope)),
        );
        return { ...state, ended: this.given.terms.true };
      case 'argument':
      case 'include':
      case 'call':
        throw new NotCompilable('CALL');
      case 'for':
      case 'while':
      case 'breakloop':
        throw new NotCompilable('LOOP');
      case 'assign each': {
        const value = compileExpression(statement.value, scope);
        if (value.kind === 'rows') throw new NotCompilable('LIST');
        const items = value.kind === 'elements' ? value.items : [value];
        const nothing = scalar(this.given.terms.null);
        return statement.targets
          .map(plainName)
          .reduce((assigned, name, at) => assigning(assigned, [name], items[at] ?? nothing), state);
      }
      case 'if':
      case 'switch':
        throw new Error(`${statement.kind} is no single step`);
    }
  }

  private output(guard: Term, kind: Output['kind'], values: readonly Meaning[], at?: Expression): void {
    for (const value of values) if (constantOf(value) === undefined) single(value);
    const destination = at?.kind === 'name' ? this.destinations.get(at.name) : undefined;
    if (at && destination === undefined) throw new NotCompilable('NAME', at.span);
    if (isBoolean(guard, false)) return;
    this.outputs.push({ kind, guard, values, ...(destination === undefined ? {} : { destination }) });
  }

  /** `TIME OF x := t` */
  private timed(state: State, name: string, time: Meaning): Meaning {
    const held = state.names.get(name);
    const { value } = single(time);
    if (typeof held === 'string') throw new NotCompilable(held);
    if (held?.kind !== 'scalar' || !(isTime(value) || value.type === 'null'))
      throw new NotCompilable('OPERATOR');
    return { ...held, time: value.type === 'null' ? null : value };
  }
}

/** The branches of IF and SWITCH. */
function casesOf(statement: Statement): readonly Case[] | undefined {
  if (statement.kind === 'if')
    return statement.branches.map(({ condition, body }) => ({
      condition: (scope) => compileExpression(condition, scope),
      body,
    }));
  if (statement.kind !== 'switch') return undefined;
  return statement.cases.map(({ value, body }) => ({
    condition: (scope) => equal(statement.value, value, scope),
    body,
  }));
}

const otherwiseOf = (statement: Statement): readonly Statement[] =>
  statement.kind === 'if' || statement.kind === 'switch' ? statement.otherwise : [];

const assigning = (state: State, names: readonly string[], value: Meaning | Reason['code']): State => ({
  ...state,
  names: new Map([...state.names, ...names.map((name) => [name, value] as const)]) satisfies Names,
});

/** A condition, or what CONCLUDE says. */
function truth(meaning: Meaning): Term {
  const { value } = single(meaning);
  if (value.type !== 'boolean' && value.type !== 'null') throw new NotCompilable('TYPE');
  if (value.late) throw new NotCompilable('TEXT');
  return value;
}

function equal(left: Expression, right: Expression, scope: Scope): Meaning {
  const span = right.span;
  return compileExpression({ kind: 'operation', operator: '=', operands: [left, right], span }, scope);
}

/** Texts with `|| name ||` inside of them are filled in when they are written. */
function hasTemplate(expression: Expression): boolean {
  if (expression.kind === 'constant')
    return expression.constant.type === 'string' && expression.constant.value.includes('||');
  return expression.kind === 'operation' && expression.operands.some(hasTemplate);
}
