import { factContact } from '../../warehouse/gold/facts.js';
import { Column, RowDataset } from '../declare/decorators.js';
import { clinicalRoles, patientId, rowId, sequenceNumber, staffId, text, whole } from './columns.js';
import { day, forRoles, own, quarterHours, sequence } from './shown.js';

@RowDataset({
  key: 'contacts',
  title: 'Community contacts',
  description: 'Contacts of community services, de-identified.',
  table: factContact,
  roles: clinicalRoles,
  order: ['contactDate', 'id'],
  people: { key: 'contact_sk', joins: {}, listedFor: ['analyst'] },
})
export abstract class Contact {
  @Column(rowId('contact_sk', clinicalRoles, 'contact'))
  readonly id!: string;

  @Column(patientId(clinicalRoles))
  readonly patientId!: string;

  @Column(sequenceNumber(sequence('contact_date', 'contact_sk'), 'contact'))
  readonly seq!: number;

  @Column({
    type: { kind: 'date' },
    sensitivity: 'Q',
    description: 'Day of the contact.',
    shown: day('contact_date', clinicalRoles),
  })
  readonly contactDate!: string;

  @Column({
    type: text(8),
    sensitivity: 'Q',
    description:
      'N01 district nursing, N02 health visiting, N03 community mental health, N04 specialist nursing, A01 physiotherapy, A02 occupational therapy, A03 speech therapy, A04 dietitian.',
    shown: forRoles(clinicalRoles, own('service_type')),
  })
  readonly serviceType!: string;

  @Column({
    type: text(8),
    sensitivity: 'Q',
    description: '01 home, 02 clinic, 03 GP, 04 school, 05 care home.',
    shown: forRoles(clinicalRoles, own('contact_setting')),
  })
  readonly contactSetting!: string;

  @Column({
    type: text(60),
    nullable: true,
    sensitivity: 'Q',
    description: 'Mode of the contact, of the code list.',
    shown: forRoles(clinicalRoles, own('contact_mode')),
  })
  readonly contactMode!: string | null;

  @Column({
    type: whole,
    nullable: true,
    unit: 'minutes',
    sensitivity: 'Q',
    description: 'Duration of the contact.',
    shown: { analyst: quarterHours('duration_minutes'), clinician: own('duration_minutes') },
  })
  readonly durationMinutes!: number | null;

  @Column(staffId('professional_sk', clinicalRoles, 'care professional'))
  readonly professionalId!: string | null;
}
