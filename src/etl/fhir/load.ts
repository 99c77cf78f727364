import type { Lake } from '../../lake/lake.js';
import type { BronzeBatch } from '../bronze.js';
import type { Engine } from '../engine.js';
import { fhirDataset } from '../landing.js';
import { type FileBalance, refuseUnreadable } from '../silver/load.js';
import type { StagedFile } from '../silver/stage.js';
import { parquet, quoted } from '../sql.js';
import { type FhirCounts, withQuarantined } from './counts.js';
import { mapFhir, refusedTable } from './map.js';

/** What is known of all FHIR deliveries until one of them, or what they are mapped beside, is news. Plain JSON. */
export interface FhirState {
  /** Resources of each file: silver are those that are current, duplicates those that a later one replaces. */
  readonly balances: readonly FileBalance[];
  readonly counts: FhirCounts;
  /** File in the lake with what is refused although no contract can. */
  readonly refused: string;
}

/** All FHIR deliveries as rows of the datasets. */
export interface LoadedFhir {
  /** The rows by dataset. */
  readonly files: ReadonlyMap<string, StagedFile>;
  /** What is known, once silver is made: the rows that contracts refuse count too. */
  state(engine: Engine): Promise<FhirState>;
}

const fhirOf = (batches: readonly BronzeBatch[]): BronzeBatch[] =>
  batches.filter((batch) => batch.dataset === fhirDataset);

/** Whether FHIR is to be mapped again: a file of it is new, or one of a table whose codes its organisations may bear. */
export const isFhirNews = (batches: readonly BronzeBatch[], unread: readonly BronzeBatch[]): boolean =>
  fhirOf(batches).length > 0 &&
  unread.some(({ dataset }) => [fhirDataset, 'trusts', 'practices'].includes(dataset));

/** Maps all of FHIR in bronze into files of `folder` of the lake. */
export async function loadFhir(
  engine: Engine,
  lake: Lake,
  batches: readonly BronzeBatch[],
  folder: string,
): Promise<LoadedFhir> {
  const { files, counts } = await mapFhir(engine, lake, batches, folder);
  const refused = `${folder}/refused.parquet`;
  await engine.run(`copy (from ${refusedTable}) to ${quoted(lake.path(refused))} (format parquet)`);
  await lake.seal(refused);
  const current = new Map(counts.batches.map((batch) => [batch.batch, batch.current]));
  const balances = fhirOf(batches).map((batch) => {
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
  });
  return {
    files: new Map(
      [...files].map(([dataset, { path, columns }]) => [
        dataset,
        { path: lake.path(path), columns, changes: false },
      ]),
    ),
    state: async (later) => ({ balances, counts: await withQuarantined(later, counts), refused }),
  };
}

/** Puts what cannot be read of FHIR, or is refused by no contract, into the table `quarantine`. */
export async function refuseFhir(
  engine: Engine,
  lake: Lake,
  batches: readonly BronzeBatch[],
  refused: string,
): Promise<void> {
  for (const batch of fhirOf(batches)) {
    if (batch.status === 'quarantined') {
      await engine.run('insert into quarantine values ($dataset, $batch, null, null, $rule, $reason, null)', {
        dataset: batch.dataset,
        batch: batch.batch,
        rule: batch.rule ?? 'FILE_UNREADABLE',
        reason: batch.reason ?? 'the file could not be read',
      });
    } else if (batch.rejectsFile !== undefined) await refuseUnreadable(engine, lake, batch);
  }
  await engine.run(`insert into quarantine select * from ${parquet([lake.path(refused)])}`);
}
