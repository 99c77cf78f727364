import type { Account } from '../loaders/account.js';
import type { ReadOptions, ReleaseHandle } from '../warehouse/warehouse.js';
import type { FairGate } from './overload/fair-gate.js';

type Lane = NonNullable<ReadOptions['lane']>;

export interface Governed {
  /** Who takes turns with whom. */
  readonly caller: string;
  /** Of statements that read much, and of look-ups, which do not wait behind those. */
  readonly gates: Readonly<Record<Lane, FairGate>>;
  readonly account: Account;
  /** Told when the request has to take its turn. */
  readonly onTurn?: () => void;
}

/**
 * The handle of one request: its first statement that may read much waits until it is the caller's turn, and the turn is kept
 * until the handle is closed, so that as many answers are made at once as there are turns. A look-up has a turn for itself
 * alone: nobody keeps one and waits for the other. The tables of each statement are part of the account.
 */
export function governed(handle: ReleaseHandle, { caller, gates, account, onTurn }: Governed): ReleaseHandle {
  let turn: Promise<() => void> | undefined;
  return {
    info: handle.info,
    schema: handle.schema,
    async read(statement, output, options = {}) {
      const read = (): ReturnType<ReleaseHandle['read']> => {
        for (const table of statement.tables ?? []) account.tables.add(table);
        return handle.read(statement, output, options);
      };
      if (options.lane !== 'point') {
        if (!turn) onTurn?.();
        turn ??= gates.query.enter(caller, options.signal);
        await turn;
        return read();
      }
      const leave = await gates.point.enter(caller, options.signal);
      try {
        return await read();
      } finally {
        leave();
      }
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
