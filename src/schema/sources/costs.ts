import type { EventSource } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';

/** One row an event that costs something, or a run of days of a care package, on the day that counts for it. */
export const costedEvents: EventSource = {
  name: 'costed_events',
  relation: (gold) =>
    gold
      .selectFrom('fact_cost as c')
      .select([
        'c.day',
        'c.patient_no',
        'c.setting',
        'c.trust_code',
        'c.age_band',
        'c.deprivation_quintile',
        'c.amount',
      ]) as unknown as DynamicQuery,
  columns: {
    setting: { kind: 'text', length: 16 },
    trust_code: { kind: 'text', length: 16 },
    age_band: { kind: 'text', length: 8 },
    deprivation_quintile: { kind: 'text', length: 8 },
    amount: { kind: 'decimal', precision: 18, scale: 6 },
  },
  dimensions: {
    SETTING: { column: 'setting', type: { kind: 'text', length: 16 } },
    TRUST: { column: 'trust_code', type: { kind: 'text', length: 16 } },
    AGE_BAND: { column: 'age_band', type: { kind: 'text', length: 8 } },
    QUINTILE: { column: 'deprivation_quintile', type: { kind: 'text', length: 8 } },
  },
  fixed: [],
  rowByRow: true,
  warmUp: { firstDay: 'first_admission', days: 0 },
};
