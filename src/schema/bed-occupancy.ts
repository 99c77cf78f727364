import { capacity, count, eq, gte, isPartial, perSample, utilisation } from '../measures/aggregate.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import * as dimensions from './dimensions.js';
import { bedDays } from './sources/bed-days.js';

const source = 'Midnight census of the KH03 collection, NHS England, Bed Availability and Occupancy';
const sitrep = 'NHS England, Urgent and Emergency Care daily situation reports: long-stay patients';
const days = 'days of the bucket with data: from the first admission to the last day with data';
const inData = { in_data: eq(true) };

@MeasureDataset({
  key: 'bedOccupancy',
  title: 'Bed occupancy',
  description:
    'Occupied beds at the midnight that ends each day: admitted on or before the day and not discharged on or before it. Same-day stays occupy none. Well babies (HRG PB03Z) and stays above 730 days outside mental health are left out. Overlapping spells of one patient each count as a bed.',
  source: bedDays,
  roles: ['bi-reader', 'analyst', 'operations', 'clinician'],
  dimensionRoles: { WARD: ['operations'] },
  cubes: [
    { by: ['TRUST'], published: 'DAY', mart: 'DAY' },
    { by: ['SPECIALTY'], published: 'DAY', mart: 'DAY' },
    { by: ['TRUST', 'SPECIALTY'], published: 'MONTH', mart: 'DAY' },
    { by: ['TRUST', 'WARD'], published: null, mart: 'MONTH' },
  ],
  rowsFloor: { default: 'WEEK', only: [{ by: ['TRUST'], grain: 'DAY' }] },
  arguments: {
    snapshot: {
      type: { kind: 'enum', name: 'BedSnapshot', values: ['MIDNIGHT', 'MORNING'] },
      default: 'MIDNIGHT',
      description: 'MIDNIGHT is the census at the end of the day, MORNING that at 08:00.',
    },
  },
  unavailable: {
    argument: 'snapshot',
    value: 'MORNING',
    reason: 'A census at 08:00 needs times of admission and discharge; the sources have dates only.',
  },
})
export abstract class BedOccupancy {
  @Dimension(dimensions.trustCode) readonly trustCode!: string | null;
  @Dimension(dimensions.trustName) readonly trustName!: string | null;
  @Dimension(dimensions.specialtyCode) readonly specialtyCode!: string | null;
  @Dimension(dimensions.specialtyName) readonly specialtyName!: string | null;
  @Dimension(dimensions.wardCode) readonly wardCode!: string | null;

  @Measure({
    is: count(),
    unit: 'bed days',
    sensitivity: 'Q',
    description: 'Sum of the daily census over the bucket.',
    denominator:
      'all days of the bucket, also those after the last day with data for spells whose discharge is known',
    source,
  })
  readonly occupiedBedDays!: number | null;

  @Measure({
    is: perSample(count(inData)),
    unit: 'beds',
    sensitivity: 'Q',
    description: 'Mean daily census.',
    denominator: days,
    edgeCases: 'null where the bucket has no day with data',
    source,
  })
  readonly occupiedBeds!: number | null;

  @Measure({
    is: capacity,
    unit: 'beds',
    sensitivity: 'O',
    description: 'Staffed beds of the trusts of the cell.',
    denominator: 'beds as supplied with the trusts',
    edgeCases: 'null by specialty or ward: the bed base is known by trust only and is not apportioned',
    source,
  })
  readonly availableBeds!: number | null;

  @Measure({
    is: utilisation(count(inData)),
    unit: 'percent',
    sensitivity: 'Q',
    description: 'Occupied beds as a share of available beds.',
    numerator: 'mean daily census',
    denominator: 'available beds',
    edgeCases: 'above 100 is possible (escalation beds) and is not cut; null where the bed base is unknown',
    source,
  })
  readonly occupancyPct!: number | null;

  @Measure({
    is: perSample(count({ ...inData, stay_day: gte(7) })),
    unit: 'patients',
    sensitivity: 'Q',
    description: 'Mean daily number of patients in a bed for 7 days or more.',
    denominator: days,
    source: sitrep,
  })
  readonly longStay7!: number | null;

  @Measure({
    is: perSample(count({ ...inData, stay_day: gte(14) })),
    unit: 'patients',
    sensitivity: 'Q',
    description: 'Mean daily number of patients in a bed for 14 days or more.',
    denominator: days,
    source: sitrep,
  })
  readonly longStay14!: number | null;

  @Measure({
    is: perSample(count({ ...inData, stay_day: gte(21) })),
    unit: 'patients',
    sensitivity: 'Q',
    description: 'Mean daily number of patients in a bed for 21 days or more.',
    denominator: days,
    source: sitrep,
  })
  readonly longStay21!: number | null;

  @Measure({
    is: isPartial,
    sensitivity: 'O',
    description: 'The bucket touches days for which the census is incomplete.',
    denominator:
      'days before the first admission day + 31 (earlier stays are missing) or after the last day with data',
    source,
  })
  readonly isPartial!: boolean | null;
}
