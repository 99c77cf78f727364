import { MaplewoodError } from '../errors.js';
import type { Lake } from '../lake/lake.js';
import type { Lease } from '../lake/lease.js';
import { tidyBronze } from './bronze/tidy.js';
import { type BronzeBatch, ingest } from './bronze.js';
import type { Contract } from './contracts/contract.js';
import type { Engine } from './engine.js';
import { ingestFhir } from './fhir/ingest.js';
import { fhirDataset, type LandingFile } from './landing.js';
import { commitBatch, type Ledger } from './ledger.js';
import type { CheckLimits } from './quality/limits.js';

export interface DeliveryEffects {
  now(): Date;
  progress(step: string, detail: string, done: number, total: number): void;
}

/** Takes files into bronze, each as a batch of its own that is committed before the next is read. */
export async function takeDeliveries(
  engine: Engine,
  lake: Lake,
  contracts: ReadonlyMap<string, Contract>,
  ledger: Ledger,
  fresh: readonly LandingFile[],
  run: string,
  lease: Lease,
  effects: DeliveryEffects,
  limits: Pick<CheckLimits, 'uncastablePct'>,
): Promise<Ledger> {
  if (fresh.length > 0) await tidyBronze(lake, contracts, lease);
  const batches: BronzeBatch[] = [...ledger.batches];
  let next = ledger.next;
  let lastLoad = batches.at(-1)?.loadedAt;
  for (const [index, file] of fresh.entries()) {
    effects.progress('bronze', file.name, index, fresh.length);
    const contract = contracts.get(file.dataset);
    if (!contract && file.dataset !== fhirDataset) continue;
    // Numbers of batches are given by the holder of the lease alone.
    await lease.check();
    lastLoad = loadInstant(effects.now(), lastLoad);
    const context = {
      connection: engine.connection,
      lake,
      run,
      loadedAt: lastLoad,
      uncastablePct: limits.uncastablePct,
    };
    const taken = contract ? ingest(file, contract, next, context) : ingestFhir(file, next, context);
    const batch = await taken.catch(async (error: unknown) => {
      // On a full disk a beginning would be in the way of the next run.
      await tidyBronze(lake, contracts, lease).catch(() => undefined);
      throw error;
    });
    if (!(await commitBatch(lake, batch))) throw new MaplewoodError('RELEASE_OVERTAKEN');
    batches.push(batch);
    next += 1;
  }
  effects.progress('bronze', '', fresh.length, fresh.length);
  return { batches, next };
}

/** When a batch counts as loaded: now, but always after the batch before, even if the clock was set back. */
function loadInstant(now: Date, last: string | undefined): string {
  const after = last === undefined ? Number.NEGATIVE_INFINITY : Date.parse(last) + 1;
  return new Date(Math.max(now.getTime(), after)).toISOString();
}
