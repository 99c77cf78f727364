import type { EventSource } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';

/** One row a move of a patient from one setting to another, on the day on which the later event begins. */
export const careTransitions: EventSource = {
  name: 'care_transitions',
  relation: (gold) =>
    gold
      .selectFrom('fact_care_transition as t')
      .select([
        't.transition_date as day',
        't.patient_no',
        't.from_setting',
        't.to_setting',
        't.gap_days',
        't.is_overlap',
      ]) as unknown as DynamicQuery,
  columns: {
    from_setting: { kind: 'text', length: 16 },
    to_setting: { kind: 'text', length: 16 },
    gap_days: { kind: 'int32' },
    is_overlap: { kind: 'boolean' },
  },
  dimensions: {
    FROM: { column: 'from_setting', type: { kind: 'text', length: 16 } },
    TO: { column: 'to_setting', type: { kind: 'text', length: 16 } },
  },
  fixed: [],
  rowByRow: true,
  warmUp: { firstDay: 'first_admission', days: 0 },
};
