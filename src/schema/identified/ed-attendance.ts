import { factEdAttendance } from '../../warehouse/gold/facts.js';
import { Exact, ExactType } from './declare.js';

@ExactType('An emergency department attendance of the patient, exact, whatever its trust.')
export abstract class IdentifiedEdAttendance {
  @Exact(factEdAttendance, 'trust_code', { sensitivity: 'O', description: 'ODS code of the trust.' })
  readonly trustCode!: string;

  @Exact(factEdAttendance, 'arrived_at', { sensitivity: 'Q', description: 'Arrival.' })
  readonly arrivedAt!: string;

  @Exact(factEdAttendance, 'departed_at', { sensitivity: 'Q', description: 'Departure.' })
  readonly departedAt!: string;

  @Exact(factEdAttendance, 'triage_category', {
    sensitivity: 'Q',
    description: "Triage category 1 (most urgent) to 5; 'unknown' where none was supplied.",
  })
  readonly triageCategory!: string;

  @Exact(factEdAttendance, 'presenting_complaint', {
    sensitivity: 'Q',
    description: "Presenting complaint of the code list; 'unknown' for anything else.",
  })
  readonly presentingComplaint!: string;

  @Exact(factEdAttendance, 'discharge_destination', {
    sensitivity: 'Q',
    description: "01 home, 02 ward, 03 other hospital, 04 died, 05 left; 'unknown' where none was supplied.",
  })
  readonly destinationCode!: string;

  @Exact(factEdAttendance, 'total_minutes', {
    sensitivity: 'Q',
    unit: 'minutes',
    description: 'From arrival to departure, as supplied.',
  })
  readonly totalMinutes!: number | null;

  @Exact(factEdAttendance, 'treatment_minutes', {
    sensitivity: 'Q',
    unit: 'minutes',
    description: 'From arrival to treatment, as supplied.',
  })
  readonly treatmentMinutes!: number | null;

  @Exact(factEdAttendance, 'referred_to_specialist', {
    sensitivity: 'Q',
    description: 'Referred to a specialist.',
  })
  readonly referredToSpecialist!: boolean | null;

  @Exact(factEdAttendance, 'safeguarding_concern', {
    sensitivity: 'S',
    description: 'A safeguarding concern was raised.',
  })
  readonly safeguardingConcern!: boolean | null;
}
