import type { Cursor } from './cursor.js';
import type { Statement } from './syntax.js';

/** How statements within a statement are read. */
export interface Blocks {
  /** Statements up to one of some words, or to a word that ends a block around this one. */
  readonly block: (cursor: Cursor, ends: ReadonlySet<string>) => readonly Statement[];
  /** One statement; none if it cannot be understood, or the READs that can be. */
  readonly statement: (cursor: Cursor) => readonly Statement[];
}

/** Words that end a block and begin no statement. */
export const blockEnds: ReadonlySet<string> = new Set([
  'else',
  'elseif',
  'endif',
  'enddo',
  'endswitch',
  'case',
  'default',
]);
