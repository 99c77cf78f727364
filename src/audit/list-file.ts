import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { around } from '../config/fail-point.js';
import { systemCode } from '../errors.js';
import { sync, writeAtOnce } from '../lake/durable.js';
import { headLength, type PartHead, partHead, partLength } from './patient-lists.js';
import type { Torn } from './segment.js';

/** Name of the file that holds the lists of a segment. */
export const listFileName = (segment: number): string => `${String(segment).padStart(8, '0')}.patients`;

/** Numbers of the segments that have a file of lists. */
export async function listFilesIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  return names.flatMap((name) => /^(\d{8})\.patients$/.exec(name)?.[1] ?? []).map(Number);
}

/** The file of lists of the segment that is written; made when there is something to put in. */
export interface ListFile {
  /** After it the lists survive a crash. */
  add(lists: Buffer): Promise<void>;
  close(): Promise<void>;
}

export function listFile(folder: string, segment: number): ListFile {
  const path = join(folder, listFileName(segment));
  let handle: FileHandle | undefined;
  return {
    async add(lists) {
      if (lists.length === 0) return;
      if (!handle) {
        handle = await around('audit', 'make-lists', () => open(path, 'ax', 0o600));
        await sync(dirname(path), 'audit', 'fsync-folder');
      }
      const file = handle;
      await around('audit', 'append-lists', () => writeAtOnce(file, lists));
      await around('audit', 'fsync-lists', () => file.sync());
    },
    async close() {
      const left = handle;
      handle = undefined;
      await left?.close();
    },
  };
}

/** A part of a list as it lies in a file. */
export interface Part extends PartHead {
  readonly bytes: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

const chunkBytes = 1024 * 1024;

/**
 * The parts in a file behind a place, up to the first bytes that are no whole part; none where the file is missing. It is read
 * a megabyte at a time.
 */
export async function* partsIn(path: string, from = 0, signal?: AbortSignal): AsyncGenerator<Part> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return;
  try {
    let bytes: Buffer = Buffer.alloc(0);
    let at = from;
    let end = from;
    const has = async (length: number): Promise<boolean> => {
      while (bytes.length < length) {
        signal?.throwIfAborted();
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(chunkBytes), 0, chunkBytes, at);
        if (bytesRead === 0) return false;
        at += bytesRead;
        bytes = Buffer.concat([bytes, buffer.subarray(0, bytesRead)]);
      }
      return true;
    };
    while (await has(headLength)) {
      const head = partHead(bytes);
      if (!head || !(await has(partLength(head)))) return;
      const length = partLength(head);
      end += length;
      yield { ...head, bytes: bytes.subarray(0, length), end };
      bytes = bytes.subarray(length);
    }
  } finally {
    await handle.close();
  }
}

/** What a file holds from a place on, where there is something. */
export async function restOf(path: string, from: number): Promise<Torn | undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path, { start: from })) {
      bytes += (chunk as Buffer).length;
      hash.update(chunk as Buffer);
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  return bytes === 0 ? undefined : { bytes, sha256: hash.digest('hex') };
}

/** What lies behind the lists of the records up to `seq`: of records that a killed process did not come to write. */
export async function listsBehind(path: string, seq: number): Promise<Torn | undefined> {
  let end = 0;
  for await (const part of partsIn(path)) {
    if (part.seq > seq) break;
    end = part.end;
  }
  return restOf(path, end);
}
