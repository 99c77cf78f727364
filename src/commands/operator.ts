import { type Log, makeLog } from '../server/observe/log.js';
import type { CommandContext } from './command.js';
import type { Notice } from './parts.js';

/** Whom a server tells what its operator should know: by lines of the log, or by sentences. */
export interface Operator {
  /** Lines are written by this one from now on. */
  use(log: Log): void;
  note(notice: Notice): void;
  state(state: 'listening' | 'stopping' | 'stopped'): void;
}

export function operatorOf({ err }: Pick<CommandContext, 'err'>, json: boolean): Operator {
  const early = json ? makeLog({ write: err }) : undefined;
  let log: Log | undefined;
  return {
    use(other) {
      if (json) log = other;
    },
    note(notice) {
      // A line says less than a sentence: of a start that goes wrong the sentence is told.
      const lines = notice.kind === 'keys' ? (log ?? early) : log;
      if (lines) told(notice, lines);
      else err(`${notice.text}\n`);
    },
    state(state) {
      const lines = log ?? early;
      if (lines) lines.server({ state });
      else if (state === 'stopping')
        err('Stopping: running requests are finished first. Press Ctrl-C again to end at once.\n');
    },
  };
}

/** A line of the log for what else would be a sentence. */
function told(notice: Notice, log: Log): void {
  if (notice.kind === 'release') log.release({ release: notice.release });
  else if (notice.kind === 'releaseRefused')
    log.releaseRefused({ release: notice.release, error: notice.error });
  else if (notice.kind === 'keys') log.keys({ state: notice.state, error: notice.error });
  else log.audit({ state: 'unavailable' });
}
