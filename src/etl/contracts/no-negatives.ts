import type { RowRule, SourceColumn } from './contract.js';

/**
 * One NEGATIVE_VALUE rule for every number of a contract. A number below zero is typed like any other, so that
 * the quarantine says what is wrong with it instead of "not a whole number".
 */
export function noNegatives(columns: Readonly<Record<string, SourceColumn>>): readonly RowRule[] {
  return Object.entries(columns)
    .filter(([, { type }]) => type.kind === 'integer' || type.kind === 'decimal')
    .map(([column]) => ({
      id: 'NEGATIVE_VALUE',
      column,
      action: 'reject',
      violated: `${column} < 0`,
      reason: `${column} is below zero`,
    }));
}
