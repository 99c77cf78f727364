import { factSpellScore } from '../../warehouse/gold/derived.js';
import { factSpell } from '../../warehouse/gold/facts.js';
import { Exact, ExactStaff, ExactType } from './declare.js';

@ExactType('A hospital spell of the patient, exact, whatever its trust.')
export abstract class IdentifiedEpisode {
  @Exact(factSpell, 'trust_code', { sensitivity: 'O', description: 'ODS code of the trust.' })
  readonly trustCode!: string;

  @Exact(factSpell, 'admission_date', { sensitivity: 'Q', description: 'Local day of admission.' })
  readonly admissionDate!: string;

  @Exact(factSpell, 'discharge_date', {
    sensitivity: 'Q',
    description: 'Local day of discharge; null while in hospital.',
  })
  readonly dischargeDate!: string | null;

  @Exact(factSpell, 'los_days', {
    sensitivity: 'Q',
    unit: 'days',
    description: 'Discharge minus admission; null while in hospital.',
  })
  readonly losDays!: number | null;

  @Exact(factSpell, 'specialty_code', {
    sensitivity: 'Q',
    description: "Main specialty code; 'unknown' where none was supplied.",
  })
  readonly specialtyCode!: string;

  @Exact(factSpell, 'ward_code', {
    sensitivity: 'Q',
    description: "Ward; 'unknown' where none was supplied.",
  })
  readonly wardCode!: string;

  @Exact(factSpell, 'admission_method', {
    sensitivity: 'Q',
    description: 'NHS admission method: 1x elective, 2x emergency, 3x maternity, 8x other.',
  })
  readonly admissionMethodCode!: string;

  @Exact(factSpell, 'admission_source', {
    sensitivity: 'Q',
    description: 'NHS admission source, as supplied.',
  })
  readonly admissionSourceCode!: string | null;

  @Exact(factSpell, 'discharge_destination', {
    sensitivity: 'Q',
    description: 'NHS discharge destination: 19 home, 79 died …',
  })
  readonly dischargeDestinationCode!: string | null;

  @Exact(factSpell, 'primary_diagnosis', {
    sensitivity: 'S',
    description: 'Primary diagnosis, whole ICD-10 code without dot.',
  })
  readonly primaryDiagnosis!: string | null;

  @Exact(factSpell, 'secondary_diagnoses', {
    sensitivity: 'S',
    description: 'Secondary diagnoses, whole ICD-10 codes, comma-separated, in the order supplied.',
  })
  readonly secondaryDiagnoses!: string | null;

  @Exact(factSpell, 'primary_procedure', {
    sensitivity: 'S',
    description: 'Primary procedure, whole OPCS-4 code without dot.',
  })
  readonly primaryProcedure!: string | null;

  @Exact(factSpell, 'secondary_procedures', {
    sensitivity: 'S',
    description: 'Secondary procedures, whole OPCS-4 codes, comma-separated.',
  })
  readonly secondaryProcedures!: string | null;

  @Exact(factSpell, 'hrg_code', {
    sensitivity: 'Q',
    description: "HRG4+ code or root; 'unknown' where none was supplied.",
  })
  readonly hrgCode!: string;

  @ExactStaff(factSpell, 'consultant_sk', 'Code of the consultant in charge in the source.')
  readonly consultantCode!: string | null;

  @Exact(factSpellScore, 'lace', {
    sensitivity: 'S',
    description: 'LACE at discharge, 0 to 19; null while in hospital and below 18 years.',
  })
  readonly laceScore!: number | null;

  @Exact(factSpellScore, 'hfrs_x10', {
    sensitivity: 'S',
    inTenths: true,
    description: 'Hospital Frailty Risk Score of the spell and the two years before; null below 75 years.',
  })
  readonly frailtyScore!: number | null;

  @Exact(factSpellScore, 'charlson', {
    sensitivity: 'S',
    description: 'Charlson comorbidity index of the spell and the 12 months before, without points for age.',
  })
  readonly charlsonScore!: number;
}
