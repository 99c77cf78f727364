import { text } from './contract.js';

/** What FHIR says of a patient's name and whereabouts. For the identified store only; nothing else may read them. */
export const identifyingColumns = {
  family_name: text(200)('D', 'Family name in use.', { origin: 'fhir' }),
  given_names: text(200)('D', 'Given names in use, separated by blanks.', { origin: 'fhir' }),
  address: text(400)('D', 'Lines, city and district of the current address.', { origin: 'fhir' }),
  postcode: text(12)('D', 'Postal code of the current address, as sent.', { origin: 'fhir' }),
  phone: text(100)('D', 'Telephone number.', { origin: 'fhir' }),
  email: text(200)('D', 'E-mail address.', { origin: 'fhir' }),
} as const;
