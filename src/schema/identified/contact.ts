import { factContact } from '../../warehouse/gold/facts.js';
import { Exact, ExactStaff, ExactType } from './declare.js';

@ExactType('A community services contact of the patient, exact.')
export abstract class IdentifiedContact {
  @Exact(factContact, 'contact_date', { sensitivity: 'Q', description: 'Day of the contact.' })
  readonly contactDate!: string;

  @Exact(factContact, 'service_type', {
    sensitivity: 'Q',
    description: "Service of the contact, N01 to N04 and A01 to A04; 'unknown' where none was supplied.",
  })
  readonly serviceType!: string;

  @Exact(factContact, 'contact_setting', {
    sensitivity: 'Q',
    description: '01 home, 02 clinic, 03 GP, 04 school, 05 care home.',
  })
  readonly contactSetting!: string;

  @Exact(factContact, 'contact_mode', {
    sensitivity: 'Q',
    description: 'Mode of the contact, of the code list.',
  })
  readonly contactMode!: string | null;

  @Exact(factContact, 'duration_minutes', {
    sensitivity: 'Q',
    unit: 'minutes',
    description: 'Duration of the contact.',
  })
  readonly durationMinutes!: number | null;

  @Exact(factContact, 'safeguarding_concern', {
    sensitivity: 'S',
    description: 'A safeguarding concern was raised.',
  })
  readonly safeguardingConcern!: boolean | null;

  @ExactStaff(factContact, 'professional_sk', 'Code of the care professional in the source.')
  readonly professionalCode!: string | null;
}
