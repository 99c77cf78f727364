import { parquet, quoted } from '../sql.js';
import { postcodeDistrict } from './address.js';
import { rowTable } from './current.js';
import { anyConceptHas, systems } from './expressions.js';
import type { Mapping } from './mapping.js';
import { typeTable } from './shapes.js';

/** Organisations by their code: `(id, code, kind, refused)`; kind is trust or practice. */
export const organisationTable = 'fhir_organisation_code';

export const practicePattern = '[A-HJ-NP-Y][0-9]{5}';
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** F and four characters out of the id. It is the same in every run, and of no other organisation as a rule. */
const derivedCode = (id: string): string =>
  `'F' || ${[0, 1, 2, 3]
    .map(
      (place) =>
        `substr('${digits}', 1 + cast(md5_number_lower('fhir/Organization|' || ${id}) // ${36 ** place} % 36 as integer), 1)`,
    )
    .join(' || ')}`;

/** Organisations that pay, teach or govern care give none: no trusts. */
const others = ['pay', 'ins', 'edu', 'reli', 'crs', 'cg', 'bus', 'govt'];

/**
 * Gives every organisation the code by which trusts and practices are known: its ODS code, else one derived from its
 * id. Where two derived codes are equal, or equal to an ODS code, the one that came first keeps it and the other is
 * refused. Organisations with the same ODS code are one.
 */
export const organisationsSql = `create or replace table ${organisationTable} as
with coded as (
  select m.id, m._batch, m._row, f.first_batch, f.first_row,
    upper(trim(list_filter(m.r.identifier, lambda i: i.system in (${quoted(systems.odsOrganisation)}, ${quoted(systems.odsSite)}))[1].value)) as ods
  from ${typeTable('Organization')} m
  join (select id, min(_batch) as first_batch, min(_row) as first_row from ${rowTable} where resource_type = 'Organization' group by id) f on f.id = m.id
  where not ${anyConceptHas('m.r.type', others)}
), named as (
  select *, regexp_full_match(coalesce(ods, ''), '[A-Z0-9]{3,5}|${practicePattern}') as is_ods,
    case when regexp_full_match(coalesce(ods, ''), '[A-Z0-9]{3,5}|${practicePattern}') then ods else ${derivedCode('id')} end as code
  from coded
), ranked as (
  select *, row_number() over (partition by code order by is_ods desc, first_batch, first_row, id) as place from named
)
select id, _batch, _row, code, case when regexp_full_match(code, '${practicePattern}') then 'practice' else 'trust' end as kind,
  place > 1 as surplus, place > 1 and not is_ods as refused
from ranked`;

/** Codes that deliveries of tables bring: `(code)`. */
export const tabledTable = 'fhir_tabled_code';

/** The codes of trusts and practices in the bronze files of tables. */
export function tabledCodesSql(
  files: readonly { readonly dataset: string; readonly path: string }[],
): string {
  const selects = files.map(
    ({ dataset, path }) =>
      `select upper(trim(cast(${dataset === 'trusts' ? 'trust_code' : 'practice_code'} as varchar))) as code from ${parquet([path])}`,
  );
  return `create or replace table ${tabledTable} as select distinct code from (${[...selects, 'select null::varchar as code'].join(' union all ')}) where code is not null`;
}

/** Where a table brings the same trust or practice, it says more than FHIR, and its row stays. */
const from = `${typeTable('Organization')} m join ${organisationTable} o on o.id = m.id anti join ${tabledTable} t on t.code = o.code`;

export const trustMapping: Mapping = {
  dataset: 'trusts',
  type: 'Organization',
  columns: { trust_code: 'o.code', trust_name: 'left(m.r.name, 200)' },
  from,
  where: "o.kind = 'trust' and not o.surplus",
};

export const practiceMapping: Mapping = {
  dataset: 'practices',
  type: 'Organization',
  columns: {
    practice_code: 'o.code',
    practice_name: 'left(m.r.name, 200)',
    postcode_district: postcodeDistrict('m.r.address[1].postalCode'),
  },
  from,
  where: "o.kind = 'practice' and not o.surplus",
};
