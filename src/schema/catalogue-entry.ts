import type { Grain } from '../warehouse/grain.js';

/** A column of a dataset and what it means, for people. */
export interface CatalogueColumn {
  readonly name: string;
  readonly description: string;
  readonly kind: 'dimension' | 'measure' | 'column';
  readonly type: string;
  readonly unit: string | null;
  readonly sensitivity: string;
  /** Dimension of `by` that the column belongs to. */
  readonly dimension: string | null;
  readonly numerator: string | null;
  readonly denominator: string | null;
  readonly edgeCases: string | null;
  readonly source: string | null;
}

/** A dataset as a role has it. */
export interface CatalogueEntry {
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly kind: 'measure' | 'row' | 'forecast';
  readonly columns: readonly CatalogueColumn[];
  readonly dimensions: readonly { readonly name: string; readonly columns: readonly string[] }[];
  /** What the role may combine; every subset of a `by` is allowed at least at the same grains. */
  readonly allowed: readonly { readonly by: readonly string[]; readonly grains: readonly Grain[] }[];
  readonly arguments: readonly {
    readonly name: string;
    readonly description: string;
    readonly default: string;
    readonly values: readonly string[];
  }[];
}
