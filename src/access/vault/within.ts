/**
 * What some work gives, if it is done within so many milliseconds and before the signal ends. Else its own signal ends, and it
 * fails with a `TimeoutError` or the reason of the signal, whether the work looks at it or not.
 */
export async function within<T>(
  milliseconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const stop = (): void => own.abort(signal.reason);
  const timer = setTimeout(
    () => own.abort(new DOMException('It took too long.', 'TimeoutError')),
    milliseconds,
  );
  signal.addEventListener('abort', stop, { once: true });
  const ended = new Promise<never>((_resolve, reject) => {
    own.signal.addEventListener('abort', () => reject(own.signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(own.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
