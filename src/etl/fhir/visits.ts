import { anyCode, joinTarget, plainCode } from './expressions.js';
import { typeTable } from './shapes.js';

/** Encounters that are mapped: `(id, kind, class, ward, ward_location)`; kind is spell, attendance or contact. */
export const visitTable = 'fhir_visit';

const encounter = typeTable('Encounter');

/**
 * HL7 v3 class of an encounter: inpatient ones are spells, emergency ones attendances, ambulatory, home and virtual
 * ones contacts. Not mapped: other classes, encounters that were planned, cancelled or entered in error, and inpatient
 * encounters within another one, which is the spell.
 */
export const visitsSql = `create or replace table ${visitTable} as
with classed as (
  select id, _batch, r, upper(r.class.code) as class,
    case when upper(r.class.code) in ('IMP', 'ACUTE', 'NONAC') then 'spell' when upper(r.class.code) = 'EMER' then 'attendance'
      when upper(r.class.code) in ('AMB', 'HH', 'VR') then 'contact' end as kind
  from ${encounter}
  where coalesce(r.status, '') not in ('planned', 'cancelled', 'entered-in-error')
), placed as (
  select m.id, arg_min(l.id, l.id) filter (ward is not null) as location, arg_min(ward, l.id) as ward
  from (select id, _batch, unnest(r.location).location as place from classed) m
  ${joinTarget('k', 'm.place', 'Location')}
  join (
    select id, case when ${anyCode('r.physicalType')} = 'wa' then ${plainCode('r.identifier[1].value')} end as ward from ${typeTable('Location')}
  ) l on l.id = k.id
  group by m.id
)
select m.id, m.kind, m.class, w.ward, w.location as ward_location
from classed m
${joinTarget('u', 'm.r.partOf', 'Encounter')}
left join classed outside on outside.id = u.id and outside.kind = 'spell' and outside.id <> m.id
left join placed w on w.id = m.id
where m.kind is not null and (m.kind <> 'spell' or outside.id is null)`;
