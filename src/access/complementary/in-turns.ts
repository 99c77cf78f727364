/** Called often by long work: a promise when others have waited long enough, after which the work goes on. */
export type GiveWay = () => Promise<void> | undefined;

/** Long work takes turns of so many milliseconds with whatever else waits for the program's one thread. */
export function inTurns(milliseconds = 1): GiveWay {
  let since = performance.now();
  return () => {
    if (performance.now() - since < milliseconds) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        since = performance.now();
        resolve();
      });
    });
  };
}
