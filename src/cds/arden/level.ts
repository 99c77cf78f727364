/** Levels of the operators, the lowest precedence first. */
export const level = {
  /** Nothing stands around. */
  whole: 0,
  join: 1,
  sort: 2,
  where: 3,
  seqto: 4,
  or: 5,
  and: 6,
  not: 7,
  comparison: 8,
  text: 9,
  sum: 10,
  product: 11,
  power: 12,
  offset: 13,
  ago: 14,
  unit: 15,
  function: 16,
  as: 17,
  element: 18,
  atom: 19,
} as const;
