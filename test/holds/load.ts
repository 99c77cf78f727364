import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Requests of one kind. */
export interface Stream {
  readonly name: string;
  /** Bearer tokens of those who ask, in turn. */
  readonly tokens: readonly string[];
  readonly bodies: readonly string[];
  /** `clients`: each asks again when it has its answer. `perSecond`: sent at this rate, whatever comes back. */
  readonly pace: { readonly clients: number } | { readonly perSecond: number };
}

export interface Load {
  readonly url: string;
  readonly seconds: number;
  readonly streams: readonly Stream[];
}

/** One request and what came of it; status 0: no whole answer. */
export interface Reply {
  readonly stream: string;
  /** Milliseconds since the load began. */
  readonly at: number;
  /** The same, since 1970. */
  readonly sent: number;
  readonly ms: number;
  readonly status: number;
  /** Of the first error. */
  readonly code: string | undefined;
  readonly retryAfter: string | undefined;
  readonly requestId: string | undefined;
}

/** Sends a load from a process of its own, so that what measures does not wait for what asks. */
export async function send(root: string, load: Load): Promise<readonly Reply[]> {
  const child = fork(join(root, 'test', 'holds', 'load-child.ts'), [], {
    execArgv: ['--import', 'tsx'],
    cwd: root,
    serialization: 'advanced',
  });
  child.send(load);
  const [replies] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the load ended with ${code}`);
    }),
  ])) as [readonly Reply[]];
  await once(child, 'exit');
  return replies;
}

export const isAnswered = ({ status }: Reply): boolean => status === 200;
/** Turned away, in the way that tells the caller what to do. */
export const isTurnedAway = ({ status, retryAfter }: Reply): boolean =>
  (status === 429 || status === 503) && Number(retryAfter) >= 1;

/** How often each outcome came, as text. */
export function outcomes(replies: readonly Reply[]): string {
  const counts = new Map<string, number>();
  for (const { status, code } of replies) {
    const name = status === 0 ? 'no answer' : code === undefined ? String(status) : `${status} ${code}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} × ${name}`).join(', ');
}
