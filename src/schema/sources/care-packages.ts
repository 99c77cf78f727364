import { sql } from 'kysely';
import type { EventSource } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';

/** One row a social care package on its first day. A review is overdue once its day lies before the last with data. */
export const carePackages: EventSource = {
  name: 'care_packages',
  relation: (gold) =>
    gold
      .selectFrom('fact_care_package as p')
      .innerJoin('release_day as d', (join) => join.on(sql<boolean>`1 = 1`))
      .select(['p.start_date as day', 'p.patient_no', 'p.package_type', 'p.status', 'p.weekly_cost'])
      .select(
        sql`case when ${sql.ref('p.review_date')} < ${sql.ref('d.data_as_of')} then 1 else 0 end`.as(
          'review_passed',
        ),
      ) as unknown as DynamicQuery,
  columns: {
    package_type: { kind: 'text', length: 16 },
    status: { kind: 'text', length: 16 },
    weekly_cost: { kind: 'decimal', precision: 15, scale: 2 },
    review_passed: { kind: 'int32' },
  },
  dimensions: {
    PACKAGE_TYPE: { column: 'package_type', type: { kind: 'text', length: 16 } },
  },
  fixed: [],
  untilDataEnd: true,
  warmUp: { firstDay: 'first_admission', days: 0 },
};
