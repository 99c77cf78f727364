/**
 * Settles in the next turn of the event loop, when what waits for it has had its turn. For work between whose parts other
 * requests can be answered.
 */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Of more rows, or of longer text, each step is done in a turn of its own: it takes milliseconds. */
export const rowsInOneTurn = 2_048;
export const charactersInOneTurn = 200_000;
