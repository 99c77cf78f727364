import type { Around } from './around.js';
import { type Cell, type CellFigures, type Intervals, isExposed } from './cell.js';
import type { Group } from './lattice.js';
import { lengthOf } from './series.js';

/** Chooses which figures are withheld for hidden ones, and knows what is secret already. */
export class Choice {
  private readonly secret: Uint8Array;
  /** How many of a group are secret, its whole among them: of groups that were looked at. */
  private readonly secrets = new Map<Group, number>();
  /** Around these nothing is left to choose: what is withheld stays so. */
  private readonly barren: Uint8Array;

  constructor(
    private readonly cells: readonly Cell[],
    private readonly around: Around,
    private readonly figures: CellFigures,
    withheld: ReadonlySet<number>,
  ) {
    this.secret = figures.hidden.slice();
    this.barren = new Uint8Array(cells.length);
    for (const at of withheld) this.secret[at] = 1;
  }

  /** A figure to withhold for one that the attacker narrows; undefined where all around is secret. */
  whatExposes(at: number, known: Intervals): number | undefined {
    const chosen = this.alongTheWay(at, known) ?? this.nearest(at);
    if (chosen !== undefined) {
      this.secret[chosen] = 1;
      for (const group of this.groupsAround(chosen)) this.secrets.delete(group);
    }
    return chosen;
  }

  /** A figure that is hidden, and what is hidden or zero in the groups around it. */
  secretsAround(at: number): number[] {
    return [at, ...this.groupsAround(at).flatMap(membersOf)].filter((one) => !this.isShown(one));
  }

  /** Released, and not zero. */
  isShown(at: number): boolean {
    return this.secret[at] === 0 && this.cells[at]?.open === false && (this.figures.values[at] ?? 0) > 0;
  }

  /**
   * In the group that narrows a figure: the best of its parts that is shown, and then the whole; where all are secret, what
   * narrows one of them that is withheld.
   */
  private alongTheWay(at: number, known: Intervals): number | undefined {
    const passed = new Set<Group>();
    for (let cell: number | undefined = at; cell !== undefined; ) {
      const group = this.narrowing(cell, known, passed);
      if (group === undefined) return undefined;
      passed.add(group);
      const others: number[] = membersOf(group).filter((one) => one !== cell);
      const chosen: number | undefined =
        this.best(others.filter((one) => one !== group.parent)) ??
        this.best(others.filter((one) => one === group.parent));
      if (chosen !== undefined) return chosen;
      cell = others.find((one) => this.isLeak(one, known));
    }
    return undefined;
  }

  /** Withheld for others, and known to the attacker nearly as if it were shown. */
  private isLeak(at: number, known: Intervals): boolean {
    return this.secret[at] === 1 && this.figures.hidden[at] !== 1 && isExposed(known, at);
  }

  /** The group from which a bound of the figure follows; of several, one in which something is shown. */
  private narrowing(at: number, known: Intervals, passed: ReadonlySet<Group>): Group | undefined {
    const groups = this.groupsAround(at).filter(
      (group) => group.isSplit && !passed.has(group) && bounds(group, at, known),
    );
    return (
      groups.find((group) => membersOf(group).some((one) => one !== at && this.isShown(one))) ?? groups[0]
    );
  }

  /** The one that is told by the fewest other groups, in which nothing else is secret; then the smallest. */
  private best(places: readonly number[]): number | undefined {
    let found: number | undefined;
    let least: readonly [number, number] = [0, 0];
    for (const at of places) {
      if (!this.isShown(at)) continue;
      const telling = this.groupsAround(at).filter((group) => this.secretsOf(group) === 0).length;
      const size = this.figures.values[at] ?? 0;
      if (found === undefined || telling < least[0] || (telling === least[0] && size < least[1]))
        [found, least] = [at, [telling, size]];
    }
    return found;
  }

  private secretsOf(group: Group): number {
    const known = this.secrets.get(group);
    if (known !== undefined) return known;
    const found = membersOf(group).reduce((sum, at) => sum + (this.secret[at] ?? 0), 0);
    this.secrets.set(group, found);
    return found;
  }

  private groupsAround(at: number): Group[] {
    return [...(this.around.of[at] ?? []), ...(this.around.below[at] ?? [])];
  }

  /** Where all around is secret already, one of these is worked out from what is around it in turn. */
  private nearest(of: number): number | undefined {
    const { around } = this;
    const [seen, through] = [new Set([of]), new Set<Group>()];
    for (const at of seen) {
      const found = this.barren[at] ? undefined : this.nextTo(at);
      if (found !== undefined) return found;
      this.barren[at] = 1;
      for (const group of this.groupsAround(at)) {
        if (through.has(group)) continue;
        through.add(group);
        for (const one of membersOf(group)) if (this.secret[one] === 1) seen.add(one);
        seen.add(group.parent);
      }
      for (const other of around.beside[at] ?? []) seen.add(other);
    }
    return undefined;
  }

  private nextTo(of: number): number | undefined {
    const own = this.around.of[of] ?? [];
    const siblings = (some: readonly Group[]): number[] =>
      some.flatMap(({ children }) => children.filter((at) => at !== of));
    const length = lengthOf(this.cells[of] as Cell);
    const buckets = this.around.beside[of] ?? [];
    return (
      this.best(buckets.filter((at) => lengthOf(this.cells[at] as Cell) <= length)) ??
      this.best(siblings(own.filter(({ wholeTime }) => !wholeTime))) ??
      // A sum that one patient has nearly all of is hidden where the parts of it are shown.
      this.best((this.around.below[of] ?? []).flatMap(({ children }) => children)) ??
      this.best(siblings(own)) ??
      this.best(own.map(({ parent }) => parent)) ??
      this.best(buckets)
    );
  }
}

const membersOf = ({ parent, children }: Group): readonly number[] => [parent, ...children];

/** Whether a bound of a member is no wider than the group makes it. */
function bounds({ parent, children }: Group, at: number, { low, high }: Intervals): boolean {
  let [lows, highs] = [0, 0];
  for (const one of children) {
    if (one === at) continue;
    lows += low[one] ?? 0;
    highs += high[one] ?? 0;
  }
  const [least, most] =
    at === parent ? [lows, highs] : [(low[parent] ?? 0) - highs, (high[parent] ?? 0) - lows];
  return least >= (low[at] ?? 0) || most <= (high[at] ?? 0);
}
