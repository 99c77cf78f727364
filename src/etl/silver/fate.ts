import type { Contract } from '../contracts/contract.js';
import { name } from '../sql.js';

/** Name of the table with what becomes of repeated rows. */
export const fateTable = (dataset: string): string => `fate_${dataset}`;

/**
 * SQL that makes the table `(_batch, _row, fate)` from the staged rows that are not refused: what becomes of
 * rows whose key occurs more than once. Only such rows are looked at; ranking all of them would double the memory
 * of the step.
 * `identical`, `conflicting`: surplus rows of one file; the first one is kept, since every event carries the
 * identifiers of the first copy. `unchanged`: a later delivery repeats the version before. `replaced`: an accepted
 * version that a later delivery replaces.
 */
export function fateSql(contract: Contract, stageTable: string): string {
  const keys = contract.key.map(name).join(', ');
  const content = Object.keys(contract.columns)
    .filter((column) => !contract.key.includes(column))
    .map(
      (column) =>
        `coalesce(cast(strlen(cast(${name(column)} as varchar)) as varchar) || ':' || cast(${name(column)} as varchar), '~')`,
    )
    .join(' || ');
  return `create or replace table ${fateTable(contract.dataset)} as
with repeated as (
  select ${keys} from ${stageTable} where _reject = 0 group by ${keys} having count(*) > 1
), rows as (
  select ${keys}, _batch, _row, md5(${content || "''"}) as content,
    row_number() over (partition by ${keys}, _batch order by _row) as copy,
    first_value(md5(${content || "''"})) over (partition by ${keys}, _batch order by _row) as first_content
  from ${stageTable} semi join repeated using (${keys})
  where _reject = 0
), versions as (
  select ${keys}, _batch, _row, content,
    lag(content) over (partition by ${keys} order by _batch) as content_before
  from rows where copy = 1
), changed as (
  select ${keys}, _batch, _row, lead(_batch) over (partition by ${keys} order by _batch) as next_batch
  from versions where content is distinct from content_before
)
select _batch, _row, case when content = first_content then 'identical' else 'conflicting' end as fate
from rows where copy > 1
union all
select _batch, _row, 'unchanged' from versions where content = content_before
union all
select _batch, _row, 'replaced' from changed where next_batch is not null`;
}
