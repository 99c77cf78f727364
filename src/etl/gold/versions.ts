import type { Contract } from '../contracts/contract.js';
import { silverForm } from '../silver/current.js';
import { logNames } from '../silver/log.js';
import { name } from '../sql.js';

/** Datasets whose earlier versions gold keeps. */
export const versioned: readonly string[] = ['trusts', 'practices', 'patients'];

/** View of the versions of a dataset. */
export const versionsView = (dataset: string): string => `versions_${dataset}`;

/**
 * SQL that makes the view `versions_<dataset>`: every accepted version of every key in silver form, with `_batch`,
 * `valid_from`, `valid_to` (the instant at which the next version or a deletion was loaded, null while it holds) and
 * `is_current`. Of several versions of one batch only the last one ever held.
 */
export const versionsSql = (contract: Contract): string =>
  `create or replace view ${versionsView(contract.dataset)} as ${versionsOf(contract, logNames(contract.dataset).stage)}`;

/** The versions among the rows `stage` of the log, which has all rows of a key or none. */
export function versionsOf(contract: Contract, stage: string): string {
  const keys = contract.key.map((key) => `t.${name(key)}`).join(', ');
  return `select * exclude (_op, _last) from (
  select *, lead(valid_from) over (partition by ${contract.key.map(name).join(', ')} order by _batch) as valid_to,
    valid_to is null as is_current
  from (
    select ${silverForm(contract)}, t._batch, t._loaded_at as valid_from, t._op,
      row_number() over (partition by ${keys}, t._batch order by t._row desc) as _last
    from ${stage} t
    where t._reject = 0 and (t._fate is null or t._fate in ('replaced', 'deleted'))
  ) where _last = 1
) where _op is distinct from 'D'`;
}
