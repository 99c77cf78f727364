import { bool, contract, date, integer, text } from './contract.js';
import { createdTimestamp, eventId, knownPatient, nhsNumber, nhsNumberRules, patientId } from './identity.js';
import { noNegatives } from './no-negatives.js';

const columns = {
  contact_id: eventId('Id of the contact.'),
  patient_id: patientId(),
  nhs_number: nhsNumber(),
  contact_date: date('Q', 'Day of the contact.', { required: true, bound: 'event' }),
  service_type: text(3)('Q', 'Service, code of the source.', {
    mustExist: true,
    upper: true,
    codes: ['N01', 'N02', 'N03', 'N04', 'A01', 'A02', 'A03', 'A04'],
  }),
  service_name: text(100)('Q', 'Name of the service as supplied.'),
  care_professional: text(20)('W', 'Care professional; nearly unique a row.', { upper: true, token: true }),
  contact_setting: text(2)('Q', 'Setting: 01 home, 02 clinic, 03 GP, 04 school, 05 care home.', {
    codes: ['01', '02', '03', '04', '05'],
  }),
  contact_duration_mins: integer(0, 10_000)('Q', 'Minutes of the contact.', { mustExist: true }),
  contact_mode: text(30)('Q', 'How the contact took place.', {
    codes: ['Face to face', 'Telephone', 'Video call'],
  }),
  care_activity: text(60)('Q', 'What was done.', {
    codes: ['Assessment', 'Treatment', 'Review', 'Discharge planning'],
  }),
  onward_referral: bool('Q', 'Referred onwards.'),
  safeguarding_concern: bool('S', 'A safeguarding concern was raised.'),
  created_timestamp: createdTimestamp(),
};

export const csdsContacts = contract({
  dataset: 'csds_contacts',
  version: 1,
  description: 'Contacts of community services.',
  key: ['contact_id'],
  duplicateRule: 'CONTACT_DUPLICATE',
  requiredForRelease: false,
  freshness: 'contact_date',
  columns,
  rules: [...noNegatives(columns), ...nhsNumberRules],
  references: [knownPatient],
});
