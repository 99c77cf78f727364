import { destination, pino } from 'pino';
import { type Field, type LogEntry, type LogKind, logEntries } from './log-entries.js';
import { harmless, shapeInLine, type WithheldShape } from './search-line.js';

/** Where finished lines go, each with its line end. */
export interface LogSink {
  write(line: string): void;
}

/** One method for each thing there is to tell; nothing else can be logged. */
export type Log = { readonly [K in LogKind]: (entry: LogEntry<K>) => void };

export interface LogOptions {
  /** For tests: a value that a field cannot hold is an error; else `other` is written in its place. */
  readonly strict?: boolean;
  /** Told of each line that was not written. */
  readonly onWithheld?: (shape: WithheldShape) => void;
}

export interface LogEffects {
  now(): Date;
}

/**
 * Each line is with the system when `write` returns, so that none is lost however the process ends. Where it cannot be
 * written (a full disk, a reader that has gone) the server goes on: up to a megabyte waits for the next line that can.
 */
export function standardError(): LogSink {
  const stream = destination({ dest: 2, sync: true, maxLength: 1_000_000 });
  stream.on('error', () => undefined);
  return stream;
}

/** The log of a server: JSON lines of declared entries, searched for shapes of identifiers before they are written. */
export function makeLog(
  sink: LogSink,
  { strict = false, onWithheld }: LogOptions = {},
  effects: LogEffects = { now: () => new Date() },
): Log {
  const lines = {
    write(line: string): void {
      const shape = shapeInLine(line);
      if (shape === undefined) {
        sink.write(harmless(line));
        return;
      }
      const time = effects.now().toISOString();
      sink.write(`${JSON.stringify({ level: 'error', time, event: 'line withheld', shape })}\n`);
      onWithheld?.(shape);
    },
  };
  const logger = pino(
    {
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${effects.now().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    lines,
  );
  const methods = (Object.keys(logEntries) as LogKind[]).map((kind) => {
    const { level, fields, optional } = logEntries[kind];
    const must = Object.entries<Field<never>>(fields);
    const may = Object.entries<Field<never>>(optional);
    const write = (entry: Readonly<Record<string, never>>): void => {
      const given = [...must, ...may.filter(([name]) => entry[name] !== undefined)];
      logger[level](
        Object.fromEntries(
          given.map(([name, field]) => [
            name,
            field.written(entry[name] as never, `${kind}.${name}`, strict),
          ]),
        ),
        kind,
      );
    };
    return [kind, write];
  });
  return Object.fromEntries(methods) as Log;
}

/** Says nothing, and costs nothing. */
export const silentLog: Log = Object.fromEntries(
  (Object.keys(logEntries) as LogKind[]).map((kind) => [kind, () => undefined]),
) as unknown as Log;
