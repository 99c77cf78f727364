import type { Engine } from '../engine.js';
import { currentView, rowTable } from './current.js';

/** How a reference names its target. `contained` targets lie in the resource itself. */
export type ReferenceKind =
  | 'urn'
  | 'relative'
  | 'absolute'
  | 'contained'
  | 'conditional'
  | 'identifier'
  | 'other';

export interface ReferenceCount {
  readonly kind: ReferenceKind;
  readonly resolved: number;
  readonly unresolved: number;
}

/**
 * What each reference of a batch leads to: `(_batch, reference, kind, type, id, known)`, at most one row a type.
 * `known`: there is such a resource. A reference that names type and id gives them even if there is none yet.
 */
export const linkTable = 'fhir_link';
/** System of the patient ids of the deliveries that are no FHIR: who is named so is a patient of theirs. */
export const localPatient = 'urn:maplewood:patient';
/** Identifiers of the current resources: `(type, id, system, value)`. Lives only as long as the engine. */
export const identifierTable = 'fhir_identifier';

/**
 * The text by which `linkTable` is joined, of a Reference as a struct. One that has an identifier alone gets the form
 * of a conditional one without a type.
 */
export const referenceText = (reference: string): string =>
  `coalesce(${reference}.reference, '?identifier=' || coalesce(${reference}.identifier.system, '') || '|' || ${reference}.identifier.value)`;

/** Finds every reference of the current resources, whatever element holds it, and what it leads to. */
export async function resolveReferences(engine: Engine): Promise<readonly ReferenceCount[]> {
  // The path `..` finds the values of a key at any depth. What stands beside it only the tree of all nodes tells, which
  // is dear: it is made of the few resources that have an identifier as an object.
  await engine.run(`create or replace table fhir_mention as
select _batch, _row, v->>'$' as reference from (
  select _batch, _row, unnest(json_extract(resource, '$..reference')) as v from ${currentView}
) where json_type(v) = 'VARCHAR'`);
  await engine.run(`insert into fhir_mention
with node as (
  select f._batch, f._row, j.key, j.type, j.parent, j.path, j.value from (
    select _batch, _row, resource from ${currentView}
    where len(list_filter(json_extract(resource, '$..identifier'), lambda v: json_type(v) = 'OBJECT')) > 0
  ) f, json_tree(f.resource) j where j.key in ('reference', 'identifier')
)
select n._batch, n._row, '?identifier=' || coalesce(n.value->>'$.system', '') || '|' || (n.value->>'$.value')
from node n anti join node r on r.key = 'reference' and r.type = 'VARCHAR' and r._batch = n._batch and r._row = n._row and r.parent = n.parent
where n.key = 'identifier' and n.type = 'OBJECT' and n.path <> '$' and (n.value->>'$.value') is not null`);
  await engine.run(`create or replace table ${identifierTable} as
select distinct type, id, i.system as system, i.value as value from (
  select resource_type as type, id, unnest(from_json(resource, '{"identifier":[{"system":"VARCHAR","value":"VARCHAR"}]}').identifier) as i from ${currentView}
) where i.value is not null`);
  await engine.run(parsedReferences);
  await engine.run(links);
  return engine.rows<ReferenceCount>(`with contained as (
  select distinct _batch, _row, unnest(json_extract_string(resource, '$.contained[*].id')) as id from ${currentView}
), found as (
  select m.reference, case when m.reference like '#%' then m.reference = '#' or c.id is not null else coalesce(l.known, m.reference like '?identifier=${localPatient}|%') end as resolved
  from fhir_mention m
  left join contained c on c._batch = m._batch and c._row = m._row and '#' || c.id = m.reference
  left join (select _batch, reference, bool_or(known) as known from ${linkTable} group by all) l on l._batch = m._batch and l.reference = m.reference
)
select ${kindOf} as kind, cast(count(*) filter (resolved) as double) as resolved, cast(count(*) filter (not resolved) as double) as unresolved
from found group by 1 order by 1`);
}

const type = '[A-Z][A-Za-z]{1,63}';
const id = '[^/?#|]{1,64}';

const kindOf = `case when reference like '#%' then 'contained' when reference like '?identifier=%' then 'identifier'
  when regexp_full_match(reference, '${type}\\?.+') then 'conditional' when reference like 'urn:%' then 'urn'
  when regexp_matches(reference, '^[A-Za-z][A-Za-z0-9+.-]*://') then 'absolute'
  when regexp_full_match(reference, '${type}/${id}(/_history/.*)?(#.*)?') then 'relative' else 'other' end`;

/** Each distinct reference of a batch with what its text says. */
const parsedReferences = `create or replace table fhir_parsed as
select *, case when kind in ('conditional', 'identifier') then nullif(split_part(wanted, '|', 1), '') end as system,
  case when kind in ('conditional', 'identifier') and contains(wanted, '|') then substr(wanted, strpos(wanted, '|') + 1) end as value
from (
  select _batch, reference, kind,
    case when kind = 'conditional' then regexp_extract(reference, '^(${type})\\?', 1)
      when kind in ('relative', 'absolute') then nullif(regexp_extract(reference, '(?:^|/)(${type})/${id}(?:/_history/.*)?(?:#.*)?$', 1), '') end as type,
    case when kind in ('relative', 'absolute') then nullif(regexp_extract(reference, '(?:^|/)${type}/(${id})(?:/_history/.*)?(?:#.*)?$', 1), '') end as id,
    case when kind = 'identifier' then substr(reference, 13) when kind = 'conditional' then url_decode(regexp_extract(reference, '[?&]identifier=([^&]*)', 1)) end as wanted
  from (select distinct _batch, reference, ${kindOf} as kind from fhir_mention where reference not like '#%')
)`;

/**
 * By address: that of an entry of the same batch, else of any batch where it is unique. By type and id. By identifier:
 * only where one resource of a type has it, as FHIR demands of a conditional reference.
 */
const links = `create or replace table ${linkTable} as
with here as (
  select _batch, full_url, min(resource_type) as type, min(id) as id from ${rowTable}
  where full_url is not null group by all having count(distinct (resource_type, id)) = 1
), anywhere as (
  select full_url, min(resource_type) as type, min(id) as id from ${rowTable}
  where full_url is not null group by all having count(distinct (resource_type, id)) = 1
), current as (
  select resource_type as type, id from ${rowTable} where current
), named as (
  select type, system, value, min(id) as id from ${identifierTable} group by all having count(*) = 1
)
select p._batch, p.reference, p.kind, coalesce(h.type, a.type, p.type) as type, coalesce(h.id, a.id, p.id) as id,
  h.id is not null or a.id is not null or c.id is not null as known
from fhir_parsed p
left join here h on h._batch = p._batch and h.full_url = p.reference
left join anywhere a on a.full_url = p.reference
left join current c on c.type = p.type and c.id = p.id
where p.kind in ('urn', 'relative', 'absolute') and coalesce(h.id, a.id, p.id) is not null
union all
select p._batch, p.reference, p.kind, n.type, n.id, true
from fhir_parsed p join named n on n.system is not distinct from p.system and n.value = p.value and (p.type is null or n.type = p.type)
where p.kind in ('conditional', 'identifier')`;
