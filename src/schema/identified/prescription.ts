import { factPrescription } from '../../warehouse/gold/facts.js';
import { Exact, ExactStaff, ExactType } from './declare.js';

@ExactType('An item prescribed for the patient, exact, without its costs.')
export abstract class IdentifiedPrescription {
  @Exact(factPrescription, 'prescription_date', { sensitivity: 'Q', description: 'Day of the prescription.' })
  readonly prescriptionDate!: string;

  @Exact(factPrescription, 'practice_code', {
    sensitivity: 'O',
    description: "Prescribing practice; 'unknown' where none was supplied.",
  })
  readonly practiceCode!: string;

  @Exact(factPrescription, 'bnf_code', {
    sensitivity: 'S',
    description: "BNF code or its prefix; 'unknown' where none was supplied.",
  })
  readonly bnfCode!: string;

  @Exact(factPrescription, 'drug_code_system', { sensitivity: 'S', description: 'Code system of drugCode.' })
  readonly drugCodeSystem!: string | null;

  @Exact(factPrescription, 'drug_code', { sensitivity: 'S', description: 'Code of the drug.' })
  readonly drugCode!: string | null;

  @Exact(factPrescription, 'quantity', { sensitivity: 'Q', description: 'Units.' })
  readonly quantity!: number | null;

  @Exact(factPrescription, 'items', { sensitivity: 'Q', description: 'Prescription items.' })
  readonly items!: number;

  @ExactStaff(factPrescription, 'prescriber_sk', 'Code of the prescriber in the source.')
  readonly prescriberCode!: string | null;
}
