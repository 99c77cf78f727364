/** A value a day, without gaps: `values[i]` belongs to the day `first` + i (`YYYY-MM-DD`). */
export interface DailySeries {
  readonly first: string;
  readonly values: readonly number[];
}

/** Days of the week; `index % week` is the same weekday all along a series. */
export const week = 7;

/** The value at an index; 0 outside. */
export const at = (values: ArrayLike<number>, index: number): number => values[index] ?? 0;

export const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i += 1) total += at(values, i);
  return total;
};
