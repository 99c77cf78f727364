import { count, eq, lte, median, persons } from '../measures/aggregate.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import * as dimensions from './dimensions.js';
import { careTransitions } from './sources/care-transitions.js';

const source = 'Definition of this warehouse: consecutive events of a patient in different settings';
const all =
  'pairs of events of one patient that follow each other in different settings, at most `gapDays` days apart';

@MeasureDataset({
  key: 'careTransitions',
  title: 'Care transitions',
  description:
    'Moves of patients from one setting of care to another, by the day on which the later event begins. Events are hospital spells, emergency attendances, mental health referrals (to their discharge), community contacts and social care packages; prescriptions are none. They follow each other by start, end and setting. The supplier’s own count of transitions includes repeats of a setting and is another measure.',
  source: careTransitions,
  counted: ({ gapDays }) => ({ gap_days: lte(Number(gapDays)) }),
  roles: ['bi-reader', 'analyst'],
  cubes: [{ by: ['FROM', 'TO'], published: 'YEAR', mart: 'MONTH' }],
  rowsFloor: { default: 'WEEK' },
  arguments: {
    gapDays: {
      type: { kind: 'int', least: 0, most: 365 },
      default: 30,
      published: [30],
      description: 'Most days from the end of the earlier event to the start of the later one.',
    },
  },
})
export abstract class CareTransitions {
  @Dimension(dimensions.fromSetting) readonly fromSetting!: string | null;
  @Dimension(dimensions.toSetting) readonly toSetting!: string | null;

  @Measure({
    is: count(),
    unit: 'transitions',
    sensitivity: 'Q',
    description: 'Moves from one setting to another.',
    denominator: all,
    edgeCases: 'an event that begins before the earlier one ends follows it after 0 days',
    source,
  })
  readonly transitions!: number | null;

  @Measure({
    is: persons(),
    unit: 'patients',
    sensitivity: 'Q',
    description: 'Patients who moved.',
    denominator: all,
    source,
  })
  readonly patients!: number | null;

  @Measure({
    is: median('gap_days'),
    unit: 'days',
    sensitivity: 'Q',
    description: 'Median time from the end of the earlier event to the start of the later one.',
    denominator: all,
    edgeCases: 'an overlap counts as 0 days; continuous interpolation between the closest ranks',
    source,
  })
  readonly medianGapDays!: number | null;

  @Measure({
    is: count({ is_overlap: eq(true) }),
    unit: 'transitions',
    sensitivity: 'Q',
    description: 'Moves where the later event begins before the earlier one ends.',
    denominator: all,
    edgeCases: 'an earlier event without an end goes on',
    source,
  })
  readonly overlapping!: number | null;
}
