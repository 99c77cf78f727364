import type { Lane } from './labels.js';
import type { Log } from './log.js';

export interface EndedStatement {
  readonly requestId: string;
  readonly lane: Lane;
  readonly ms: number;
  /** Absent where it did not end well. */
  readonly rows?: number | undefined;
  /** With placeholders. Its values are not taken. */
  readonly sql: string;
}

/** Logs the statements that took at least so many milliseconds. */
export const slowStatements =
  (thresholdMs: number, log: Pick<Log, 'slow'>) =>
  ({ sql, ...statement }: EndedStatement): void => {
    if (statement.ms >= thresholdMs) log.slow({ ...statement, sha256: sql, sql });
  };
