import type { Lake } from '../lake/lake.js';
import type { BronzeBatch } from './bronze.js';

const folder = 'batches';
const batchName = (batch: number): string => `${folder}/${String(batch).padStart(8, '0')}.json`;

/** Every delivery that bronze holds, in order. A batch is part of the lake once its entry exists. */
export interface Ledger {
  readonly batches: readonly BronzeBatch[];
  /** Number of the next batch. */
  readonly next: number;
}

/** What entries of the first builds do not tell. */
const untold = {
  loadedAt: '1970-01-01T00:00:00.000Z',
  contractVersion: 0,
  contractDigest: '',
  drift: [],
  newest: null,
  repeatedKeys: 0,
} as const satisfies Partial<BronzeBatch>;

export async function readLedger(lake: Lake): Promise<Ledger> {
  const names = await lake.list(folder);
  const batches = await Promise.all(
    names.map(async (name) => ({
      ...untold,
      ...((await lake.readJson(`${folder}/${name}`)) as BronzeBatch),
    })),
  );
  return { batches, next: (batches.at(-1)?.batch ?? 0) + 1 };
}

/** Commits a batch. False if another run has taken the number. */
export const commitBatch = (lake: Lake, batch: BronzeBatch): Promise<boolean> =>
  lake.putIfAbsent(batchName(batch.batch), batch);

/**
 * True if the last delivery under this name had the same content: it is not read again. A file that was quarantined
 * as a whole is read again once the contract, given by its digest, is another.
 */
export function isKnown(
  ledger: Ledger,
  file: { dataset: string; name: string; sha256: string },
  digest: string | undefined,
): boolean {
  const last = ledger.batches.findLast((batch) => batch.dataset === file.dataset && batch.name === file.name);
  if (last?.status === 'quarantined' && last.contractDigest !== digest) return false;
  return last?.sha256 === file.sha256;
}
