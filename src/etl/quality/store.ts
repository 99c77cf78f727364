import { qualityResult, quarantinedRow, releaseSource, schemaDrift } from '../../warehouse/gold/quality.js';
import { appendRows } from '../append.js';
import type { BronzeBatch } from '../bronze.js';
import type { Contract } from '../contracts/contract.js';
import type { Engine } from '../engine.js';
import { quoted } from '../sql.js';
import type { QualityResult } from './check.js';

/** What went into a release, by dataset. One row of `release_source`. */
export interface SourceTotal {
  readonly name: string;
  readonly rows: number;
  readonly silver: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly files: number;
  readonly last_file: string | null;
}

/** Writes what is known of the quality of a release into its own tables. */
export async function storeQuality(
  engine: Engine,
  contracts: ReadonlyMap<string, Contract>,
  sources: readonly SourceTotal[],
  results: readonly QualityResult[],
  fileNames: ReadonlyMap<number, string>,
): Promise<void> {
  await appendRows(engine, releaseSource, sources);
  await appendRows(engine, qualityResult, results);
  // Values of direct identifiers are not even shown by their letters and digits.
  const direct = [...contracts].flatMap(([dataset, contract]) =>
    Object.entries(contract.columns)
      .filter(([, column]) => column.sensitivity === 'D')
      .map(([column]) => `(dataset = ${quoted(dataset)} and column_name = ${quoted(column)})`),
  );
  const file = `case batch ${[...fileNames].map(([batch, name]) => `when ${batch} then ${quoted(name)}`).join(' ')} end`;
  await engine.run(`insert into gold.${quarantinedRow.name}
select cast(row_number() over (order by dataset, batch, row, rule) as integer), dataset, coalesce(${fileNames.size > 0 ? file : "''"}, ''), batch, row, column_name, rule, left(reason, 400),
  case when raw is null then null
    when ${direct.join(' or ') || 'false'} or column_name is null then case when trim(raw) = '' then 'EMPTY' else 'OTHER' end
    else left(regexp_replace(regexp_replace(regexp_replace(raw, '[a-z]', 'a', 'g'), '[A-Z]', 'A', 'g'), '[0-9]', '9', 'g'), 24) end
from memory.main.quarantine`);
}

/** One row of `schema_drift` for each difference of a delivered file; the first load with one like it is its beginning. */
export async function storeDrift(engine: Engine, batches: readonly BronzeBatch[]): Promise<void> {
  const firstSeen = new Map<string, string>();
  const rows = batches.flatMap((batch) =>
    batch.drift.map((drift) => {
      const like = JSON.stringify([batch.dataset, batch.contractVersion, drift]);
      const seen = firstSeen.get(like) ?? batch.loadedAt;
      firstSeen.set(like, seen);
      return {
        batch_id: batch.batch,
        dataset: batch.dataset,
        file: batch.name,
        contract_version: batch.contractVersion,
        kind: drift.kind,
        column_name: drift.column,
        delivered_name: drift.deliveredName,
        delivered_type: drift.deliveredType,
        refused: drift.refuses,
        first_seen: seen,
      };
    }),
  );
  await appendRows(
    engine,
    schemaDrift,
    rows.map((row, index) => ({ drift_no: index + 1, ...row })),
  );
}
