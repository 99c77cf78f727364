import { type FileHandle, open } from 'node:fs/promises';
import { type Torn, tornOf } from './segment.js';

const chunkBytes = 64 * 1024;

/** Whole lines of a file, and behind the last of them what is none. */
export interface Lines {
  readonly lines: readonly string[];
  readonly torn?: Torn;
}

/**
 * The lines of a file from its beginning, some kilobytes at a time: whoever reads them lets others go on between two
 * pieces. Bytes that are no UTF-8 are read as the replacement character, which no record has in their place.
 */
export async function* linesOf(path: string, signal?: AbortSignal): AsyncGenerator<Lines> {
  const handle = await open(path, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (let at = 0; ; ) {
      signal?.throwIfAborted();
      const read = await readAt(handle, at, chunkBytes);
      if (read.length === 0) break;
      at += read.length;
      const bytes = Buffer.concat([rest, read]);
      const whole = bytes.lastIndexOf('\n') + 1;
      rest = bytes.subarray(whole);
      if (whole > 0) yield { lines: split(bytes.subarray(0, whole)) };
    }
    const torn = tornOf(rest);
    if (torn) yield { lines: [], torn };
  } finally {
    await handle.close();
  }
}

/** The whole lines of a file from its end, the last one first. */
export async function* linesFromEnd(path: string, signal?: AbortSignal): AsyncGenerator<readonly string[]> {
  const handle = await open(path, 'r');
  try {
    let { size: end } = await handle.stat();
    let rest: Buffer = Buffer.alloc(0);
    let isTorn = true;
    while (end > 0) {
      signal?.throwIfAborted();
      const from = Math.max(0, end - chunkBytes);
      let bytes = Buffer.concat([await readAt(handle, from, end - from), rest]);
      end = from;
      // What stands behind the last line is being written, or was when its process ended.
      if (isTorn) {
        bytes = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
        isTorn = bytes.length === 0;
      }
      // The first line of a piece begins in the one before, unless nothing is before it.
      const first = from === 0 ? 0 : bytes.indexOf('\n') + 1;
      rest = first === 0 ? (from === 0 ? rest : bytes) : bytes.subarray(0, first);
      if ((from === 0 || first > 0) && bytes.length > first) yield split(bytes.subarray(first)).reverse();
    }
  } finally {
    await handle.close();
  }
}

const split = (bytes: Buffer): string[] => bytes.toString('utf8').slice(0, -1).split('\n');

async function readAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
