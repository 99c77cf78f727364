import { count, eq, gte, mean, median, percentile } from '../measures/aggregate.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import * as dimensions from './dimensions.js';
import { discharges } from './sources/discharges.js';

const source = 'NHS Data Model and Dictionary, Hospital Provider Spell: length of stay in nights';
const ended = 'spells with dates in order that were discharged in the bucket';

@MeasureDataset({
  key: 'lengthOfStay',
  title: 'Length of stay',
  description:
    'Length of hospital spells by day of discharge: discharge date minus admission date in days, same-day stays 0. The dates decide, not the supplied length.',
  source: discharges,
  roles: ['bi-reader', 'analyst', 'finance', 'operations', 'clinician'],
  dimensionRoles: { ADMISSION_METHOD: ['bi-reader', 'analyst', 'operations', 'clinician'] },
  cubes: [
    { by: ['TRUST'], published: 'WEEK', mart: 'DAY' },
    { by: ['TRUST', 'SPECIALTY'], published: 'MONTH', mart: 'WEEK' },
    { by: ['TRUST', 'ADMISSION_METHOD'], published: 'MONTH', mart: 'WEEK' },
    { by: ['TRUST', 'HRG'], published: 'QUARTER', mart: 'MONTH' },
  ],
  rowsFloor: { default: 'WEEK' },
})
export abstract class LengthOfStay {
  @Dimension(dimensions.trustCode) readonly trustCode!: string | null;
  @Dimension(dimensions.trustName) readonly trustName!: string | null;
  @Dimension(dimensions.specialtyCode) readonly specialtyCode!: string | null;
  @Dimension(dimensions.specialtyName) readonly specialtyName!: string | null;
  @Dimension(dimensions.admissionMethodCode) readonly admissionMethodCode!: string | null;
  @Dimension(dimensions.admissionMethodName) readonly admissionMethodName!: string | null;
  @Dimension(dimensions.hrgCode) readonly hrgCode!: string | null;
  @Dimension(dimensions.hrgName) readonly hrgName!: string | null;

  @Measure({
    is: count(),
    unit: 'spells',
    sensitivity: 'Q',
    description: 'Spells discharged, deaths included.',
    denominator: ended,
    source,
  })
  readonly discharges!: number | null;

  @Measure({
    is: mean('los_days'),
    unit: 'days',
    sensitivity: 'Q',
    description: 'Mean length of stay.',
    denominator: ended,
    source,
  })
  readonly meanDays!: number | null;

  @Measure({
    is: median('los_days'),
    unit: 'days',
    sensitivity: 'Q',
    description: 'Median length of stay, interpolated.',
    denominator: ended,
    source,
  })
  readonly medianDays!: number | null;

  @Measure({
    is: percentile('los_days', 0.9),
    unit: 'days',
    sensitivity: 'Q',
    description: '90th percentile of the length of stay, interpolated.',
    denominator: ended,
    source,
  })
  readonly p90Days!: number | null;

  @Measure({
    is: percentile('los_days', 0.95),
    unit: 'days',
    sensitivity: 'Q',
    description: '95th percentile of the length of stay, interpolated.',
    denominator: ended,
    source,
  })
  readonly p95Days!: number | null;

  @Measure({
    is: count({ los_days: eq(0) }),
    unit: 'spells',
    sensitivity: 'Q',
    description: 'Spells discharged on the day of admission.',
    denominator: ended,
    source,
  })
  readonly zeroDay!: number | null;

  @Measure({
    is: count({ los_days: gte(21) }),
    unit: 'spells',
    sensitivity: 'Q',
    description: 'Spells of 21 days or more.',
    denominator: ended,
    source,
  })
  readonly longStay21!: number | null;
}
