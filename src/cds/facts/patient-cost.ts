import { type RawBuilder, sql } from 'kysely';
import { queryOf, subquery } from '../../measures/source.js';
import { factCost } from '../../warehouse/gold/costs.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { releaseDay } from '../../warehouse/gold/quality.js';
import { truthOf } from './declare.js';
import type { Fact } from './fact.js';

/** Percent of those who cost anything. */
const top = 5;

/**
 * What each patient cost in the last calendar year of the data, as the dataset of high-cost patients reckons it by
 * default: without social care, and without patients whose records are restricted.
 */
export const patientCost: Fact = {
  name: 'patient_cost',
  description: 'Cost of the last whole calendar year of the data. One row a patient who cost anything.',
  relation(gold, dialect, columns) {
    const next = dialect.addDays(sql.ref('d.data_as_of'), 1);
    const lastDay = dialect.addDays(dialect.bucket('YEAR', next), -1);
    // Bounds of the day would be a join by inequalities alone, which the embedded engine cannot run again once prepared.
    const isOfYear = sql<boolean>`${dialect.bucket('YEAR', sql.ref('c.day'))} = ${dialect.bucket('YEAR', lastDay)}`;
    const costs = queryOf(gold, `${factCost.name} as c`)
      .innerJoin(`${dimPatient.name} as o`, 'o.patient_no', 'c.patient_no')
      .innerJoin(`${releaseDay.name} as d`, (join) => join.on(isOfYear))
      .where(sql<boolean>`${sql.ref('o.is_restricted')} = ${sql.lit(0)}`)
      .where(sql<boolean>`${sql.ref('c.setting')} <> ${sql.lit('SOCIAL_CARE')}`)
      .groupBy(['c.patient_no', 'o.patient_sk'])
      .select(['c.patient_no', 'o.patient_sk'])
      .select(sql`coalesce(sum(${sql.ref('c.amount')}), 0)`.as('cost'));
    const ranked = subquery(gold, costs, 's')
      .where(sql<boolean>`${sql.ref('s.cost')} > 0`)
      .select(['s.patient_no', 's.patient_sk', 's.cost'])
      .select(
        sql`row_number() over (order by ${sql.ref('s.cost')} desc, ${sql.ref('s.patient_sk')})`.as('place'),
      )
      .select(
        sql`${dialect.sumInt(sql`case when ${sql.ref('s.cost')} > 0 then 1 else 0 end`)} over ()`.as(
          'people',
        ),
      );
    const isTop = sql`(${sql.ref('r.place')} - 1) * 100 < ${sql.lit(top)} * ${sql.ref('r.people')}`;
    const values: Readonly<Record<string, RawBuilder<unknown>>> = {
      total_cost: dialect.toDouble(sql.ref('r.cost')),
      in_top5: truthOf(dialect, isTop),
    };
    return subquery(gold, ranked, 'r')
      .select(sql.ref('r.patient_no').as('patient_no'))
      .select(sql.ref('r.patient_sk').as('row_key'))
      .select(
        Object.entries(values)
          .filter(([name]) => columns.has(name))
          .map(([name, value]) => value.as(name)),
      );
  },
  columns: {
    total_cost: {
      type: 'number',
      description: 'pounds',
      seenAs: 'highCostPatients.totalCost',
    },
    in_top5: {
      type: 'boolean',
      description: 'among the 5 percent, rounded up, who cost most',
      seenAs: 'highCostPatients.rank',
    },
  },
  defaultColumn: 'total_cost',
  notAsOf: true,
};
