import { oneOf, persons, pounds, ratio } from '../measures/aggregate.js';
import { settings } from '../warehouse/gold/costs.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import type { Arguments } from './declare/metadata.js';
import * as dimensions from './dimensions.js';
import { costedEvents } from './sources/costs.js';

const source =
  'Unit prices of this warehouse (reference/unit_price.csv), after the method of the National Cost Collection, NHS England';
const events =
  'spells by day of discharge, attendances by arrival, referrals, contacts and prescriptions by their day, care packages by each day';
const cost = pounds('amount');

/** Hospital and community care always; prescriptions and social care where they are asked for. */
const counted = ({ includePrescribing, includeSocialCare }: Arguments) => ({
  setting: oneOf(
    settings.filter(
      (setting) =>
        (setting !== 'PRESCRIBING' || includePrescribing === true) &&
        (setting !== 'SOCIAL_CARE' || includeSocialCare === true),
    ),
  ),
});

@MeasureDataset({
  key: 'costs',
  title: 'Costs of care',
  description:
    'What care costs, by setting. Acute: spells that have ended, by the price of the HRG root. Emergency: 280 pounds an attendance. Mental health: 180 a contact of the referral. Community: 2.50 a minute. Prescribing: actual cost. Social care: weekly cost × days / 7, open packages up to the last day with data. Grain ALL has no date bound. Prices are illustrative and stand in a table with their source, year and validity.',
  source: costedEvents,
  counted,
  roles: ['bi-reader', 'analyst', 'finance'],
  cubes: [
    { by: ['AGE_BAND', 'QUINTILE'], published: 'MONTH', mart: 'MONTH' },
    { by: ['TRUST', 'AGE_BAND'], published: 'MONTH', mart: 'MONTH' },
    { by: ['TRUST', 'AGE_BAND', 'QUINTILE'], published: 'YEAR', mart: 'YEAR' },
    { by: ['SETTING', 'TRUST'], published: 'YEAR', mart: 'MONTH' },
    { by: ['SETTING', 'AGE_BAND', 'QUINTILE'], published: 'YEAR', mart: 'YEAR' },
  ],
  rowsFloor: { default: 'WEEK' },
  arguments: {
    includePrescribing: {
      type: { kind: 'boolean' },
      default: true,
      published: [true],
      description: 'Count the actual cost of prescriptions.',
    },
    includeSocialCare: {
      type: { kind: 'boolean' },
      default: false,
      published: [false],
      description: 'Count social care packages, which the NHS does not pay for.',
    },
  },
})
export abstract class Costs {
  @Dimension({
    by: 'SETTING',
    type: { kind: 'text', length: 16 },
    sensitivity: 'Q',
    value: { from: 'key' },
    description: 'ACUTE EMERGENCY MENTAL_HEALTH COMMUNITY PRESCRIBING SOCIAL_CARE.',
  })
  readonly setting!: string | null;
  @Dimension({
    ...dimensions.trustCode,
    type: { kind: 'text', length: 16 },
    description:
      "ODS code of the trust of a spell or attendance; 'not attributable' for all else, which has no trust.",
  })
  readonly trustCode!: string | null;
  @Dimension(dimensions.trustName) readonly trustName!: string | null;
  @Dimension(dimensions.ageBand) readonly ageBand!: string | null;
  @Dimension(dimensions.deprivationQuintile) readonly deprivationQuintile!: string | null;

  @Measure({
    is: persons(),
    unit: 'patients',
    sensitivity: 'Q',
    description: 'Distinct patients with an event that costs something.',
    denominator: events,
    edgeCases: 'a patient counts once in every cell, so that cells do not add up to their total',
    source,
  })
  readonly patients!: number | null;

  @Measure({
    is: cost,
    unit: 'pounds',
    sensitivity: 'S',
    description: 'Sum of the costs.',
    denominator: events,
    edgeCases:
      'a spell without a price of its own HRG root has that of all others; contacts without a number of minutes and referrals without one of contacts add nothing',
    source,
  })
  readonly totalCost!: string | null;

  @Measure({
    is: ratio(cost, persons()),
    unit: 'pounds a patient',
    sensitivity: 'S',
    description: 'Total cost over patients, to the penny.',
    numerator: 'total cost',
    denominator: 'distinct patients of the cell',
    edgeCases: 'under disclosure control both are the released figures',
    source,
  })
  readonly meanCost!: string | null;
}
