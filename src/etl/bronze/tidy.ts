import type { Lake } from '../../lake/lake.js';
import type { Contract } from '../contracts/contract.js';
import { fhirDataset } from '../landing.js';
import type { Ledger } from '../ledger.js';

/**
 * Removes the files of batches that a killed run did not commit, in bronze and in quarantine; the holder of the lease
 * is the only one alive. `remove` gets names in the lake.
 */
export async function tidyBronze(
  lake: Lake,
  contracts: ReadonlyMap<string, Contract>,
  ledger: Ledger,
  remove: (name: string) => Promise<void> = (name) => lake.remove(name),
): Promise<void> {
  const named = new Set(
    ledger.batches.flatMap(({ file, rejectsFile }) => [file ?? [], rejectsFile ?? []].flat()),
  );
  for (const dataset of [...contracts.keys(), fhirDataset]) {
    for (const found of await lake.list(`bronze/${dataset}`)) {
      const file = `bronze/${dataset}/${found}`;
      if (!named.has(file)) await remove(file);
    }
  }
  const kept = new Set(ledger.batches.flatMap(({ quarantineFile }) => quarantineFile?.split('/')[1] ?? []));
  for (const folder of await lake.list('quarantine'))
    if (!kept.has(folder)) await remove(`quarantine/${folder}`);
}
