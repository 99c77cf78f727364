import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { Column, RowDataset } from '../declare/decorators.js';
import {
  ageBand,
  clinicalRoles,
  deprivationQuintile,
  ethnicGroup,
  gender,
  patientId,
  postcodeArea,
  rowRoles,
  text,
} from './columns.js';
import { atFinest, joined } from './shown.js';

@RowDataset({
  key: 'patients',
  title: 'Patients',
  description:
    'Current patients, de-identified, each with what is known of them. Ages are those on the last day with data.',
  table: dimPatient,
  roles: rowRoles,
  order: ['patientId'],
  people: {
    key: 'patient_sk',
    joins: { practice: { table: 'dim_practice', key: 'practice_code', from: 'practice_code' } },
    listedFor: clinicalRoles,
  },
})
export abstract class Patient {
  @Column(patientId(rowRoles))
  readonly patientId!: string;

  @Column(ageBand(rowRoles))
  readonly ageBand!: string | null;

  @Column(gender(clinicalRoles))
  readonly gender!: string | null;

  @Column(ethnicGroup(clinicalRoles))
  readonly ethnicGroup!: string | null;

  @Column(deprivationQuintile(rowRoles))
  readonly deprivationQuintile!: number | null;

  @Column(postcodeArea(clinicalRoles))
  readonly postcodeArea!: string | null;

  @Column({
    type: text(60),
    nullable: true,
    sensitivity: 'Q',
    description: 'Commissioning region of the registered practice.',
    shown: { analyst: atFinest(joined('practice', 'commissioning_region')) },
  })
  readonly practiceRegion!: string | null;
}
