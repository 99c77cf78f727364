import { boolean, date, decimal, int32, key128, money, nullable, table, text } from '../table.js';

/** Settings in which care costs something. Prescriptions and social care are no NHS hospital or community care. */
export const settings = [
  'ACUTE',
  'EMERGENCY',
  'MENTAL_HEALTH',
  'COMMUNITY',
  'PRESCRIBING',
  'SOCIAL_CARE',
] as const;

/** Stands for the trust of a cost that no trust has. */
export const noTrust = 'not attributable';

/** Price of what has no price of its own. */
export const anyCode = '*';

export const dimPrice = table({
  name: 'dim_price',
  description: 'Unit prices by setting and day. The periods of a code do not overlap.',
  columns: {
    setting: text(16)('ACUTE EMERGENCY MENTAL_HEALTH COMMUNITY'),
    code: text(8)("HRG root; '*' for all that have no price of their own"),
    unit: text(16)('what the price is of: spell attendance contact minute'),
    price: money('pounds a unit'),
    currency: text(3)('ISO 4217'),
    price_year: int32('year of the prices'),
    valid_from: date('first day on which the price is valid'),
    valid_to: date('last day on which the price is valid'),
    cost_source: text(120)('where the price is from'),
  },
  primaryKey: ['setting', 'code', 'valid_from'],
});

export const factCost = table({
  name: 'fact_cost',
  description:
    'What care costs: one row a spell that has ended, attendance, referral, contact or prescription, on the day that counts for it; a care package has one row for each run of its days within one ISO week and one month, on the first of them.',
  columns: {
    patient_no: int32('key of dim_patient'),
    setting: text(16)('ACUTE EMERGENCY MENTAL_HEALTH COMMUNITY PRESCRIBING SOCIAL_CARE'),
    day: date('discharge, arrival, referral, contact, prescription, or first day of the run'),
    trust_code: text(16)("ODS code of the trust of the event; 'not attributable' outside hospitals"),
    age_band: text(8)(
      "10-year age band on the day of the event, of a package on its first day; 'unknown' if not known",
    ),
    deprivation_quintile: text(8)("1 = most deprived fifth … 5; 'unknown' if not known"),
    amount: nullable(
      decimal(
        18,
        6,
      )(
        'pounds; null where no price is valid or nothing was measured. A care package rounds the sum of its days so far to a millionth, so that the rows of any run of weeks or months add up',
      ),
    ),
    batch_id: int32('batch of the delivery that the event comes from'),
  },
  sortedBy: ['day'],
  distribution: { kind: 'hash', column: 'patient_no' },
});

/** Percent of those who cost anything that count as the most costly. */
export const mostCostly = 5;

export const factPatientCost = table({
  name: 'fact_patient_cost',
  description:
    'What each patient cost in the last whole calendar year of the data, without social care: one row a patient who cost anything and whose record is not restricted.',
  columns: {
    patient_no: int32('key of dim_patient'),
    patient_sk: key128('key of the patient'),
    total_cost: decimal(18, 6)('pounds'),
    in_top5: boolean(
      `among the ${mostCostly} percent, rounded up, who cost most; of equal costs the first by patient_sk`,
    ),
  },
  sortedBy: ['patient_no'],
  distribution: { kind: 'hash', column: 'patient_no' },
});
