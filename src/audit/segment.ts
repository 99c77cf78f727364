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

/** What stands at the ends of a segment. A line that is no sealed record is undefined. */
export interface SegmentEnds {
  readonly first: Sealed | undefined;
  readonly last: Sealed | undefined;
  readonly torn: Torn | undefined;
}

/** Reads none of the records between the ends, so that a server which goes on from a segment has not to. */
export async function endsOf({ path }: Segment): Promise<SegmentEnds> {
  const bytes = await readFile(path);
  const whole = bytes.lastIndexOf('\n') + 1;
  const line = (from: number, to: number): Sealed | undefined => sealedOf(bytes.toString('utf8', from, to));
  return {
    first: whole === 0 ? undefined : line(0, bytes.indexOf('\n')),
    last: whole === 0 ? undefined : line(whole < 2 ? 0 : bytes.lastIndexOf('\n', whole - 2) + 1, whole - 1),
    torn: tornOf(bytes.subarray(whole)),
  };
}

export const tornOf = (rest: Uint8Array): Torn | undefined =>
  rest.length === 0
    ? undefined
    : { bytes: rest.length, sha256: createHash('sha256').update(rest).digest('hex') };

/** The first record of a segment: it names the key, and the seal that the segment goes on from. */
export const segmentKind = 'SEGMENT';
/** It has this as `lists` where patients of its records are listed beside it; segments of earlier versions have none. */
export const listsVersion = 1;
/** The record behind it, where the segment before has a torn end, or lists of records that it does not have. */
export const recoveredKind = 'RECOVERED';
