import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MaplewoodError, systemCode } from '../errors.js';
import { appendLine } from '../lake/durable.js';
import { assertKeepable, type NewEvent, type StateEvent, type StateStore } from './store.js';

/** The file below the folder of the state. */
export const eventsFile = 'events.ndjson';

/**
 * The state as a file of one JSON object a line. Several processes may add to it: a line is written by one call, and each
 * process reads on from where it was. A line that a killed process has torn is closed by the next one and is no event.
 */
export function fileStateStore(folder: string): StateStore {
  const path = join(folder, eventsFile);
  let read: Followed = nothing;

  // One at a time, so that no line is read twice.
  let following: Promise<unknown> = Promise.resolve();
  const follow = (): Promise<Followed> => {
    const next = following.then(async () => {
      read = await readOn(path, read);
      return read;
    });
    following = next.catch(() => undefined);
    return next.catch(unavailable);
  };

  return {
    async append(event) {
      assertKeepable(event);
      const line = textOf(event);
      const before = (await follow()).events.length;
      await appendLine(path, line, 'state').catch(unavailable);
      const added = (await follow()).events.slice(before).find((found) => textOf(found) === line);
      return added ?? unavailable(new Error('an event is not where it was written'));
    },
    events: async (kind) => (await follow()).byKind.get(kind) ?? [],
    version: async () => (await follow()).events.length,
  };
}

/** What has been read of a file, up to the end of a line. */
interface Followed {
  readonly inode: number;
  readonly end: number;
  readonly events: readonly StateEvent[];
  readonly byKind: ReadonlyMap<string, readonly StateEvent[]>;
}

const nothing: Followed = { inode: 0, end: 0, events: [], byKind: new Map() };

async function readOn(path: string, known: Followed): Promise<Followed> {
  const found = await stat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return nothing;
  // Another file, or less of it: it was restored from a backup.
  const from = found.ino === known.inode && found.size >= known.end ? known : nothing;
  if (found.size === from.end) return { ...from, inode: found.ino };
  const bytes = await bytesOf(path, from.end, found.size);
  const whole = bytes.lastIndexOf('\n') + 1;
  const added = bytes
    .subarray(0, whole)
    .toString('utf8')
    .split('\n')
    .flatMap((line) => eventOf(line) ?? [])
    .map((event, at) => ({ id: from.events.length + at + 1, ...event }));
  const events = [...from.events, ...added];
  return { inode: found.ino, end: from.end + whole, events, byKind: byKindOf(events) };
}

/** The bytes of a file from a place on, up to another or as far as it goes. */
async function bytesOf(path: string, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  const handle = await open(path, 'r');
  try {
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function byKindOf(events: readonly StateEvent[]): ReadonlyMap<string, readonly StateEvent[]> {
  const found = new Map<string, StateEvent[]>();
  for (const event of events) {
    const known = found.get(event.kind);
    if (known) known.push(event);
    else found.set(event.kind, [event]);
  }
  return found;
}

const textOf = ({ kind, subject, actor, body, recordedAt }: NewEvent): string =>
  JSON.stringify({ kind, subject, actor, body, recordedAt });

/** The event of a line; undefined where the line is torn, or was left empty. */
function eventOf(line: string): NewEvent | undefined {
  try {
    const event = JSON.parse(line) as NewEvent;
    return typeof event.kind === 'string' && typeof event.recordedAt === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}

function unavailable(cause: unknown): never {
  throw new MaplewoodError('STATE_UNAVAILABLE', undefined, { cause });
}
