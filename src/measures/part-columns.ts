import { events, type Part, personsOf, topOf } from './parts.js';

export const sumsOf = (parts: readonly Part[]): (Part & { kind: 'sum' })[] =>
  parts.filter((part) => part.kind === 'sum');

/** Counts beside that of all events. */
export const countsOf = (parts: readonly Part[]): (Part & { kind: 'count' })[] =>
  parts.filter((part): part is Part & { kind: 'count' } => part.kind === 'count' && part.id !== events);

export const countColumns = (parts: readonly Part[]): string[] => [
  ...new Set([events, ...countsOf(parts).map(({ id }) => id)].flatMap((id) => [id, personsOf(id)])),
];

/** What of a cell is a sum over its patients. */
export const additiveColumns = (parts: readonly Part[]): string[] => [
  ...countColumns(parts),
  ...sumsOf(parts).map(({ id }) => id),
];

/** Columns of a cell that come from its patients: the sums over them, and the largest of one of them. */
export const countedColumns = (parts: readonly Part[]): string[] => [
  ...additiveColumns(parts),
  ...sumsOf(parts).map(({ id }) => topOf(id)),
];
