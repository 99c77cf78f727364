import { sql } from 'kysely';
import { type EventSource, queryOf } from '../../measures/source.js';
import { actRows, noAct } from '../people/relation.js';
import { resultStatus } from './result-status.js';

const name = { kind: 'text', length: 80 } as const;
const code = { kind: 'text', length: 5 } as const;
const word = { kind: 'text', length: 16 } as const;

/** How the names of rules about the quality of data begin; all others are about people in care. */
export const qualityRules = 'dq_';

/** What a rule is about. */
export const subjects = { care: 'CARE', quality: 'DATA_QUALITY' } as const;

/** Stands for the trust where a result has none. No code of a trust is written in small letters. */
export const noTrust = 'none';

/**
 * One row a result of a rule in production, on the local day as of which it first fired. The text of the rule with which it
 * last fired decides: what a text in the shadow says is no event.
 */
export const ruleResults: EventSource = {
  name: 'rule_results',
  relation(gold, dialect, acts) {
    const results = queryOf(gold, 'cds_result as r').innerJoin('cds_rule as u', (join) =>
      join.onRef('u.rule', '=', 'r.rule').onRef('u.text_sha256', '=', 'r.text_sha256'),
    );
    const known =
      acts === undefined
        ? results
        : results.leftJoin(
            actRows(dialect, acts).as('act') as never,
            'act.key' as never,
            'r.result_key' as never,
          );
    return known
      .where('u.validation', '=', sql.lit('production'))
      .select(
        ['r.patient_no', 'r.rule', 'r.resolved_at'].map((column) => sql.ref(column).as(column.slice(2))),
      )
      .select([
        sql`cast(${dialect.localTime(sql.ref('r.first_fired_at'))} as date)`.as('day'),
        sql`coalesce(${sql.ref('r.trust_code')}, ${sql.lit(noTrust)})`.as('trust_code'),
        sql`left(${sql.ref('u.objectives')}, 1)`.as('objective'),
        resultStatus({
          dialect,
          own: (column) => sql.ref(`r.${column}`),
          joined: (_rule, column) => sql.ref(`u.${column}`),
          act: (column) => (acts === undefined ? noAct(dialect, column) : sql.ref(`act.${column}`)),
        }).as('status'),
        sql`case when left(${sql.ref('r.rule')}, ${sql.lit(qualityRules.length)}) = ${sql.lit(qualityRules)} then ${sql.lit(subjects.quality)} else ${sql.lit(subjects.care)} end`.as(
          'about',
        ),
        sql`${sql.ref('r.occurrences')} - 1`.as('repeats'),
      ]);
  },
  columns: {
    rule: name,
    trust_code: code,
    objective: code,
    status: word,
    about: word,
    resolved_at: { kind: 'instant' },
    repeats: { kind: 'int32' },
  },
  dimensions: {
    RULE: { column: 'rule', type: name },
    TRUST: { column: 'trust_code', type: code },
    OBJECTIVE: { column: 'objective', type: code },
    STATUS: { column: 'status', type: word },
    ABOUT: { column: 'about', type: word },
  },
  fixed: ['ABOUT'],
  ofActs: 'STATUS',
  warmUp: { firstDay: 'first_admission', days: 0 },
};
