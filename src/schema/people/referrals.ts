import { factReferral } from '../../warehouse/gold/facts.js';
import { Column, RowDataset } from '../declare/decorators.js';
import type { Shown } from '../declare/metadata.js';
import { clinicalRoles, patientId, rowId, sequenceNumber, text, whole } from './columns.js';
import { category, cutOff, day, forRoles, own, sequence } from './shown.js';

const wait: Shown = {
  value: ({ dialect, own: of }) => dialect.daysBetween(of('referral_date'), of('first_contact_date')),
};

@RowDataset({
  key: 'referrals',
  title: 'Mental health referrals',
  description: 'Referrals to mental health services, de-identified, one row a referral.',
  table: factReferral,
  roles: clinicalRoles,
  order: ['referralDate', 'id'],
  people: { key: 'referral_sk', joins: {}, listedFor: ['analyst'] },
})
export abstract class Referral {
  @Column(rowId('referral_sk', clinicalRoles, 'referral'))
  readonly id!: string;

  @Column(patientId(clinicalRoles))
  readonly patientId!: string;

  @Column(sequenceNumber(sequence('referral_date', 'referral_sk'), 'referral'))
  readonly seq!: number;

  @Column({
    type: { kind: 'date' },
    sensitivity: 'Q',
    description: 'Day of the referral.',
    shown: day('referral_date', clinicalRoles),
  })
  readonly referralDate!: string;

  @Column({
    type: { kind: 'date' },
    nullable: true,
    sensitivity: 'Q',
    description: 'Day of the first contact; null where there was none.',
    shown: day('first_contact_date', clinicalRoles),
  })
  readonly firstContactDate!: string | null;

  @Column({
    type: { kind: 'date' },
    nullable: true,
    sensitivity: 'Q',
    description: 'Day of the last contact.',
    shown: day('last_contact_date', clinicalRoles),
  })
  readonly lastContactDate!: string | null;

  @Column({
    type: { kind: 'date' },
    nullable: true,
    sensitivity: 'Q',
    description: 'Day of discharge; null while open.',
    shown: day('discharge_date', clinicalRoles),
  })
  readonly dischargeDate!: string | null;

  @Column({
    type: whole,
    nullable: true,
    unit: 'days',
    sensitivity: 'Q',
    description: 'First contact minus referral, of the true days; null where there was no contact.',
    shown: { analyst: cutOff(wait.value, 'wait_days'), clinician: wait },
  })
  readonly waitDays!: number | null;

  @Column({
    type: text(8),
    sensitivity: 'Q',
    description: 'A01 GP, A02 self, A03 emergency department, A04 acute, A05 justice, A06 other.',
    shown: forRoles(clinicalRoles, own('referral_source')),
  })
  readonly referralSource!: string;

  @Column({
    type: text(16),
    sensitivity: 'Q',
    description: "Routine Urgent Emergency; 'unknown' where none was supplied.",
    shown: forRoles(clinicalRoles, own('urgency')),
  })
  readonly urgency!: string;

  @Column({
    type: text(8),
    sensitivity: 'S',
    description: "Mental health care cluster; 'unknown' where none was supplied.",
    shown: forRoles(clinicalRoles, own('care_cluster')),
  })
  readonly careCluster!: string;

  @Column({
    type: text(9),
    nullable: true,
    sensitivity: 'S',
    description: 'Primary diagnosis, ICD-10 category.',
    shown: forRoles(clinicalRoles, category('primary_diagnosis')),
  })
  readonly primaryDiagnosis!: string | null;

  @Column({
    type: whole,
    nullable: true,
    sensitivity: 'Q',
    description: 'Contacts of the referral.',
    shown: forRoles(clinicalRoles, own('total_contacts')),
  })
  readonly totalContacts!: number | null;
}
