import { contract, date, integer, text } from './contract.js';
import { primaryDiagnosis } from './diagnosis.js';
import { createdTimestamp, eventId, knownPatient, nhsNumber, nhsNumberRules, patientId } from './identity.js';
import { noNegatives } from './no-negatives.js';

/** Mental health care clusters 0–21; there is no cluster 9. */
const careClusters = Array.from({ length: 22 }, (_, cluster) => String(cluster)).filter(
  (code) => code !== '9',
);

const columns = {
  referral_id: eventId('Id of the referral.'),
  patient_id: patientId(),
  nhs_number: nhsNumber(),
  referral_date: date('Q', 'Day of the referral.', { required: true, bound: 'event' }),
  referral_source: text(3)(
    'Q',
    'Who referred: A01 GP, A02 self, A03 A&E, A04 acute, A05 justice, A06 other.',
    {
      upper: true,
      codes: ['A01', 'A02', 'A03', 'A04', 'A05', 'A06'],
    },
  ),
  primary_diagnosis: { ...primaryDiagnosis(), mustExist: false },
  care_cluster: text(2)('S', 'Mental health care cluster.', { codes: careClusters }),
  urgency: text(20)('Q', 'Urgency of the referral.', { codes: ['Routine', 'Urgent', 'Emergency'] }),
  initial_honos_score: integer(0, 48)('S', 'HoNOS total at the first assessment.'),
  latest_honos_score: integer(0, 48)('S', 'HoNOS total at the latest assessment.'),
  total_contacts: integer(0, 100_000)('Q', 'Contacts of the referral.', { mustExist: true }),
  first_contact_date: date('Q', 'Day of the first contact.', { mustExist: true, bound: 'planned' }),
  last_contact_date: date('Q', 'Day of the last contact.', { bound: 'planned' }),
  discharge_date: date('Q', 'Day of discharge from the service.', { mustExist: true, bound: 'planned' }),
  discharge_reason: text(60)('Q', 'Why the referral ended.', {
    codes: ['Treatment completed', 'Moved area', 'Stepped down', 'DNA'],
  }),
  risk_assessment: text(20)('S', 'Assessed risk.', { codes: ['Low', 'Medium', 'High'] }),
  created_timestamp: createdTimestamp(),
};

export const mhsdsReferrals = contract({
  dataset: 'mhsds_referrals',
  version: 1,
  description: 'Referrals to mental health services, one row a referral.',
  key: ['referral_id'],
  duplicateRule: 'REFERRAL_DUPLICATE',
  requiredForRelease: false,
  freshness: 'referral_date',
  columns,
  rules: [
    {
      id: 'REFERRAL_DATE_ORDER',
      column: 'referral_date',
      action: 'reject',
      // One expression a pair: a missing date between two others must not hide their order.
      violated:
        'referral_date > first_contact_date or referral_date > last_contact_date or referral_date > discharge_date or first_contact_date > last_contact_date',
      reason: 'the dates of referral, contacts and discharge are out of order',
    },
    ...noNegatives(columns),
    ...nhsNumberRules,
  ],
  references: [knownPatient],
});
