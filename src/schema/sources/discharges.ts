import type { EventSource } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';

/** One row a spell that has ended, on the day of its discharge. */
export const discharges: EventSource = {
  name: 'discharges',
  relation: (gold) =>
    gold
      .selectFrom('fact_spell as s')
      .where('s.discharge_date', 'is not', null)
      .select([
        's.discharge_date as day',
        's.patient_no',
        's.trust_code',
        's.specialty_code',
        's.admission_method',
        's.hrg_code',
        's.los_days',
      ]) as unknown as DynamicQuery,
  columns: {
    los_days: { kind: 'int32' },
    trust_code: { kind: 'text', length: 5 },
    specialty_code: { kind: 'text', length: 8 },
    admission_method: { kind: 'text', length: 8 },
    hrg_code: { kind: 'text', length: 8 },
  },
  dimensions: {
    TRUST: { column: 'trust_code', type: { kind: 'text', length: 5 } },
    SPECIALTY: { column: 'specialty_code', type: { kind: 'text', length: 8 } },
    ADMISSION_METHOD: { column: 'admission_method', type: { kind: 'text', length: 8 } },
    HRG: { column: 'hrg_code', type: { kind: 'text', length: 8 } },
  },
  fixed: [],
  rowByRow: true,
  warmUp: { firstDay: 'first_admission', days: 0 },
};
