import type { Engine } from '../engine.js';
import { fhirDataset } from '../landing.js';
import { quoted } from '../sql.js';
import { rowTable } from './current.js';
import { organisationTable } from './organisations.js';
import type { ReferenceCount } from './references.js';
import { syntheticIdMark } from './resource.js';
import { spellCodeTable } from './spell-codes.js';
import { staffTable } from './staff.js';
import { visitTable } from './visits.js';

/** What became of the resources of one type. received = repeated + mapped + notMapped. */
export interface ResourceCount {
  readonly type: string;
  /** Rows of all deliveries. */
  readonly received: number;
  /** Rows that a later one of the same id replaces. */
  readonly repeated: number;
  /** Current resources without an id of their own. */
  readonly withoutId: number;
  /** Current resources that make rows, or codes of them. */
  readonly mapped: number;
  /** Of the mapped ones, those whose rows the contracts refuse. */
  readonly quarantined: number;
  /** Current resources that stay in bronze alone. */
  readonly notMapped: number;
}

export interface FhirCounts {
  readonly resources: readonly ResourceCount[];
  /** References of the current resources. */
  readonly references: readonly ReferenceCount[];
  /** Rows of each batch: all that could be read, and those that are current. */
  readonly batches: readonly { readonly batch: number; readonly rows: number; readonly current: number }[];
}

/** Resources that made a row of a dataset: `(resource_type, _batch, _row)`. */
export const mappedTable = 'fhir_mapped';

export async function countResources(
  engine: Engine,
  references: readonly ReferenceCount[],
): Promise<FhirCounts> {
  const resources = await engine.rows<Omit<ResourceCount, 'quarantined'>>(`with used as (
  select resource_type, _batch, _row from ${mappedTable}
  union
  select r.resource_type, r._batch, r._row from ${rowTable} r join ${spellCodeTable} k on k.type = r.resource_type and k.id = r.id where r.current
  union
  select r.resource_type, r._batch, r._row from ${rowTable} r
  where r.current and r.resource_type in ('Practitioner', 'PractitionerRole') and exists (select 1 from fhir_link l join ${staffTable} s on s._batch = l._batch and s.reference = l.reference where l.type = r.resource_type and l.id = r.id)
  union
  select 'Organization', _batch, _row from ${organisationTable} where not refused
  union
  select r.resource_type, r._batch, r._row from ${rowTable} r
  where r.current and r.resource_type = 'Location' and exists (select 1 from ${visitTable} v where v.ward_location = r.id)
)
select r.resource_type as type, cast(count(*) as double) as received, cast(count(*) filter (not r.current) as double) as repeated,
  cast(count(*) filter (r.current and starts_with(r.id, '${syntheticIdMark}')) as double) as "withoutId",
  cast(count(u._row) as double) as mapped,
  cast(count(*) filter (r.current) - count(u._row) as double) as "notMapped"
from ${rowTable} r left join used u on u.resource_type = r.resource_type and u._batch = r._batch and u._row = r._row
group by 1 order by 1`);
  const batches = await engine.rows<{ batch: number; rows: number; current: number }>(
    `select _batch as batch, cast(count(*) as double) as rows, cast(count(*) filter (current) as double) as current from ${rowTable} group by 1 order by 1`,
  );
  return { resources: resources.map((count) => ({ ...count, quarantined: 0 })), references, batches };
}

/** The counts with what has become of the mapped rows, once silver is made and `quarantine` is filled. */
export async function withQuarantined(engine: Engine, counts: FhirCounts): Promise<FhirCounts> {
  const refused = await engine.rows<{ type: string; rows: number }>(
    `select m.resource_type as type, cast(count(distinct (m._batch, m._row)) as double) as rows
from ${mappedTable} m join quarantine q on q.batch = m._batch and q.row = m._row and q.dataset <> ${quoted(fhirDataset)} group by 1`,
  );
  const byType = new Map(refused.map(({ type, rows }) => [type, rows]));
  return {
    ...counts,
    resources: counts.resources.map((count) => ({ ...count, quarantined: byType.get(count.type) ?? 0 })),
  };
}
