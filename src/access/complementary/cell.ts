import type { Grain } from '../../warehouse/grain.js';

/** What may be asked for: a set of dimensions and the grains at which it is released. */
export interface OfferedSet {
  /** Dimensions, in the order of declaration. */
  readonly by: readonly string[];
  readonly grains: readonly Grain[];
}

/** Where a cell stands among the others. */
export interface Cell {
  /** Dimensions that split it, in the order of declaration. */
  readonly by: readonly string[];
  /** Their members. */
  readonly members: readonly string[];
  readonly grain: Grain;
  /** First day of its bucket; null for ALL. */
  readonly period: string | null;
  /** Its bucket is not closed: nothing of it is released, and it is no secret that it is not. */
  readonly open: boolean;
}

/** One figure of every cell, by the place of the cell in the list; what is so of a cell is 1, and what is not 0. */
export interface CellFigures {
  /** Events, or patients: whole numbers, not negative. */
  readonly values: readonly number[];
  /** Hidden for what they are: few events, few patients behind them, or one who has nearly all. */
  readonly hidden: Uint8Array;
  /** Those of them that are few events or of few patients: so is every part of them. */
  readonly few: Uint8Array;
}

/** What an attacker knows of a figure: it lies between these, both included. */
export interface Intervals {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** A hidden figure is safe while so many values are possible at least. */
const fewestValues = 4;

/** Its bounds leave too few values. */
export const isExposed = ({ low, high }: Intervals, at: number): boolean =>
  (high[at] ?? 0) - (low[at] ?? 0) < fewestValues - 1;
