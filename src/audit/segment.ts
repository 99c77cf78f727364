import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../errors.js';
import { type Sealed, sealedOf } from './chain.js';

/** A file of the log: written by one process, then never changed. */
export interface Segment {
  readonly number: number;
  readonly path: string;
}

export const segmentName = (number: number): string => `${String(number).padStart(8, '0')}.ndjson`;

/** The segments in a folder, ascending. */
export async function segmentsIn(folder: string): Promise<readonly Segment[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => /^(\d{8})\.ndjson$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => ({ number, path: join(folder, segmentName(number)) }));
}

/** The end of a file behind its last line: what a killed process had begun to write. */
export interface Torn {
  readonly bytes: number;
  readonly sha256: string;
}

export interface SegmentContent {
  /** Whole lines; undefined for one that is no sealed record. */
  readonly lines: readonly (Sealed | undefined)[];
  readonly torn: Torn | undefined;
}

export async function contentOf({ path }: Segment): Promise<SegmentContent> {
  const bytes = await readFile(path);
  const whole = bytes.lastIndexOf('\n') + 1;
  const rest = bytes.subarray(whole);
  const text = bytes.subarray(0, whole);
  return {
    // Bytes that are no UTF-8 would be read as the replacement character, which no record holds in their place.
    lines: text.length === 0 ? [] : text.toString('utf8').slice(0, -1).split('\n').map(sealedOf),
    torn:
      rest.length === 0
        ? undefined
        : { bytes: rest.length, sha256: createHash('sha256').update(rest).digest('hex') },
  };
}

/** The first record of a segment: it names the key, and the seal that the segment goes on from. */
export const segmentKind = 'SEGMENT';
/** The record behind it, where the segment before has a torn end. */
export const recoveredKind = 'RECOVERED';
