import { contract, date, decimal, text } from './contract.js';
import { createdTimestamp, eventId, knownPatient, nhsNumber, nhsNumberRules, patientId } from './identity.js';
import { noNegatives } from './no-negatives.js';

const columns = {
  package_id: eventId('Id of the care package.'),
  patient_id: patientId(),
  nhs_number: nhsNumber(),
  package_type: text(20)('Q', 'Type of the package.', {
    mustExist: true,
    upper: true,
    codes: ['HOMECARE', 'DAYCARE', 'RESIDENTIAL', 'NURSING', 'EQUIPMENT', 'DIRECT_PAYMENT'],
  }),
  package_name: text(100)('Q', 'Name of the package as supplied.'),
  start_date: date('Q', 'First day of the package.', { required: true, bound: 'event' }),
  end_date: date('Q', 'Last day; empty while it runs.', { mustExist: true, bound: 'planned' }),
  status: text(20)('Q', 'Active or completed.', { codes: ['Active', 'Completed'] }),
  weekly_cost: decimal(15, 2)('S', 'Cost in pounds a week.', { mustExist: true }),
  assessment_outcome: text(20)('S', 'Assessed need.', {
    upper: true,
    codes: ['LOW', 'MODERATE', 'SUBSTANTIAL', 'CRITICAL'],
  }),
  care_provider: text(100)('O', 'Provider of the care.'),
  hours_per_week: decimal(6, 2)('Q', 'Hours of home care a week; empty for other packages.'),
  review_date: date('Q', 'Next review.', { bound: 'planned' }),
  created_timestamp: createdTimestamp(),
};

export const socialCare = contract({
  dataset: 'social_care',
  version: 1,
  description: 'Packages of adult social care.',
  key: ['package_id'],
  duplicateRule: 'PACKAGE_DUPLICATE',
  requiredForRelease: false,
  freshness: 'start_date',
  columns,
  rules: [
    {
      id: 'PACKAGE_END_BEFORE_START',
      column: 'end_date',
      action: 'reject',
      violated: 'end_date < start_date',
      reason: 'the package ends before it starts',
    },
    ...noNegatives(columns),
    ...nhsNumberRules,
  ],
  references: [knownPatient],
});
