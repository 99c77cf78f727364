import { count, eq, pounds } from '../measures/aggregate.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import { carePackages } from './sources/care-packages.js';

const source = 'NHS England, Adult Social Care Client Level Data: services and reviews';
const all = 'packages by their first day';
const active = { status: eq('Active') };

@MeasureDataset({
  key: 'socialCare',
  title: 'Social care packages',
  description:
    'Packages of social care by type and first day: how many there are and are active, what the active ones cost a week, and how many of these should have been reviewed.',
  source: carePackages,
  roles: ['bi-reader', 'analyst'],
  cubes: [{ by: ['PACKAGE_TYPE'], published: 'ALL', mart: 'MONTH' }],
  rowsFloor: { default: 'WEEK' },
})
export abstract class SocialCare {
  @Dimension({
    by: 'PACKAGE_TYPE',
    type: { kind: 'text', length: 16 },
    sensitivity: 'Q',
    value: { from: 'key' },
    description:
      "HOMECARE DAYCARE RESIDENTIAL NURSING EQUIPMENT DIRECT_PAYMENT; 'unknown' where none was supplied.",
  })
  readonly packageType!: string | null;

  @Measure({
    is: count(),
    unit: 'packages',
    sensitivity: 'Q',
    description: 'Packages, ended ones included.',
    denominator: all,
    source,
  })
  readonly packages!: number | null;

  @Measure({
    is: count(active),
    unit: 'packages',
    sensitivity: 'Q',
    description: 'Packages with status Active.',
    denominator: all,
    edgeCases: 'the status decides as supplied, not the end date',
    source,
  })
  readonly activePackages!: number | null;

  @Measure({
    is: pounds('weekly_cost', active),
    unit: 'pounds a week',
    sensitivity: 'S',
    description: 'Sum of the weekly costs of active packages.',
    denominator: 'packages with status Active, by their first day',
    edgeCases: 'a package without a weekly cost adds nothing',
    source,
  })
  readonly weeklyCost!: string | null;

  @Measure({
    is: count({ ...active, review_passed: eq(1) }),
    unit: 'packages',
    sensitivity: 'Q',
    description: 'Active packages whose review was due before the last day with data.',
    denominator: 'packages with status Active, by their first day',
    edgeCases: 'a package without a day of review is not overdue',
    source,
  })
  readonly reviewsOverdue!: number | null;
}
