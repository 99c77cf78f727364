import { factCarePackage } from '../../warehouse/gold/facts.js';
import { Exact, ExactType } from './declare.js';

@ExactType('A social care package of the patient, exact, without its costs.')
export abstract class IdentifiedCarePackage {
  @Exact(factCarePackage, 'package_type', {
    sensitivity: 'Q',
    description:
      "HOMECARE DAYCARE RESIDENTIAL NURSING EQUIPMENT DIRECT_PAYMENT; 'unknown' where none was supplied.",
  })
  readonly packageType!: string;

  @Exact(factCarePackage, 'start_date', { sensitivity: 'Q', description: 'First day.' })
  readonly startDate!: string;

  @Exact(factCarePackage, 'end_date', { sensitivity: 'Q', description: 'End; null while open.' })
  readonly endDate!: string | null;

  @Exact(factCarePackage, 'status', {
    sensitivity: 'Q',
    description: "Active Completed; 'unknown' where none was supplied.",
  })
  readonly status!: string;

  @Exact(factCarePackage, 'assessment_outcome', {
    sensitivity: 'S',
    description: 'LOW MODERATE SUBSTANTIAL CRITICAL.',
  })
  readonly assessmentOutcome!: string | null;

  @Exact(factCarePackage, 'hours_per_week', {
    sensitivity: 'Q',
    unit: 'hours',
    description: 'Hours a week; home care only.',
  })
  readonly hoursPerWeek!: string | null;

  @Exact(factCarePackage, 'review_date', { sensitivity: 'Q', description: 'Next review.' })
  readonly reviewDate!: string | null;
}
