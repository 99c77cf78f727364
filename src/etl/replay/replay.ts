import type { LandingFile } from '../landing.js';

/** A file with corrected rows of an earlier batch, delivered to the dataset of that batch. */
export interface Replay {
  /** The batch whose rows it corrects, and the name under which they were delivered. */
  readonly corrects: { readonly batch: number; readonly name: string };
  readonly file: LandingFile;
}

const root = 'replay';

/** Name of a delivery of corrected rows; no file of a landing folder has such a one. */
export const replayName = (batch: number, file: string): string => `${root}/${batch}/${file}`;

/** Whether a delivery holds corrected rows of another one, so that its size and age tell nothing of the source. */
export const isReplay = (name: string): boolean => name.startsWith(`${root}/`);

/** Columns that the export puts beside the delivered ones, and that a corrected file may still have. */
export const replayColumns: readonly string[] = ['_rule', '_column', '_reason', '_row', '_raw'];
