import type { Lake } from '../../lake/lake.js';
import type { BronzeBatch } from '../bronze.js';
import type { Engine } from '../engine.js';
import { fhirDataset } from '../landing.js';
import type { FileBalance, MappedRows } from '../silver/load.js';
import { refuseUnreadable } from '../silver/load.js';
import type { FhirCounts } from './counts.js';
import { mapFhir, refusedTable } from './map.js';

/** All FHIR deliveries as rows of the datasets, and what became of them. */
export interface LoadedFhir {
  /** By dataset. */
  readonly mapped: ReadonlyMap<string, MappedRows>;
  /** Resources of each file: silver are those that are current, duplicates those that a later one replaces. */
  readonly balances: readonly FileBalance[];
  /** Undefined where no FHIR was ever delivered. */
  readonly counts: FhirCounts | undefined;
}

/**
 * Maps what bronze holds of FHIR and puts what cannot be read into `quarantine`, a table that must exist. `folder`
 * of the lake takes the mapped files; they are needed as long as silver is made from them.
 */
export async function loadFhir(
  engine: Engine,
  lake: Lake,
  batches: readonly BronzeBatch[],
  folder: string,
): Promise<LoadedFhir> {
  const fhir = batches.filter((batch) => batch.dataset === fhirDataset);
  if (fhir.length === 0) return { mapped: new Map(), balances: [], counts: undefined };
  for (const batch of fhir) {
    if (batch.status === 'quarantined') {
      await engine.run('insert into quarantine values ($dataset, $batch, null, null, $rule, $reason, null)', {
        dataset: batch.dataset,
        batch: batch.batch,
        rule: batch.rule ?? 'FILE_UNREADABLE',
        reason: batch.reason ?? 'the file could not be read',
      });
    } else if (batch.rejectsFile !== undefined) await refuseUnreadable(engine, lake, batch.rejectsFile);
  }
  const { files, counts } = await mapFhir(engine, lake, batches, folder);
  await engine.run(`insert into quarantine select * from ${refusedTable}`);
  const names = new Map(fhir.map((batch) => [batch.batch, batch.name]));
  const current = new Map(counts.batches.map((batch) => [batch.batch, batch.current]));
  return {
    mapped: new Map([...files].map(([dataset, { path, columns }]) => [dataset, { path, columns, names }])),
    balances: fhir.map((batch) => {
      const silver = current.get(batch.batch) ?? 0;
      return {
        batch: batch.batch,
        dataset: fhirDataset,
        name: batch.name,
        rows: batch.rows,
        silver,
        duplicates: batch.rows - batch.unreadable - silver,
        quarantined: batch.unreadable,
      };
    }),
    counts,
  };
}
