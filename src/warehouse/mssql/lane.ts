import { MaplewoodError } from '../../errors.js';
import { stoppedBy } from './errors.js';

/**
 * Admits as many statements as the pool has connections. The pool's own queue is endless and knows no signal: a
 * caller who goes away would keep its place.
 */
export class Lane {
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(
    private readonly width: number,
    private readonly longestQueue: number,
  ) {}

  get running(): number {
    return this.#running;
  }

  /** Runs the work in its turn. Errors: `OVERLOADED` when too many wait; the signal's reason. */
  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (signal?.aborted) throw stoppedBy(signal);
    if (this.#running >= this.width) await this.#turn(signal);
    else this.#running++;
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  /** Resolves once a statement that ends has handed its place over. */
  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size >= this.longestQueue) throw new MaplewoodError('OVERLOADED');
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.delete(enter);
        reject(signal ? stoppedBy(signal) : undefined);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.add(enter);
    });
  }

  #release(): void {
    const [next] = this.#waiting;
    if (next) {
      this.#waiting.delete(next);
      next();
    } else this.#running--;
  }
}
