import { count, peak, perSample } from '../measures/aggregate.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import * as dimensions from './dimensions.js';
import { edPresence } from './sources/ed-presence.js';

const source = 'Point-in-time occupancy, as in RCEM, Emergency Department Crowding (2021)';

@MeasureDataset({
  key: 'edCrowding',
  title: 'Emergency department crowding',
  description:
    'Patients present in the emergency department at each full local hour, by hour and weekday. Present at t: arrival <= t < departure. An hour that a clock change leaves out is not counted; one that it doubles is counted twice.',
  source: edPresence,
  roles: ['bi-reader', 'analyst', 'operations', 'clinician'],
  cubes: [{ by: ['TRUST'], published: 'QUARTER', mart: 'WEEK' }],
  rowsFloor: { default: 'WEEK' },
})
export abstract class EdCrowding {
  @Dimension(dimensions.trustCode) readonly trustCode!: string | null;
  @Dimension(dimensions.trustName) readonly trustName!: string | null;
  @Dimension(dimensions.weekday) readonly weekday!: number | null;
  @Dimension(dimensions.hour) readonly hour!: number | null;

  @Measure({
    is: perSample(count()),
    unit: 'patients',
    sensitivity: 'Q',
    description: 'Mean number of patients present at this hour of this weekday.',
    denominator:
      'the days of the bucket with data that have this weekday and hour; days without a patient count as 0',
    edgeCases: 'an hour and weekday at which nobody was ever present is no row',
    source,
  })
  readonly meanPresent!: number | null;

  @Measure({
    is: peak,
    unit: 'patients',
    sensitivity: 'Q',
    roles: ['operations', 'clinician'],
    description: 'Largest number of patients present at this hour of this weekday.',
    denominator: 'the same days',
    source,
  })
  readonly maxPresent!: number | null;
}
