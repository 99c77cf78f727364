/** Series for tests: what they are made of is known. */
export const series = (length: number, value: (day: number) => number): number[] =>
  Array.from({ length }, (_none, day) => value(day));

/** Whole noise from −size to size, the same every time. */
export const noise = (day: number, size: number): number => {
  const mixed = Math.imul((day + 1) ^ 0x5bd1e995, 0x9e3779b1) >>> 8;
  return (mixed % (2 * size + 1)) - size;
};

/** A census with a weekly and an annual pattern. */
export const hospital = (length: number): number[] =>
  series(
    length,
    (day) => 600 + 20 * (day % 7) + 100 * Math.cos((2 * Math.PI * day) / 365.2425) + noise(day, 15),
  );
