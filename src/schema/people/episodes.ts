import { factSpell } from '../../warehouse/gold/facts.js';
import { Column, RowDataset } from '../declare/decorators.js';
import {
  clinicalRoles,
  patientId,
  rowId,
  rowRoles,
  sequenceNumber,
  staffId,
  text,
  trustCode,
  trustJoin,
  trustName,
  whole,
} from './columns.js';
import { category, cutOff, day, forRoles, joined, masked, own, sensitiveNote, sequence } from './shown.js';

@RowDataset({
  key: 'episodes',
  title: 'Episodes',
  description:
    'Hospital spells, de-identified: one patient, one trust, admission to discharge. Where the primary diagnosis is of a listed category, diagnosis, procedures and HRG are SENSITIVE.',
  table: factSpell,
  roles: rowRoles,
  order: ['admissionDate', 'id'],
  people: {
    key: 'spell_sk',
    trust: 'trust_code',
    joins: {
      trust: trustJoin,
      specialty: { table: 'dim_specialty', key: 'specialty_code', from: 'specialty_code' },
      method: { table: 'dim_code', key: 'code', from: 'admission_method', list: 'admission_method' },
      hrg: { table: 'dim_code', key: 'code', from: 'hrg_code', list: 'hrg' },
    },
    listedFor: rowRoles,
  },
})
export abstract class Episode {
  @Column(rowId('spell_sk', rowRoles, 'episode'))
  readonly id!: string;

  @Column(patientId(rowRoles))
  readonly patientId!: string;

  @Column(sequenceNumber(sequence('admission_date', 'spell_sk'), 'episode'))
  readonly seq!: number;

  @Column(trustCode)
  readonly trustCode!: string;

  @Column(trustName)
  readonly trustName!: string | null;

  @Column({
    type: { kind: 'date' },
    sensitivity: 'Q',
    description: 'Local day of admission.',
    shown: day('admission_date'),
  })
  readonly admissionDate!: string;

  @Column({
    type: { kind: 'date' },
    nullable: true,
    sensitivity: 'Q',
    description: 'Local day of discharge; null while in hospital.',
    shown: day('discharge_date'),
  })
  readonly dischargeDate!: string | null;

  @Column({
    type: whole,
    nullable: true,
    unit: 'days',
    sensitivity: 'Q',
    description: 'Discharge minus admission, of the true days; null while in hospital.',
    shown: {
      analyst: cutOff((row) => row.own('los_days'), 'los_days'),
      ...forRoles(['finance', 'clinician'], own('los_days')),
    },
  })
  readonly losDays!: number | null;

  @Column({
    type: text(8),
    sensitivity: 'Q',
    description: "Main specialty code; 'unknown' where none was supplied.",
    shown: forRoles(rowRoles, own('specialty_code')),
  })
  readonly specialtyCode!: string;

  @Column({
    type: text(120),
    nullable: true,
    sensitivity: 'Q',
    description: 'National name of the main specialty.',
    shown: forRoles(rowRoles, joined('specialty', 'specialty_name')),
  })
  readonly specialtyName!: string | null;

  @Column({
    type: text(12),
    sensitivity: 'Q',
    description: "Ward; 'unknown' where none was supplied.",
    shown: { clinician: own('ward_code') },
  })
  readonly wardCode!: string;

  @Column({
    type: text(8),
    sensitivity: 'Q',
    description: 'NHS admission method: 1x elective, 2x emergency, 3x maternity, 8x other.',
    shown: forRoles(clinicalRoles, own('admission_method')),
  })
  readonly admissionMethodCode!: string;

  @Column({
    type: text(400),
    nullable: true,
    sensitivity: 'Q',
    description: 'National name of the admission method.',
    shown: forRoles(clinicalRoles, joined('method', 'name')),
  })
  readonly admissionMethodName!: string | null;

  @Column({
    type: text(8),
    nullable: true,
    sensitivity: 'Q',
    description: 'NHS discharge destination: 19 home, 79 died …',
    shown: forRoles(clinicalRoles, own('discharge_destination')),
  })
  readonly dischargeDestinationCode!: string | null;

  @Column({
    type: text(9),
    nullable: true,
    sensitivity: 'S',
    description:
      'Primary diagnosis, ICD-10 category; null where none was supplied, or a procedure code in its place.',
    shown: forRoles(clinicalRoles, category('primary_diagnosis', 'is_diagnosis')),
  })
  readonly primaryDiagnosis!: string | null;

  @Column({
    type: text(1000),
    nullable: true,
    sensitivity: 'S',
    description: 'Secondary diagnoses, ICD-10 categories, comma-separated, in the order supplied.',
    shown: forRoles(clinicalRoles, {
      ...own('secondary_diagnoses_shown'),
      as: 'The first three characters of each; SENSITIVE for a listed one.',
    }),
  })
  readonly secondaryDiagnoses!: string | null;

  @Column({
    type: text(9),
    nullable: true,
    sensitivity: 'S',
    description: 'Primary procedure, OPCS-4 category.',
    shown: forRoles(clinicalRoles, category('primary_procedure')),
  })
  readonly primaryProcedure!: string | null;

  @Column({
    type: text(400),
    nullable: true,
    sensitivity: 'S',
    description: 'Secondary procedures, OPCS-4 categories, comma-separated.',
    shown: forRoles(clinicalRoles, {
      ...masked((row) => row.own('secondary_procedures_shown')),
      as: `The first three characters of each. ${sensitiveNote}`,
    }),
  })
  readonly secondaryProcedures!: string | null;

  @Column({
    type: text(9),
    sensitivity: 'Q',
    description: "HRG4+ code or root; 'unknown' where none was supplied.",
    shown: forRoles(
      rowRoles,
      masked((row) => row.own('hrg_code')),
    ),
  })
  readonly hrgCode!: string;

  @Column({
    type: text(400),
    nullable: true,
    sensitivity: 'Q',
    description: 'Official name of the HRG.',
    shown: forRoles(
      rowRoles,
      masked((row) => row.joined('hrg', 'name')),
    ),
  })
  readonly hrgName!: string | null;

  @Column(staffId('consultant_sk', rowRoles, 'consultant'))
  readonly consultantId!: string | null;
}
