import type { Expression, Mlm, Statement } from '../syntax.js';
import type { Outcome } from './run.js';
import { isNegation, isOneText, type TraceNode } from './trace.js';
import { truthOf } from './values.js';

/** A part of a rule whose value decided that the rule did not fire. */
export interface Blocker {
  /**
   * `FALSE`: a condition is not met. `UNKNOWN`: it is NULL. `NOT_REACHED`: what is named here held, and ended the logic
   * before a CONCLUDE that could have fired.
   */
  readonly kind: 'FALSE' | 'UNKNOWN' | 'NOT_REACHED';
  readonly node: TraceNode;
  /** Texts between the braces of READs below it that kept no row. */
  readonly missing: readonly string[];
}

/** Blame goes back over no more assignments than this. */
const farthest = 40;

/**
 * The smallest set of parts whose values decided that a traced run did not conclude TRUE: for each CONCLUDE that could have,
 * the fewest conditions that kept it from it. Of sets equally small, conditions that are not met go before unknown ones.
 * Empty for a run that fired or was not traced.
 */
export function blockers(mlm: Mlm, { concluded, trace }: Outcome): readonly Blocker[] {
  if (concluded === true || !trace) return [];
  return new Blame(mlm, trace).ofRun();
}

/** A statement with the branches that it stands in, from the outermost. */
interface Located {
  readonly statement: Statement;
  readonly path: readonly { readonly statement: Statement; readonly branch: number }[];
}

class Blame {
  readonly #executed = new Map<Statement | Expression, TraceNode>();
  readonly #statements: readonly Located[];
  readonly #notTrue = new Map<TraceNode, readonly Blocker[]>();
  readonly #notFalse = new Map<TraceNode, readonly Blocker[]>();

  constructor(mlm: Mlm, trace: readonly TraceNode[]) {
    this.#statements = [...mlm.data, ...mlm.logic].flatMap((statement) => locate(statement, []));
    const waiting = [...trace];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      this.#executed.set(node.tree, this.#later(node));
      waiting.push(...node.children);
    }
  }

  /** Of what is executed in turns of a loop the last counts, which is found first. */
  #later(node: TraceNode): TraceNode {
    return this.#executed.get(node.tree) ?? node;
  }

  ofRun(): readonly Blocker[] {
    const concludes = this.#statements.filter(({ statement }) => statement.kind === 'conclude');
    return distinct(
      concludes
        .filter(({ statement }) => statement.kind === 'conclude' && canBe(statement.value, true))
        .flatMap((located) => this.#ofStatement(located, true, 0)),
    );
  }

  /** Why a CONCLUDE or an assignment did not give a value that is wanted. */
  #ofStatement(located: Located, wanted: boolean, depth: number): readonly Blocker[] {
    const node = this.#executed.get(located.statement);
    const [value] = node?.children ?? [];
    if (node) return value ? this.#ofValue(value, wanted, depth) : [];
    for (const { statement, branch } of located.path) {
      const outer = this.#executed.get(statement);
      if (!outer) return this.#ofEnd(depth);
      if (statement.kind === 'if') {
        if (outer.taken === branch) continue;
        const earlier = outer.taken !== undefined && outer.taken < branch;
        const condition = statement.branches[earlier ? (outer.taken ?? 0) : branch]?.condition;
        const decided = condition && this.#executed.get(condition);
        return decided ? this.#ofValue(decided, !earlier, depth) : [];
      }
      if (statement.kind === 'switch' && outer.taken === branch) continue;
      const [subject] = outer.children;
      return subject ? [this.#leaf(subject)] : [];
    }
    return this.#ofEnd(depth);
  }

  /** Why the logic had ended: the conditions of the CONCLUDE that ended it, or it itself. */
  #ofEnd(depth: number): readonly Blocker[] {
    const end = this.#statements.find(
      ({ statement }) => statement.kind === 'conclude' && this.#executed.has(statement),
    );
    const node = end && this.#executed.get(end.statement);
    if (!end || !node) return [];
    const held = end.path.flatMap(({ statement, branch }) => {
      const condition = statement.kind === 'if' ? statement.branches[branch]?.condition : undefined;
      const decided = condition && this.#executed.get(condition);
      return decided ? [this.#ofValue(decided, false, depth)] : [];
    });
    return smallest(held.length > 0 ? held : [[this.#leaf(node)]]).map((blocker) => ({
      ...blocker,
      kind: 'NOT_REACHED',
    }));
  }

  /** Why a condition has another value than wanted; what leads back to itself adds nothing. */
  #ofValue(node: TraceNode, wanted: boolean, depth: number): readonly Blocker[] {
    const found = wanted ? this.#notTrue : this.#notFalse;
    const known = found.get(node);
    if (known) return known;
    found.set(node, []);
    const blamed = this.#ofNode(node, wanted, depth);
    found.set(node, blamed);
    return blamed;
  }

  #ofNode(node: TraceNode, wanted: boolean, depth: number): readonly Blocker[] {
    const { tree, children } = node;
    if (depth > farthest) return [this.#leaf(node)];
    if (isJunction(tree)) {
      const culprits = children
        .filter(({ value }) => !value || truthOf(value) !== wanted)
        .map((child) => this.#ofValue(child, wanted, depth + 1));
      if (culprits.length === 0) return [this.#leaf(node)];
      // AND is kept from TRUE, and OR from FALSE, by one operand alone; else by all together.
      return (tree.operator === 'and') === wanted ? smallest(culprits) : distinct(culprits.flat());
    }
    const [operand] = children;
    if (isNegation(tree) && operand) {
      // `x IS PRESENT` is NOT (x IS NULL), which nobody has written.
      if (isOneText(node, operand) && !isJunction(operand.tree))
        return [this.#leaf({ ...node, children: operand.children })];
      return this.#ofValue(operand, !wanted, depth + 1);
    }
    if (tree.kind === 'name') return this.#ofName(node, tree.name, wanted, depth + 1);
    return [this.#leaf(node)];
  }

  /** Goes back to what was assigned to a name, and to the assignments that would have given it the value wanted. */
  #ofName(node: TraceNode, name: string, wanted: boolean, depth: number): readonly Blocker[] {
    const assigned = node.definition?.tree;
    if (assigned?.kind !== 'assign' || assigned.target.path.length > 0) return [this.#leaf(node)];
    const others = this.#statements.filter(
      ({ statement }) =>
        statement.kind === 'assign' &&
        statement.target.name === name &&
        statement !== assigned &&
        canBe(statement.value, wanted),
    );
    const missed = others
      .filter(({ statement }) => !this.#executed.has(statement))
      .flatMap((located) => this.#ofStatement(located, wanted, depth));
    const [value] = node.definition?.children ?? [];
    const own = value && value.tree.kind !== 'constant' ? this.#ofValue(value, wanted, depth) : [];
    const all = distinct([...own, ...missed]);
    return all.length > 0 ? all : [this.#leaf(node)];
  }

  #leaf(node: TraceNode): Blocker {
    const unknown = node.value === null || truthOf(node.value) === null;
    return { kind: unknown ? 'UNKNOWN' : 'FALSE', node, missing: [...missingOf(node, new Set())] };
  }
}

const isJunction = (
  tree: TraceNode['tree'],
): tree is Extract<Expression, { kind: 'operation' }> & { readonly operator: 'and' | 'or' } =>
  tree.kind === 'operation' && (tree.operator === 'and' || tree.operator === 'or');

/** Texts of the READs that a value came from and that kept no row. */
function missingOf(node: TraceNode, seen: Set<TraceNode>): Set<string> {
  const missing = new Set<string>();
  const waiting = [node];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.read && next.read.kept === 0) missing.add(next.read.braces.trim());
    waiting.push(...next.children, ...(next.definition ? [next.definition] : []));
  }
  return missing;
}

/** A statement and those inside of it. */
function locate(statement: Statement, path: Located['path']): readonly Located[] {
  const inside = (body: readonly Statement[], branch: number): readonly Located[] =>
    body.flatMap((inner) => locate(inner, [...path, { statement, branch }]));
  const itself: Located = { statement, path };
  switch (statement.kind) {
    case 'if':
      return [
        itself,
        ...statement.branches.flatMap(({ body }, branch) => inside(body, branch)),
        ...inside(statement.otherwise, statement.branches.length),
      ];
    case 'switch':
      return [
        itself,
        ...statement.cases.flatMap(({ body }, branch) => inside(body, branch)),
        ...inside(statement.otherwise, statement.cases.length),
      ];
    case 'for':
    case 'while':
      return [itself, ...inside(statement.body, 0)];
    default:
      return [itself];
  }
}

/** Whether an expression, by its look alone, may have a truth value. */
function canBe(expression: Expression, wanted: boolean): boolean {
  if (expression.kind !== 'constant') return true;
  return expression.constant.type === 'boolean' && expression.constant.value === wanted;
}

/** The fewest; among equally few those that are not met before unknown ones, then those that stand first. */
function smallest(sets: readonly (readonly Blocker[])[]): readonly Blocker[] {
  const unknowns = (set: readonly Blocker[]): number => set.filter(({ kind }) => kind === 'UNKNOWN').length;
  const [best = []] = [...sets].sort(
    (one, other) => one.length - other.length || unknowns(one) - unknowns(other),
  );
  return best;
}

function distinct(given: readonly Blocker[]): readonly Blocker[] {
  const byTree = new Map<unknown, Blocker>();
  for (const blocker of given) if (!byTree.has(blocker.node.tree)) byTree.set(blocker.node.tree, blocker);
  return [...byTree.values()];
}
