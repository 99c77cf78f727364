import { factPrescription } from '../../warehouse/gold/facts.js';
import { Column, RowDataset } from '../declare/decorators.js';
import {
  clinicalRoles,
  patientId,
  pounds,
  rowId,
  rowRoles,
  sequenceNumber,
  staffId,
  text,
  whole,
} from './columns.js';
import { cost, day, forRoles, joined, own, sequence } from './shown.js';

@RowDataset({
  key: 'prescriptions',
  title: 'Prescriptions',
  description: 'Prescribed items as dispensed and reimbursed, de-identified.',
  table: factPrescription,
  roles: rowRoles,
  order: ['prescriptionDate', 'id'],
  people: {
    key: 'prescription_sk',
    joins: { practice: { table: 'dim_practice', key: 'practice_code', from: 'practice_code' } },
    listedFor: ['analyst', 'finance'],
  },
})
export abstract class Prescription {
  @Column(rowId('prescription_sk', rowRoles, 'prescription'))
  readonly id!: string;

  @Column(patientId(rowRoles))
  readonly patientId!: string;

  @Column(sequenceNumber(sequence('prescription_date', 'prescription_sk'), 'prescription'))
  readonly seq!: number;

  @Column({
    type: { kind: 'date' },
    sensitivity: 'Q',
    description: 'Day of the prescription.',
    shown: day('prescription_date'),
  })
  readonly prescriptionDate!: string;

  @Column({
    type: text(60),
    nullable: true,
    sensitivity: 'Q',
    description: 'Commissioning region of the prescribing practice.',
    shown: { analyst: joined('practice', 'commissioning_region') },
  })
  readonly practiceRegion!: string | null;

  @Column({
    type: text(16),
    sensitivity: 'S',
    description: "BNF code, or its prefix as supplied; 'unknown' where none was supplied.",
    shown: forRoles(clinicalRoles, own('bnf_code')),
  })
  readonly bnfCode!: string;

  @Column({
    type: whole,
    nullable: true,
    sensitivity: 'Q',
    description: 'Units prescribed.',
    shown: forRoles(clinicalRoles, own('quantity')),
  })
  readonly quantity!: number | null;

  @Column({
    type: whole,
    sensitivity: 'Q',
    description: 'Prescription items.',
    shown: forRoles(rowRoles, own('items')),
  })
  readonly items!: number;

  @Column({
    type: pounds,
    nullable: true,
    unit: 'pounds',
    sensitivity: 'S',
    description: 'List price times quantity, before discount.',
    shown: cost('net_ingredient_cost'),
  })
  readonly netIngredientCost!: string | null;

  @Column({
    type: pounds,
    nullable: true,
    unit: 'pounds',
    sensitivity: 'S',
    description: 'What the NHS paid.',
    shown: cost('actual_cost'),
  })
  readonly actualCost!: string | null;

  @Column(staffId('prescriber_sk', rowRoles, 'prescriber'))
  readonly prescriberId!: string | null;
}
