import type { Account } from '../loaders/account.js';
import type { ReleaseHandle } from '../warehouse/warehouse.js';
import type { FairGate } from './overload/fair-gate.js';

export interface Governed {
  /** Who takes turns with whom. */
  readonly caller: string;
  readonly gate: FairGate;
  readonly account: Account;
  /** Told when the request has to take its turn. */
  readonly onTurn?: () => void;
}

/**
 * The handle of one request: its first heavy statement waits until it is the caller's turn, and what it then has it keeps
 * until the handle is closed, so that as many answers are made at once as there are turns. Look-ups do not wait. The tables of
 * each statement are part of the account.
 */
export function governed(handle: ReleaseHandle, { caller, gate, account, onTurn }: Governed): ReleaseHandle {
  let turn: Promise<() => void> | undefined;
  return {
    info: handle.info,
    schema: handle.schema,
    async read(statement, output, options = {}) {
      if (options.lane !== 'point') {
        if (!turn) onTurn?.();
        turn ??= gate.enter(caller, options.signal);
        await turn;
      }
      for (const table of statement.tables ?? []) account.tables.add(table);
      return handle.read(statement, output, options);
    },
    close() {
      // Also of one that is let in later.
      turn?.then(
        (leave) => leave(),
        () => undefined,
      );
      handle.close();
    },
  };
}
