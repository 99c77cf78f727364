/**
 * Chance as a pure function: every draw is a hash of (seed, salt, a, b). Neither the number of threads nor
 * the order of rows can change a draw, and two draws with different salts are independent.
 */

/** Macros `u` (uniform in [0, 1)) and `z` (standard normal, Box–Muller). */
export function randomMacros(seed: number): string[] {
  // The inner hash only combines its arguments (an exclusive or at the end); the outer one mixes them.
  // Without it, two salts over the same key would be mirror images of each other.
  return [
    `CREATE OR REPLACE MACRO u(salt, a, b) AS
       (hash(hash(${seed}::BIGINT, salt, a::BIGINT, b::BIGINT)) >> 11)::DOUBLE / 9007199254740992`,
    `CREATE OR REPLACE MACRO z(salt, a, b) AS
       sqrt(-2 * ln(1 - u(salt, a, b))) * cos(2 * pi() * u(salt || '/angle', a, b))`,
  ];
}

/** A SQL text literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const slots = 400;

/** A SQL expression that draws one of the weighted values with the uniform expression `draw`. */
export function pick(
  draw: string,
  weighted: ReadonlyArray<readonly [value: string | number, weight: number]>,
): string {
  const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
  const expanded: string[] = [];
  let cumulative = 0;
  for (const [value, weight] of weighted) {
    cumulative += weight;
    const text = typeof value === 'number' ? String(value) : literal(value);
    while (expanded.length < Math.round((slots * cumulative) / total)) expanded.push(text);
  }
  return `[${expanded.join(', ')}][1 + CAST(floor(${expanded.length} * ${draw}) AS INTEGER)]`;
}
