import type { ApiKeys, Keyring } from '../access/keyring.js';
import { untilAvailable } from '../access/vault/until-available.js';
import type { Config } from '../config/environment.js';
import { MaplewoodError } from '../errors.js';
import { createWaitingServer, type WaitingServer } from '../server/waiting.js';
import { bind } from './bind.js';
import type { Operator } from './operator.js';

export interface WaitOptions<T> {
  readonly config: Config;
  readonly operator: Operator;
  readonly stopped: AbortSignal;
  readonly keys: Pick<Keyring, 'apiForServing'>;
  /** Puts what the keys are for in the place of the server that waits. */
  readonly open: (keys: ApiKeys, waiting: WaitingServer) => Promise<T>;
}

export interface Waited<T> {
  readonly url: string;
  /** What was opened; undefined where the server was told to stop before. Error: of a key, or of opening. */
  readonly taken: Promise<T | undefined>;
}

/**
 * Listens, and reads the keys meanwhile. It comes back when they were read once or could not be, so that what is wrong with
 * a key ends a start. Errors: `PORT_IN_USE`, `CONFIGURATION`, and those of opening.
 */
export async function waitForKeys<T>(options: WaitOptions<T>): Promise<Waited<T>> {
  const { config, operator, stopped, keys, open } = options;
  const out = outage(operator);
  const waiting = createWaitingServer(config.settings, out.refusal);
  const url = await bind(waiting.http, config);
  operator.state('listening');

  const take = async (failedOnce: () => void): Promise<T | undefined> => {
    try {
      const found = await untilAvailable(() => keys.apiForServing(stopped), {
        signal: stopped,
        failed(error, milliseconds) {
          out.began(error, milliseconds);
          failedOnce();
        },
      });
      const opened = await open(found, waiting);
      out.ended();
      return opened;
    } catch (error) {
      if (!stopped.aborted || (error as { name?: unknown }).name !== 'AbortError') {
        await waiting.close();
        throw error;
      }
      operator.state('stopping');
      await waiting.stop();
      operator.state('stopped');
      return undefined;
    }
  };
  let taken: Promise<T | undefined> = Promise.resolve(undefined);
  await new Promise<void>((resolve, reject) => {
    taken = take(resolve);
    taken.then(() => resolve(), reject);
  });
  return { url, taken };
}

/** What callers and the operator learn of keys that are out of reach. */
function outage(operator: Operator) {
  let nextTry = 0;
  let told: string | undefined;
  return {
    /** A refusal of now. */
    refusal: (): MaplewoodError =>
      new MaplewoodError('KEY_UNAVAILABLE', undefined, {
        retryAfter: Math.max(1, Math.ceil((nextTry - performance.now()) / 1_000)),
      }),
    /** A try has failed. The operator is told once of each reason. */
    began(error: MaplewoodError, milliseconds: number): void {
      nextTry = performance.now() + milliseconds;
      if (error.message === told) return;
      told = error.message;
      const text = `${error.message} Nothing is served until the keys can be read; they are tried again and again.`;
      operator.note({ kind: 'keys', state: 'unavailable', error, text });
    },
    ended(): void {
      if (told === undefined) return;
      operator.note({
        kind: 'keys',
        state: 'available',
        text: 'The keys were read: requests are served now.',
      });
    },
  };
}
