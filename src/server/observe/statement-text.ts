import { createHash } from 'node:crypto';
import { shapeInText } from './search-line.js';

/** Characters of a statement that are told; the digest tells apart what begins alike. */
export const longest = 4_000;

/**
 * The SQL of a statement as it may be told: placeholders stand where its values are. One that holds what looks like an
 * identifier all the same is not told.
 */
export function statementText(sql: string): string {
  const text = sql.length > longest ? `${sql.slice(0, longest - 1)}…` : sql;
  return shapeInText(text) === undefined ? text : 'withheld';
}

/** SHA-256 of the whole statement, in hexadecimal digits: the same for the same question with other values. */
export const statementDigest = (sql: string): string => createHash('sha256').update(sql).digest('hex');
