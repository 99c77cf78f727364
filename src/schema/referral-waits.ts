import { count, gt, gte, isNull, mean, median, percentile } from '../measures/aggregate.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import { referrals } from './sources/referrals.js';

const source = 'NHS England, Mental Health Services Data Set: referral to first contact';
const honos = 'Royal College of Psychiatrists, Health of the Nation Outcome Scales';
const completed = 'referrals with a first contact, by the day of referral';

@MeasureDataset({
  key: 'referralWaits',
  title: 'Waits of mental health referrals',
  description:
    'Waits from referral to first contact in mental health services, by the day of referral. A referral without a contact still waits: completed and incomplete waits are never mixed.',
  source: referrals,
  roles: ['bi-reader', 'analyst'],
  cubes: [
    { by: ['SOURCE'], published: 'YEAR', mart: 'MONTH' },
    { by: ['CLUSTER'], published: 'YEAR', mart: 'MONTH' },
    { by: ['URGENCY'], published: 'YEAR', mart: 'MONTH' },
  ],
  rowsFloor: { default: 'WEEK' },
  arguments: {
    honosComparable: {
      type: { kind: 'boolean' },
      default: false,
      description:
        'Of meanHonosChange: only referrals open for more than 14 days with at least two contacts, as in national comparisons.',
    },
  },
})
export abstract class ReferralWaits {
  @Dimension({
    by: 'SOURCE',
    type: { kind: 'text', length: 8 },
    sensitivity: 'Q',
    value: { from: 'key' },
    description:
      "Source of the referral: A01 GP, A02 self, A03 emergency department, A04 acute ward, A05 justice, A06 other; 'unknown' where none was supplied.",
  })
  readonly referralSource!: string | null;
  @Dimension({
    by: 'URGENCY',
    type: { kind: 'text', length: 16 },
    sensitivity: 'Q',
    value: { from: 'key' },
    description: "Urgency: Routine, Urgent, Emergency; 'unknown' where none was supplied.",
  })
  readonly urgency!: string | null;
  @Dimension({
    by: 'CLUSTER',
    type: { kind: 'text', length: 8 },
    sensitivity: 'Q',
    value: { from: 'key' },
    description: "Mental health care cluster; 'unknown' where none was supplied.",
  })
  readonly careCluster!: string | null;

  @Measure({
    is: count(),
    unit: 'referrals',
    sensitivity: 'Q',
    description: 'Referrals.',
    denominator: 'all referrals, by the day of referral',
    source,
  })
  readonly referrals!: number | null;

  @Measure({
    is: median('wait_days'),
    unit: 'days',
    sensitivity: 'Q',
    description: 'Median wait from referral to first contact, interpolated.',
    denominator: completed,
    edgeCases: 'contact on the day of referral is a wait of 0 days; null where nobody was seen',
    source,
  })
  readonly medianWaitDays!: number | null;

  @Measure({
    is: percentile('wait_days', 0.95),
    unit: 'days',
    sensitivity: 'Q',
    description: '95th percentile of the wait from referral to first contact, interpolated.',
    denominator: completed,
    edgeCases: 'hidden below 40 patients under disclosure control',
    source,
  })
  readonly p95WaitDays!: number | null;

  @Measure({
    is: count({ first_contact_date: isNull }),
    unit: 'referrals',
    sensitivity: 'Q',
    description: 'Referrals without a contact so far.',
    denominator: 'all referrals, by the day of referral',
    edgeCases: 'their waits are not over and are in neither median nor percentile',
    source,
  })
  readonly waiting!: number | null;

  @Measure({
    is: {
      argument: 'honosComparable',
      cases: {
        false: mean('honos_change'),
        true: mean('honos_change', { open_days: gt(14), total_contacts: gte(2) }),
      },
    },
    unit: 'points',
    sensitivity: 'S',
    description: 'Mean change of the HoNOS total, first rating less the latest: above 0 is better.',
    denominator: 'referrals with both ratings',
    edgeCases:
      'totals range from 0 to 48; no referral is left out for its length or number of contacts unless `honosComparable` is true; an open referral counts its days up to the last day with data',
    source: honos,
  })
  readonly meanHonosChange!: number | null;
}
