import { sql } from 'kysely';
import type { EventSource } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';

/**
 * One row a mental health referral on its day, with the wait until the first contact, null where there is none yet, and
 * the days that the referral was open, so far if it still is.
 */
export const referrals: EventSource = {
  name: 'referred',
  relation: (gold, dialect) =>
    gold
      .selectFrom('fact_referral as r')
      .innerJoin('release_day as d', (join) => join.on(sql<boolean>`1 = 1`))
      .select([
        'r.referral_date as day',
        'r.patient_no',
        'r.referral_source',
        'r.urgency',
        'r.care_cluster',
        'r.first_contact_date',
        'r.total_contacts',
      ])
      .select([
        dialect.daysBetween(sql.ref('r.referral_date'), sql.ref('r.first_contact_date')).as('wait_days'),
        dialect
          .daysBetween(
            sql.ref('r.referral_date'),
            sql`coalesce(${sql.ref('r.discharge_date')}, ${sql.ref('d.data_as_of')})`,
          )
          .as('open_days'),
        sql`${sql.ref('r.initial_honos')} - ${sql.ref('r.latest_honos')}`.as('honos_change'),
      ]) as unknown as DynamicQuery,
  columns: {
    referral_source: { kind: 'text', length: 8 },
    urgency: { kind: 'text', length: 16 },
    care_cluster: { kind: 'text', length: 8 },
    first_contact_date: { kind: 'date' },
    total_contacts: { kind: 'int32' },
    wait_days: { kind: 'int32' },
    open_days: { kind: 'int32' },
    honos_change: { kind: 'int32' },
  },
  dimensions: {
    SOURCE: { column: 'referral_source', type: { kind: 'text', length: 8 } },
    URGENCY: { column: 'urgency', type: { kind: 'text', length: 16 } },
    CLUSTER: { column: 'care_cluster', type: { kind: 'text', length: 8 } },
  },
  fixed: [],
  untilDataEnd: true,
  warmUp: { firstDay: 'first_admission', days: 0 },
};
