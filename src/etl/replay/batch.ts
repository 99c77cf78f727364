import { MaplewoodError } from '../../errors.js';
import type { Lake } from '../../lake/lake.js';
import type { BronzeBatch } from '../bronze.js';
import { fhirDataset } from '../landing.js';
import { readLedger } from '../ledger.js';

/** A batch whose rows can be corrected as rows. Error: `USAGE` if there is no such batch, or if it is FHIR. */
export async function replayableBatch(lake: Lake, number: number): Promise<BronzeBatch> {
  const { batches } = await readLedger(lake);
  const batch = batches.find((one) => one.batch === number);
  const newest = batches.at(-1)?.batch;
  if (batch === undefined) {
    throw new MaplewoodError(
      'USAGE',
      newest === undefined
        ? `There is no batch ${number}: nothing was delivered yet.`
        : `There is no batch ${number}; the newest is ${newest}. The run report and quarantine { file } name the deliveries.`,
    );
  }
  if (batch.dataset === fhirDataset) {
    throw new MaplewoodError(
      'USAGE',
      `Batch ${number} is FHIR, whose resources are no rows. Correct them where they come from and deliver them again.`,
    );
  }
  return batch;
}
