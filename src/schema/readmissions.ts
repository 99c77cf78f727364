import { type Count, count, gte, lte, percentage, wilson } from '../measures/aggregate.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import type { Arguments } from './declare/metadata.js';
import * as dimensions from './dimensions.js';
import { indexDischarges } from './sources/index-discharges.js';

const source =
  'NHS Outcomes Framework 3b, I02040: emergency readmissions within 30 days of discharge from hospital';
const index =
  'spells with dates in order, discharged alive (destination not 79) at least 30 days before the end of the data, or `days` if more; as supplied, transfers not chained';
const readmittedOf =
  'of these, each once, those with an emergency admission of the same patient on or after the discharge and within the days counted';
const interval = 'Wilson 1927; discharges of one patient are not independent, as it assumes';

/** Days of data that must follow a discharge. */
const followed = ({ days }: Arguments): number => Math.max(30, Number(days));

/** Discharges with a readmission in time: day 0 is that of the discharge, and the last day is not counted by default. */
const readmitted = ({ days, windowInclusive30, sameTrust }: Arguments): Count =>
  count({
    [sameTrust === true ? 'next_emergency_days_same_trust' : 'next_emergency_days']: lte(
      Number(days) - (windowInclusive30 === true ? 0 : 1),
    ),
  });

@MeasureDataset({
  key: 'readmissions',
  title: 'Emergency readmissions',
  description:
    'Emergency readmissions after a discharge from hospital, by day of that discharge; trust and specialty are those of the discharge, not of the readmission. 30 days mean day 0 to day 29. The next emergency admission counts, whatever planned stays lie between; a stay that began before the discharge never does. Rounded figures are of buckets that were followed to their end. The published national rate is indirectly standardised: compare it with England, not areas with each other.',
  source: indexDischarges,
  counted: (args) => ({ followed_days: gte(followed(args)) }),
  followed,
  roles: ['bi-reader', 'analyst', 'finance', 'operations', 'clinician'],
  cubes: [
    { by: ['TRUST'], published: 'WEEK', mart: 'DAY' },
    { by: ['TRUST', 'SPECIALTY'], published: 'MONTH', mart: 'WEEK' },
  ],
  rowsFloor: { default: 'WEEK' },
  arguments: {
    days: {
      type: { kind: 'int', least: 1, most: 365 },
      default: 30,
      published: [30],
      description:
        'Days in which an emergency admission is a readmission, the day of discharge counted as the first. Above 30 as many days at the end of the data are left out.',
    },
    windowInclusive30: {
      type: { kind: 'boolean' },
      default: false,
      published: [false],
      description:
        'Count one day more: 0 to 30 instead of 0 to 29. Gives other, higher figures than the national indicator.',
    },
    sameTrust: {
      type: { kind: 'boolean' },
      default: false,
      published: [false],
      description: 'Count a readmission only if it is to the trust of the discharge.',
    },
  },
})
export abstract class Readmissions {
  @Dimension(dimensions.trustCode) readonly trustCode!: string | null;
  @Dimension(dimensions.trustName) readonly trustName!: string | null;
  @Dimension(dimensions.specialtyCode) readonly specialtyCode!: string | null;
  @Dimension(dimensions.specialtyName) readonly specialtyName!: string | null;

  @Measure({
    is: count(),
    unit: 'spells',
    sensitivity: 'Q',
    description: 'Discharges that can be followed by a readmission.',
    denominator: index,
    source,
  })
  readonly discharges!: number | null;

  @Measure({
    is: readmitted,
    unit: 'spells',
    sensitivity: 'Q',
    description: 'Discharges that were followed by an emergency readmission in time.',
    numerator: readmittedOf,
    denominator: index,
    edgeCases:
      'a readmission on the day of discharge counts; one that follows two discharges counts for both',
    source,
  })
  readonly readmitted!: number | null;

  @Measure({
    is: (args) => percentage(readmitted(args), count()),
    unit: 'percent',
    sensitivity: 'Q',
    description: 'Share of discharges that were followed by an emergency readmission in time.',
    numerator: readmittedOf,
    denominator: index,
    source,
  })
  readonly ratePct!: number | null;

  @Measure({
    is: (args) => wilson(readmitted(args), count(), 'lower'),
    unit: 'percent',
    sensitivity: 'Q',
    description: 'Lower limit of the Wilson 95 % interval of the rate.',
    numerator: readmittedOf,
    denominator: index,
    edgeCases: interval,
    source,
  })
  readonly lower95!: number | null;

  @Measure({
    is: (args) => wilson(readmitted(args), count(), 'upper'),
    unit: 'percent',
    sensitivity: 'Q',
    description: 'Upper limit of the Wilson 95 % interval of the rate.',
    numerator: readmittedOf,
    denominator: index,
    edgeCases: interval,
    source,
  })
  readonly upper95!: number | null;
}
