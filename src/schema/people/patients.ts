import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { Column, RowDataset } from '../declare/decorators.js';
import {
  clinicalRoles,
  deprivationQuintile,
  ethnicGroup,
  gender,
  patientId,
  rowRoles,
  text,
} from './columns.js';
import { forRoles, joined, own } from './shown.js';

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

  @Column({
    type: text(8),
    nullable: true,
    sensitivity: 'Q',
    description: 'Age band; null where no age is known.',
    shown: {
      ...forRoles(['analyst', 'finance'], { ...own('age_band_10'), as: '0-17, 18-29, ten-year bands, 90+.' }),
      clinician: { ...own('age_band_5'), as: 'Five-year bands, split at 18, 90+.' },
    },
  })
  readonly ageBand!: string | null;

  @Column(gender(clinicalRoles))
  readonly gender!: string | null;

  @Column(ethnicGroup(clinicalRoles))
  readonly ethnicGroup!: string | null;

  @Column(deprivationQuintile(rowRoles))
  readonly deprivationQuintile!: number | null;

  @Column({
    type: text(2),
    nullable: true,
    sensitivity: 'Q',
    description: 'Postcode area: the letters before the first digit of the district.',
    shown: forRoles(clinicalRoles, own('postcode_area')),
  })
  readonly postcodeArea!: string | null;

  @Column({
    type: text(60),
    nullable: true,
    sensitivity: 'Q',
    description: 'Commissioning region of the registered practice.',
    shown: { analyst: joined('practice', 'commissioning_region') },
  })
  readonly practiceRegion!: string | null;
}
