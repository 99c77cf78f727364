import type { EventSource } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';

/** One row a patient present at a full local hour t: arrival <= t < departure. */
export const edPresence: EventSource = {
  name: 'ed_presence',
  relation: (gold) =>
    gold
      .selectFrom('fact_ed_attendance as a')
      .innerJoin('dim_hour as h', (join) =>
        join.onRef('h.sampled_at', '>=', 'a.arrived_at').onRef('h.sampled_at', '<', 'a.departed_at'),
      )
      .select([
        'h.day',
        'h.hour',
        'h.weekday',
        'h.sampled_at',
        'a.patient_no',
        'a.trust_code',
      ]) as unknown as DynamicQuery,
  columns: {
    trust_code: { kind: 'text', length: 5 },
    hour: { kind: 'int32' },
    weekday: { kind: 'int32' },
    sampled_at: { kind: 'instant' },
  },
  dimensions: {
    TRUST: { column: 'trust_code', type: { kind: 'text', length: 5 } },
    WEEKDAY: { column: 'weekday', type: { kind: 'int32' } },
    HOUR: { column: 'hour', type: { kind: 'int32' } },
  },
  fixed: ['WEEKDAY', 'HOUR'],
  samples: {
    relation: (gold) =>
      gold.selectFrom('dim_hour').select(['day', 'hour', 'weekday']) as unknown as DynamicQuery,
    key: 'sampled_at',
  },
  warmUp: { firstDay: 'first_arrival', days: 1 },
};
