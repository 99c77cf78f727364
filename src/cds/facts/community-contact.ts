import { factContact } from '../../warehouse/gold/facts.js';
import { age, day, declareFact, known, own, string, told, truth } from './declare.js';

export const communityContact = declareFact({
  name: 'community_contact',
  description: 'Contacts of community services.',
  table: factContact,
  key: 'contact_sk',
  columns: {
    contact_date: told(day('day of the contact', own('contact_date'))),
    service_type: told(string('N01 to N04, A01 to A04', known('service_type'))),
    care_activity: string('what was done', own('care_activity')),
    safeguarding_concern: truth('a safeguarding concern was raised', own('safeguarding_concern'), {
      seenAs: 'contacts.safeguardingConcern',
    }),
    age,
  },
  time: 'contact_date',
  defaultColumn: 'contact_date',
  dataset: 'contacts',
  fhir: 'Encounter?patient={{context.patientId}}&class=AMB,HH',
});
