import { sql } from 'kysely';
import type { EventSource } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';

/**
 * One row a patient and midnight spent in a bed: the day d that the midnight ends, with
 * admission <= d < discharge. The day of admission counts, the day of discharge does not.
 */
export const bedDays: EventSource = {
  name: 'bed_days',
  relation: (gold, dialect) =>
    gold
      .selectFrom('fact_spell as s')
      .innerJoin('dim_date as d', (join) =>
        join.onRef('d.day', '>=', 's.admission_date').onRef('d.day', '<', 's.bed_until'),
      )
      .where('s.in_census', '=', sql.lit(1) as never)
      .select(['d.day', 'd.in_data', 's.trust_code', 's.specialty_code', 's.ward_code', 's.patient_no'])
      .select(
        dialect.daysBetween(sql.ref('s.admission_date'), sql.ref('d.day')).as('stay_day'),
      ) as unknown as DynamicQuery,
  columns: {
    stay_day: { kind: 'int32' },
    in_data: { kind: 'boolean' },
    trust_code: { kind: 'text', length: 5 },
    specialty_code: { kind: 'text', length: 8 },
    ward_code: { kind: 'text', length: 12 },
  },
  dimensions: {
    TRUST: { column: 'trust_code', type: { kind: 'text', length: 5 } },
    SPECIALTY: { column: 'specialty_code', type: { kind: 'text', length: 8 } },
    WARD: { column: 'ward_code', type: { kind: 'text', length: 12 } },
  },
  fixed: [],
  samples: {
    relation: (gold) =>
      gold
        .selectFrom('dim_date')
        .where('in_data', '=', sql.lit(1) as never)
        .select('day') as unknown as DynamicQuery,
    key: 'day',
  },
  warmUp: { firstDay: 'first_admission', days: 31 },
};
