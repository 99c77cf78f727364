/** Work that goes on beside other work until somebody waits for it: only then is it thrown that it has failed. */
export function beside<T>(work: Promise<T>): () => Promise<T> {
  work.catch(() => undefined);
  return () => work;
}
