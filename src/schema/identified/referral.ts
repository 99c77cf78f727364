import { factReferral } from '../../warehouse/gold/facts.js';
import { Exact, ExactType } from './declare.js';

@ExactType('A mental health referral of the patient, exact.')
export abstract class IdentifiedReferral {
  @Exact(factReferral, 'referral_date', { sensitivity: 'Q', description: 'Day of the referral.' })
  readonly referralDate!: string;

  @Exact(factReferral, 'referral_source', {
    sensitivity: 'Q',
    description: 'A01 GP, A02 self, A03 emergency department, A04 acute, A05 justice, A06 other.',
  })
  readonly referralSource!: string;

  @Exact(factReferral, 'primary_diagnosis', {
    sensitivity: 'S',
    description: 'Primary diagnosis, whole ICD-10 code without dot.',
  })
  readonly primaryDiagnosis!: string | null;

  @Exact(factReferral, 'care_cluster', {
    sensitivity: 'S',
    description: "Mental health care cluster; 'unknown' where none was supplied.",
  })
  readonly careCluster!: string;

  @Exact(factReferral, 'urgency', {
    sensitivity: 'Q',
    description: "Routine Urgent Emergency; 'unknown' where none was supplied.",
  })
  readonly urgency!: string;

  @Exact(factReferral, 'initial_honos', {
    sensitivity: 'S',
    description: 'HoNOS total at the first rating, 0 to 48.',
  })
  readonly initialHonos!: number | null;

  @Exact(factReferral, 'latest_honos', {
    sensitivity: 'S',
    description: 'HoNOS total at the latest rating, 0 to 48.',
  })
  readonly latestHonos!: number | null;

  @Exact(factReferral, 'total_contacts', { sensitivity: 'Q', description: 'Contacts of the referral.' })
  readonly totalContacts!: number | null;

  @Exact(factReferral, 'first_contact_date', {
    sensitivity: 'Q',
    description: 'Day of the first contact; null where there was none.',
  })
  readonly firstContactDate!: string | null;

  @Exact(factReferral, 'last_contact_date', { sensitivity: 'Q', description: 'Day of the last contact.' })
  readonly lastContactDate!: string | null;

  @Exact(factReferral, 'discharge_date', {
    sensitivity: 'Q',
    description: 'Day of discharge; null while open.',
  })
  readonly dischargeDate!: string | null;

  @Exact(factReferral, 'discharge_reason', {
    sensitivity: 'Q',
    description: 'Reason for the discharge, of the code list.',
  })
  readonly dischargeReason!: string | null;

  @Exact(factReferral, 'risk_assessment', {
    sensitivity: 'S',
    description: 'Assessed risk: Low Medium High; null where none was supplied.',
  })
  readonly riskAssessment!: string | null;
}
