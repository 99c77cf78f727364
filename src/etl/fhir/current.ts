import type { Lake } from '../../lake/lake.js';
import type { BronzeBatch } from '../bronze.js';
import type { Engine } from '../engine.js';
import { fhirDataset } from '../landing.js';
import { parquet } from '../sql.js';

/** Every resource that bronze holds, without its text: `current` is the latest of its type and id. */
export const rowTable = 'fhir_row';
/** View of the current resources with their text. */
export const currentView = 'fhir_current';

const noResources =
  'select null::varchar as resource_type, null::varchar as id, null::varchar as full_url, null::varchar as resource, null::varchar as confidentiality, null::integer as _batch, null::bigint as _row, null::timestamp as _loaded_at where false';

/**
 * Finds the current resources: of one type and id the latest delivery counts, and in one file the last row, since a
 * server that sends a resource twice has changed it meanwhile.
 */
export async function findCurrent(
  engine: Engine,
  lake: Lake,
  batches: readonly BronzeBatch[],
): Promise<void> {
  const paths = batches.flatMap((batch) =>
    batch.dataset === fhirDataset && batch.file !== undefined ? [lake.path(batch.file)] : [],
  );
  const bronze = paths.length > 0 ? parquet(paths) : `(${noResources})`;
  await engine.run(`create or replace table ${rowTable} as
select resource_type, id, full_url, confidentiality, _batch, _row, _loaded_at,
  row_number() over (partition by resource_type, id order by _batch desc, _row desc) = 1 as current
from ${bronze}`);
  await engine.run(`create or replace view ${currentView} as
select b.resource_type, b.id, b.full_url, b.resource, b.confidentiality, b._batch, b._row, b._loaded_at
from ${bronze} b semi join (select _batch, _row from ${rowTable} where current) c on b._batch = c._batch and b._row = c._row`);
}
