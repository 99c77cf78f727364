import type { StageRules } from './rules.js';

/** Rows of one batch with one outcome. */
export interface Kind {
  readonly batch: number;
  /** Number of the refusal, 0 for none. */
  readonly reject: number;
  /** Bit i: the i-th warning. */
  readonly flags: number;
  readonly fate: string | null;
  readonly n: number;
}

/** Rows that only repeat the version before, which the log no longer holds. */
export type Folded = Pick<Kind, 'batch' | 'flags' | 'n'>;

/** What became of the rows of one file. */
export interface Outcome {
  rows: number;
  refused: number;
  /** Identical, conflicting or unchanged: what the file need not have brought. */
  duplicates: number;
}

/** The outcome of all rows of a dataset. */
export interface Tally {
  readonly byBatch: ReadonlyMap<number, Outcome>;
  /** Rows by fate; those without one are not in it. */
  readonly fates: ReadonlyMap<string, number>;
  readonly staged: number;
  readonly current: number;
  /** By refusal. */
  readonly refused: readonly number[];
  /** By warning: over all rows, and over the rows kept. */
  readonly flagged: readonly { readonly rows: number; readonly kept: number }[];
}

/** Rows in quarantine: a repetition of a row that is there already is a duplicate. */
export const refusedSql =
  "_reject > 0 and (_fate is null or _fate not in ('identical', 'conflicting', 'unchanged'))";
const repetitions: readonly string[] = ['identical', 'conflicting', 'unchanged'];
const isRefused = ({ reject, fate }: Kind): boolean =>
  reject > 0 && (fate === null || !repetitions.includes(fate));

/** Bits beyond the 32nd are out of reach of `&`. */
const hasBit = (flags: number, bit: number): boolean => Math.floor(flags / 2 ** bit) % 2 === 1;

/** Counts rows by file, fate, refusal and warning. */
export function tally(rules: StageRules, kinds: readonly Kind[], folded: readonly Folded[]): Tally {
  const byBatch = new Map<number, Outcome>();
  const fates = new Map<string, number>();
  const refused = rules.refusals.map(() => 0);
  const flagged = rules.flags.map(() => ({ rows: 0, kept: 0 }));
  let staged = 0;
  let current = 0;
  const of = (batch: number): Outcome => {
    const known = byBatch.get(batch) ?? { rows: 0, refused: 0, duplicates: 0 };
    byBatch.set(batch, known);
    return known;
  };
  const fated = (fate: string, n: number): void => void fates.set(fate, (fates.get(fate) ?? 0) + n);

  // What a row refers to may change after the row was folded, so of repetitions such warnings are never counted.
  const linked = new Set(rules.linked.flags.map(({ bit }) => bit));
  for (const kind of kinds) {
    const { batch, reject, flags, fate, n } = kind;
    const outcome = of(batch);
    const kept = reject === 0 && fate === null;
    outcome.rows += n;
    staged += n;
    if (kept) current += n;
    if (fate !== null) fated(fate, n);
    if (fate !== null && repetitions.includes(fate)) outcome.duplicates += n;
    if (isRefused(kind)) {
      outcome.refused += n;
      refused[reject - 1] = (refused[reject - 1] ?? 0) + n;
    }
    for (const [bit, count] of flagged.entries()) {
      if (!hasBit(flags, bit)) continue;
      if (fate !== 'unchanged' || !linked.has(bit)) count.rows += n;
      if (kept) count.kept += n;
    }
  }
  for (const { batch, flags, n } of folded) {
    const outcome = of(batch);
    outcome.rows += n;
    outcome.duplicates += n;
    staged += n;
    fated('unchanged', n);
    for (const { bit } of rules.own.flags) {
      const count = flagged[bit];
      if (count && hasBit(flags, bit)) count.rows += n;
    }
  }
  return { byBatch, fates, staged, current, refused, flagged };
}
