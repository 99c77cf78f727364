import {
  type Count,
  count,
  eq,
  gt,
  gte,
  isNotNull,
  lte,
  median,
  percentage,
  percentile,
  persons,
} from '../measures/aggregate.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import type { Arguments } from './declare/metadata.js';
import * as dimensions from './dimensions.js';
import { edAttendances } from './sources/ed-attendances.js';

const definitions = 'NHS England, A&E Attendances and Emergency Admissions: monthly return definitions';
const indicators = 'NHS Digital, A&E clinical quality indicators';
const all = 'all attendances, whatever their destination';
const frequency =
  'Royal College of Emergency Medicine, Frequent attenders in the emergency department: five or more attendances in a year';

/** Attendances by whom this one makes, or keeps, a frequent attender. */
const byFrequent = ({ frequentFrom }: Arguments): Count =>
  count({ attendances_365d: gte(Number(frequentFrom)) });

@MeasureDataset({
  key: 'edWaits',
  title: 'Emergency department waits',
  description:
    'Waits of emergency department attendances, by the local time of arrival. Durations are the supplied ones: recomputing them over a clock change would move stays by an hour. Not in the sources, hence not offered: decision to admit (trolley waits), time to initial assessment, department type, attendance category, ambulance arrival.',
  source: edAttendances,
  roles: ['bi-reader', 'analyst', 'operations', 'clinician'],
  cubes: [
    { by: ['TRUST'], published: 'WEEK', mart: 'DAY' },
    { by: ['TRUST', 'COMPLAINT'], published: 'MONTH', mart: 'WEEK' },
    { by: ['TRUST', 'TRIAGE'], published: 'MONTH', mart: 'WEEK' },
    { by: ['TRUST', 'WEEKDAY'], published: 'MONTH', mart: 'WEEK' },
    { by: ['TRUST', 'DESTINATION'], published: 'QUARTER', mart: 'WEEK' },
    { by: ['TRUST', 'ARRIVAL_HOUR'], published: 'QUARTER', mart: 'WEEK' },
  ],
  rowsFloor: { default: 'WEEK', using: { ARRIVAL_HOUR: 'MONTH' } },
  arguments: {
    sameTrust: {
      type: { kind: 'boolean' },
      default: false,
      description: 'Count a re-attendance only if the earlier attendance was at the same trust.',
    },
    frequentFrom: {
      type: { kind: 'int', least: 2, most: 100 },
      default: 5,
      published: [5],
      description:
        'Attendances in the 365 days up to and including an attendance, any trust, from which it is one of a frequent attender.',
    },
  },
})
export abstract class EdWaits {
  @Dimension(dimensions.trustCode) readonly trustCode!: string | null;
  @Dimension(dimensions.trustName) readonly trustName!: string | null;
  @Dimension(dimensions.triageCategory) readonly triageCategory!: string | null;
  @Dimension(dimensions.presentingComplaint) readonly presentingComplaint!: string | null;
  @Dimension(dimensions.arrivalHour) readonly arrivalHour!: number | null;
  @Dimension(dimensions.weekday) readonly weekday!: number | null;
  @Dimension(dimensions.edDestinationCode) readonly destinationCode!: string | null;
  @Dimension(dimensions.edDestinationName) readonly destinationName!: string | null;

  @Measure({
    is: count(),
    unit: 'attendances',
    sensitivity: 'Q',
    description: 'Attendances.',
    denominator: all,
    source: definitions,
  })
  readonly attendances!: number | null;

  @Measure({
    is: count({ total_minutes: lte(240) }),
    unit: 'attendances',
    sensitivity: 'Q',
    description: 'Attendances that ended within four hours of arrival.',
    denominator: all,
    edgeCases: 'exactly 240 minutes is within',
    source: definitions,
  })
  readonly within4Hours!: number | null;

  @Measure({
    is: percentage(count({ total_minutes: lte(240) }), count()),
    unit: 'percent',
    sensitivity: 'Q',
    description: 'Share of attendances that ended within four hours of arrival. The national standard is 95.',
    numerator: 'attendances of at most 240 minutes',
    denominator: all,
    source: definitions,
  })
  readonly within4HoursPct!: number | null;

  @Measure({
    is: count({ total_minutes: gt(720) }),
    unit: 'attendances',
    sensitivity: 'Q',
    description: 'Attendances of more than twelve hours from arrival.',
    denominator: all,
    edgeCases: 'the clock starts at arrival; this is not the wait from the decision to admit',
    source: definitions,
  })
  readonly over12Hours!: number | null;

  @Measure({
    is: median('total_minutes', { total_minutes: lte(4320) }),
    unit: 'minutes',
    sensitivity: 'Q',
    description: 'Median time from arrival to departure.',
    denominator: 'attendances of at most 72 hours',
    edgeCases: 'continuous interpolation between the closest ranks',
    source: indicators,
  })
  readonly medianMinutes!: number | null;

  @Measure({
    is: percentile('total_minutes', 0.95, { total_minutes: lte(4320) }),
    unit: 'minutes',
    sensitivity: 'Q',
    description: '95th percentile of the time from arrival to departure.',
    denominator: 'attendances of at most 72 hours',
    edgeCases: 'continuous interpolation between the closest ranks',
    source: indicators,
  })
  readonly p95Minutes!: number | null;

  @Measure({
    is: median('treatment_minutes'),
    unit: 'minutes',
    sensitivity: 'Q',
    description: 'Median time from arrival to treatment.',
    denominator: 'attendances with a time to treatment',
    edgeCases: 'times beyond the departure are kept as supplied and counted as a data quality warning',
    source: indicators,
  })
  readonly medianMinutesToTreatment!: number | null;

  @Measure({
    is: percentage(count({ treatment_minutes: lte(60) }), count({ treatment_minutes: isNotNull })),
    unit: 'percent',
    sensitivity: 'Q',
    description: 'Share of attendances treated within an hour of arrival.',
    numerator: 'attendances with treatment after at most 60 minutes',
    denominator: 'attendances with a time to treatment',
    source: indicators,
  })
  readonly treatedWithin60Pct!: number | null;

  @Measure({
    is: percentage(count({ discharge_destination: eq('05') }), count()),
    unit: 'percent',
    sensitivity: 'Q',
    description: 'Share of attendances that left before treatment was complete.',
    numerator: 'attendances with destination 05',
    denominator: all,
    edgeCases: 'the source does not say whether they left before or after assessment',
    source: indicators,
  })
  readonly leftBeforeTreatmentPct!: number | null;

  @Measure({
    is: percentage(count({ discharge_destination: eq('02') }), count()),
    unit: 'percent',
    sensitivity: 'Q',
    description: 'Share of attendances admitted to a ward of the same hospital.',
    numerator: 'attendances with destination 02',
    denominator: all,
    edgeCases: 'a transfer to another hospital (03) is no admission here',
    source: definitions,
  })
  readonly admittedPct!: number | null;

  @Measure({
    is: {
      argument: 'sameTrust',
      cases: {
        false: percentage(count({ reattended_7d: eq(true) }), count()),
        true: percentage(count({ reattended_7d_same_trust: eq(true) }), count()),
      },
    },
    unit: 'percent',
    sensitivity: 'Q',
    description: 'Share of attendances that are a return within seven days.',
    numerator:
      'attendances that arrive at most 168 hours after the latest departure of the patient’s earlier attendances',
    denominator: all,
    edgeCases:
      'any trust by default; the national indicator counts the same trust and unplanned attendances only, and this source does not tell which are planned',
    source: indicators,
  })
  readonly reattended7DaysPct!: number | null;

  @Measure({
    is: (args) => persons(byFrequent(args).where),
    unit: 'patients',
    sensitivity: 'Q',
    description: 'Patients with an attendance as a frequent attender.',
    denominator: 'all patients with an attendance',
    edgeCases:
      'attendances at any trust and before the bucket count towards the number; those of the same minute count each other',
    source: frequency,
  })
  readonly frequentAttenders!: number | null;

  @Measure({
    is: (args) => percentage(byFrequent(args), count()),
    unit: 'percent',
    sensitivity: 'Q',
    description: 'Share of attendances by frequent attenders.',
    numerator: 'attendances that are at least the fifth, or `frequentFrom`, of their patient in 365 days',
    denominator: all,
    edgeCases: 'the first 365 days of the data are incomplete: earlier attendances are not known',
    source: frequency,
  })
  readonly frequentAttendersPct!: number | null;
}
