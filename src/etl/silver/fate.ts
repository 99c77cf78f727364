import type { Contract } from '../contracts/contract.js';
import { name } from '../sql.js';
import type { StageRules } from './rules.js';

/**
 * SQL of the rows `(_batch, _row, fate)` from staged rows that are in order by themselves: what becomes of rows whose
 * key occurs more than once, or is deleted. `stage` holds all rows of each key it holds. Only such rows are looked at;
 * ranking all of them would double the memory of the step. A row that refers to nothing known is a version all the same:
 * it replaces the one before and is not current, so that what counts is always what the source said last.
 * `identical`, `conflicting`: surplus rows of one file; the first one is kept, since every event carries the
 * identifiers of the first copy. `unchanged`: a later delivery repeats the version before. `replaced`: an accepted
 * version that a later one replaces or deletes. `deleted`: a deletion that ends a version.
 */
export function fateSql(contract: Contract, rules: StageRules, stage: string): string {
  const keys = contract.key.map(name).join(', ');
  const inOrder = `_reject not between 1 and ${rules.own.refuse.length}`;
  const content = Object.keys(contract.columns)
    .filter((column) => !contract.key.includes(column))
    .map(
      (column) =>
        `coalesce(cast(strlen(cast(${name(column)} as varchar)) as varchar) || ':' || cast(${name(column)} as varchar), '~')`,
    )
    .join(' || ');
  // Each row of a change file is a version of its own; of a plain delivery the first row of a key is.
  return `with repeated as (
  select ${keys} from ${stage} where ${inOrder} group by ${keys} having count(*) > 1 or count(*) filter (_op = 'D') > 0
), rows as (
  select *,
    case when _op is null then row_number() over (partition by ${keys}, _batch, _op is null order by _row) else 1 end as copy,
    first_value(content) over (partition by ${keys}, _batch, _op is null order by _row) as first_content
  from (
    select ${keys}, _batch, _row, _op, case when _op = 'D' then 'D' else md5(${content || "''"}) end as content
    from ${stage} semi join repeated using (${keys})
    where ${inOrder}
  )
), versions as (
  select ${keys}, _batch, _row, _op, content,
    coalesce(lag(content) over (partition by ${keys} order by _batch, _row), 'D') as content_before
  from rows where copy = 1
), changed as (
  select _batch, _row, _op, lead(_batch) over (partition by ${keys} order by _batch, _row) as next_batch
  from versions where content <> content_before
)
select _batch, _row, case when content = first_content then 'identical' else 'conflicting' end as fate
from rows where copy > 1
union all
select _batch, _row, 'unchanged' from versions where content = content_before
union all
select _batch, _row, case when _op = 'D' then 'deleted' else 'replaced' end from changed where next_batch is not null or _op = 'D'`;
}
