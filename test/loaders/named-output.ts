import type { Plan } from '../../src/loaders/plan/plan.js';

/** The output columns of a plan with their places: columns that are read for their order alone go by their names in the API. */
export const namedOutput = ({ output, key }: Plan): [name: string, place: number][] =>
  output.map(({ name }, place) => [key.find((one) => one.output === name)?.name ?? name, place]);
