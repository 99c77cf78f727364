import { joinTarget, token } from './expressions.js';
import { identifierTable, linkTable, referenceText } from './references.js';
import { typeTable } from './shapes.js';

/**
 * Who a reference to staff means, as a token: `(_batch, reference, token)`. A practitioner is known by an identifier
 * where there is one, so that one who is sent by two systems is one person; national identifiers come first.
 */
export const staffTable = 'fhir_staff';

const isNational = "regexp_matches(i.system, '^https://fhir\\.(nhs|hl7\\.org)\\.uk/')";

export const staffSql = `create or replace table ${staffTable} as
with practitioner as (
  select k.id, coalesce(arg_min(i.system || '|' || i.value, (not ${isNational}, i.system, i.value)), any_value(${token('Practitioner', 'k.id')})) as token
  from (select distinct id from ${linkTable} where type = 'Practitioner') k
  left join ${identifierTable} i on i.type = 'Practitioner' and i.id = k.id and i.system is not null and not contains(i.system, '|') and length(i.system) + length(i.value) < 250
  group by k.id
), role as (
  select m.id, p.token from ${typeTable('PractitionerRole')} m
  ${joinTarget('l', 'm.r.practitioner', 'Practitioner')}
  join practitioner p on p.id = l.id
)
select _batch, reference, min(token) as token from (
  select l._batch, l.reference, p.token from ${linkTable} l join practitioner p on l.type = 'Practitioner' and p.id = l.id
  union all
  select l._batch, l.reference, r.token from ${linkTable} l join role r on l.type = 'PractitionerRole' and r.id = l.id
) group by _batch, reference`;

/** Joins the staff token of a Reference. */
export const joinStaff = (alias: string, reference: string): string =>
  `left join ${staffTable} ${alias} on ${alias}._batch = m._batch and ${alias}.reference = ${referenceText(reference)}`;
