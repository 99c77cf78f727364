import type { Lake } from '../../lake/lake.js';
import type { Lease } from '../../lake/lease.js';
import type { Contract } from '../contracts/contract.js';
import { fhirDataset } from '../landing.js';
import { readLedger } from '../ledger.js';

/**
 * Removes the files of batches that a killed run did not commit, in bronze and in quarantine, but none of a run that
 * may still commit one. The entries are read last: a run that has ended since the files were listed has committed what
 * it will. `gone` gets names in the lake.
 */
export async function tidyBronze(
  lake: Lake,
  contracts: ReadonlyMap<string, Contract>,
  lease: Lease,
  gone: (name: string) => Promise<void> = (name) => lake.remove(name),
): Promise<void> {
  const found: string[] = [];
  for (const dataset of [...contracts.keys(), fhirDataset])
    for (const name of await lake.list(`bronze/${dataset}`)) found.push(`bronze/${dataset}/${name}`);
  const refused = await lake.list('quarantine');
  const others = [...(await lease.others())];
  const { batches } = await readLedger(lake);
  const named = new Set(batches.flatMap(({ file, rejectsFile }) => [file ?? [], rejectsFile ?? []].flat()));
  for (const file of found)
    if (!named.has(file) && !others.some((run) => file.includes(run))) await gone(file);
  const kept = new Set(batches.flatMap(({ quarantineFile }) => quarantineFile?.split('/')[1] ?? []));
  for (const folder of refused)
    if (!kept.has(folder) && !others.some((run) => folder.includes(run))) await gone(`quarantine/${folder}`);
}
