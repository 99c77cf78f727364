import type { EventSource } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';

/** One row an attendance, on the local day of arrival. */
export const edAttendances: EventSource = {
  name: 'ed_attendances',
  relation: (gold) =>
    gold
      .selectFrom('fact_ed_attendance as a')
      .select([
        'a.arrival_date as day',
        'a.patient_no',
        'a.trust_code',
        'a.triage_category',
        'a.presenting_complaint',
        'a.arrival_hour',
        'a.weekday',
        'a.discharge_destination',
        'a.total_minutes',
        'a.treatment_minutes',
        'a.reattended_7d',
        'a.reattended_7d_same_trust',
        'a.attendances_365d',
      ]) as unknown as DynamicQuery,
  columns: {
    trust_code: { kind: 'text', length: 5 },
    triage_category: { kind: 'text', length: 8 },
    presenting_complaint: { kind: 'text', length: 60 },
    arrival_hour: { kind: 'int32' },
    weekday: { kind: 'int32' },
    discharge_destination: { kind: 'text', length: 8 },
    total_minutes: { kind: 'int32' },
    treatment_minutes: { kind: 'int32' },
    reattended_7d: { kind: 'boolean' },
    reattended_7d_same_trust: { kind: 'boolean' },
    attendances_365d: { kind: 'int32' },
  },
  dimensions: {
    TRUST: { column: 'trust_code', type: { kind: 'text', length: 5 } },
    TRIAGE: { column: 'triage_category', type: { kind: 'text', length: 8 } },
    COMPLAINT: { column: 'presenting_complaint', type: { kind: 'text', length: 60 } },
    ARRIVAL_HOUR: { column: 'arrival_hour', type: { kind: 'int32' } },
    WEEKDAY: { column: 'weekday', type: { kind: 'int32' } },
    DESTINATION: { column: 'discharge_destination', type: { kind: 'text', length: 8 } },
  },
  fixed: [],
  rowByRow: true,
  warmUp: { firstDay: 'first_arrival', days: 0 },
};
