import type { EventSource } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';

/** One row a patient and year, with `kind` PERSON, and one for each kind of event that the patient had in it. */
export const healthYears: EventSource = {
  name: 'health_years',
  relation: (gold) =>
    gold
      .selectFrom('fact_health_year as h')
      .select([
        'h.year_start as day',
        'h.patient_no',
        'h.kind',
        'h.n',
        'h.deprivation_quintile',
        'h.ethnic_group',
        'h.age_band',
        'h.standard_band',
      ]) as unknown as DynamicQuery,
  columns: {
    kind: { kind: 'text', length: 32 },
    n: { kind: 'int32' },
    deprivation_quintile: { kind: 'text', length: 8 },
    ethnic_group: { kind: 'text', length: 16 },
    age_band: { kind: 'text', length: 8 },
    standard_band: { kind: 'int32' },
  },
  dimensions: {
    QUINTILE: { column: 'deprivation_quintile', type: { kind: 'text', length: 8 } },
    ETHNIC_GROUP: { column: 'ethnic_group', type: { kind: 'text', length: 16 } },
    AGE_BAND: { column: 'age_band', type: { kind: 'text', length: 8 } },
    STANDARD_BAND: { column: 'standard_band', type: { kind: 'int32' } },
  },
  fixed: [],
  internal: ['STANDARD_BAND'],
  rowByRow: true,
  warmUp: { firstDay: 'first_admission', days: 0 },
};
