/** What leads from each place to others, and how long it is: lengths may be below zero. */
export type Ways = readonly (readonly { readonly to: number; readonly length: number }[])[];

/**
 * Lengths of the shortest ways from a place to some others (Dijkstra), looking at the nearest first. `potential`: a number
 * a place such that no way is longer than the difference of its ends, by which lengths below zero become none.
 */
export class NearestFirst {
  private readonly distance: Float64Array;
  private readonly settled: Uint8Array;
  /** Places looked at in this search, to forget them before the next. */
  private touched: number[] = [];
  private heap: { readonly at: number; readonly distance: number }[] = [];

  constructor(
    private readonly ways: Ways,
    private readonly potential: Float64Array,
  ) {
    this.distance = new Float64Array(potential.length).fill(Number.POSITIVE_INFINITY);
    this.settled = new Uint8Array(potential.length);
  }

  /** The length of the shortest way to each target; infinite where there is none. */
  from(start: number, targets: readonly number[]): number[] {
    for (const at of this.touched) {
      this.distance[at] = Number.POSITIVE_INFINITY;
      this.settled[at] = 0;
    }
    this.touched = [];
    this.heap = [];
    this.reach(start, 0);
    const left = new Set(targets);
    while (left.size > 0) {
      const nearest = this.take();
      if (nearest === undefined) break;
      if (this.settled[nearest.at]) continue;
      this.settled[nearest.at] = 1;
      left.delete(nearest.at);
      const here = this.potential[nearest.at] ?? 0;
      for (const { to, length } of this.ways[nearest.at] ?? [])
        this.reach(to, nearest.distance + length + here - (this.potential[to] ?? 0));
    }
    const base = this.potential[start] ?? 0;
    return targets.map((to) => (this.distance[to] ?? 0) - base + (this.potential[to] ?? 0));
  }

  private reach(at: number, distance: number): void {
    if (distance >= (this.distance[at] ?? 0)) return;
    if (this.distance[at] === Number.POSITIVE_INFINITY) this.touched.push(at);
    this.distance[at] = distance;
    const { heap } = this;
    let place = heap.length;
    const one = { at, distance };
    heap.push(one);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above];
      if (other === undefined || other.distance <= distance) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = one;
  }

  private take(): { readonly at: number; readonly distance: number } | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      const [left, right] = [heap[2 * place + 1], heap[2 * place + 2]];
      if (left === undefined) break;
      const isLeft = right === undefined || left.distance <= right.distance;
      const below = isLeft ? left : right;
      if (below.distance >= last.distance) break;
      heap[place] = below;
      place = 2 * place + (isLeft ? 1 : 2);
    }
    heap[place] = last;
    return first;
  }
}
