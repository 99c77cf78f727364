import { connect, type Socket } from 'node:net';
import type { Answer } from './target.js';

/** What came back on a connection on which bytes were sent as they are. */
export interface Exchanged {
  readonly text: string;
  readonly answers: readonly Answer[];
  /** The server has closed it, and the milliseconds after which it had. */
  readonly closed: boolean;
  readonly ms: number;
}

export interface Patience {
  /** Milliseconds without an answer, and without being closed, after which the connection is given up. */
  readonly quiet?: number;
  /** Close the own side once all is sent. */
  readonly half?: boolean;
}

/** Sends parts one after the other, numbers being pauses in milliseconds, and takes what comes. */
export function exchange(
  port: number,
  parts: readonly (string | Buffer | number)[],
  { quiet = 400, half = false }: Patience = {},
): Promise<Exchanged> {
  const began = performance.now();
  return new Promise((resolve) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const received: Buffer[] = [];
    let timer: NodeJS.Timeout | undefined;
    const end = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      const text = Buffer.concat(received).toString('latin1');
      const ms = performance.now() - began;
      resolve({ text, answers: answersIn(text, ms), closed, ms });
    };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => end(false), quiet);
    };
    socket.on('data', (part) => {
      received.push(part);
      if (timer) wait();
    });
    socket.on('end', () => end(true));
    socket.on('close', () => end(true));
    // Whoever writes to what was closed is told so; what matters has been received.
    socket.on('error', () => undefined);
    void (async () => {
      for (const part of parts)
        if (typeof part === 'number') await new Promise((next) => setTimeout(next, part));
        else if (!socket.destroyed)
          socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
      if (half) socket.end();
      wait();
    })();
  });
}

/** Answers by their Content-Length, in order. */
function answersIn(text: string, ms: number): Answer[] {
  const answers: Answer[] = [];
  for (let rest = text; rest.startsWith('HTTP/1.1 '); ) {
    const head = rest.slice(0, rest.indexOf('\r\n\r\n'));
    const headers = Object.fromEntries(
      head
        .split('\r\n')
        .slice(1)
        .map((line) => [
          line.slice(0, line.indexOf(':')).toLowerCase(),
          line.slice(line.indexOf(':') + 1).trim(),
        ]),
    );
    const start = head.length + 4;
    const length = Number(headers['content-length'] ?? 0);
    const body = Buffer.from(rest.slice(start, start + length), 'latin1').toString('utf8');
    answers.push({ status: Number(head.slice(9, 12)), headers, text: body, ms });
    rest = rest.slice(start + length);
  }
  return answers;
}

/** A request as text: its line, its headers, its body; lines end as HTTP wants it. */
export const message = (line: string, headers: readonly string[], body = ''): string =>
  `${[line, ...headers].join('\r\n')}\r\n\r\n${body}`;
