import { connect, type Socket } from 'node:net';
import type { Reply } from './load.js';

export type Answer = Omit<Reply, 'stream' | 'at' | 'sent'>;

export interface Asker {
  /** Posts to /graphql and says what came back. An abort breaks the connection off. */
  ask(token: string, body: string, signal?: AbortSignal): Promise<Answer>;
  close(): void;
}

/**
 * Asks over so many sockets, each kept and used in turn; whoever finds none free waits for one, and the wait counts. It writes
 * and reads HTTP itself: a load that costs as much as the server does would show how fast the load is.
 */
export function asker(url: string, sockets = 200): Asker {
  const { hostname, port } = new URL(url);
  const idle: Socket[] = [];
  const open = new Set<Socket>();
  const waiting: (() => void)[] = [];

  const fresh = (): Socket => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      const at = idle.indexOf(socket);
      if (at >= 0) idle.splice(at, 1);
      waiting.shift()?.();
    });
    return socket;
  };
  const free = async (): Promise<Socket> => {
    for (;;) {
      const socket = idle.shift() ?? (open.size < sockets ? fresh() : undefined);
      if (socket) return socket;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };

  return {
    async ask(token, body, signal) {
      const began = performance.now();
      const socket = await free();
      return new Promise((resolve) => {
        const parts: Buffer[] = [];
        let [size, expected] = [0, Number.POSITIVE_INFINITY];
        const settle = (answer: Partial<Answer>): void => {
          socket.off('data', take).off('close', broke);
          signal?.removeEventListener('abort', abort);
          resolve({ ...nothing, ...answer, ms: performance.now() - began });
        };
        const broke = (): void => settle({});
        const abort = (): void => void socket.destroy();
        const take = (part: Buffer): void => {
          parts.push(part);
          size += part.length;
          if (expected === Number.POSITIVE_INFINITY) expected = lengthOf(Buffer.concat(parts));
          if (size < expected) return;
          const text = Buffer.concat(parts).toString('latin1');
          settle(answerIn(text));
          if (/^connection: close/im.test(headOf(text))) socket.destroy();
          else {
            idle.push(socket);
            waiting.shift()?.();
          }
        };
        socket.on('data', take).on('close', broke);
        if (signal?.aborted) abort();
        signal?.addEventListener('abort', abort, { once: true });
        socket.write(
          `POST /graphql HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      });
    },
    close() {
      for (const socket of open) socket.destroy();
    },
  };
}

const nothing: Answer = { ms: 0, status: 0, code: undefined, retryAfter: undefined, requestId: undefined };

const headOf = (text: string): string => text.slice(0, text.indexOf('\r\n\r\n') + 2);

/** Bytes of a whole answer, once its head is there. */
function lengthOf(bytes: Buffer): number {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return Number.POSITIVE_INFINITY;
  const length = /^content-length: (\d+)/im.exec(bytes.toString('latin1', 0, end))?.[1];
  return length === undefined ? Number.POSITIVE_INFINITY : end + 4 + Number(length);
}

/** A body that is none of ours counts as no answer. */
function answerIn(text: string): Partial<Answer> {
  const head = headOf(text);
  const body = text.slice(head.length + 2).trimEnd();
  if (!/^\{"(data|errors)":/.test(body) || !body.endsWith('}')) return {};
  return {
    status: Number(text.slice(9, 12)),
    code: /"code":"([A-Z_]+)"/.exec(body.slice(0, 2_000))?.[1],
    retryAfter: /^retry-after: (\d+)/im.exec(head)?.[1],
    requestId: /"requestId":"([0-9a-f-]{36})"/.exec(body.slice(-300))?.[1],
  };
}
