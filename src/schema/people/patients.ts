import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { Column, RowDataset } from '../declare/decorators.js';
import { clinicalRoles, patientId, rowRoles, text, whole } from './columns.js';
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

  @Column({
    type: text(1),
    nullable: true,
    sensitivity: 'Q',
    description: 'M male, F female, U anything else.',
    shown: forRoles(clinicalRoles, own('gender')),
  })
  readonly gender!: string | null;

  @Column({
    type: text(16),
    nullable: true,
    sensitivity: 'S',
    description: 'white mixed asian black other not_stated, from the NHS ethnic category.',
    shown: forRoles(clinicalRoles, own('ethnic_group')),
  })
  readonly ethnicGroup!: string | null;

  @Column({
    type: whole,
    nullable: true,
    sensitivity: 'Q',
    description: 'Deprivation fifth, 1 = most deprived; area-based, as supplied.',
    shown: forRoles(rowRoles, own('deprivation_quintile')),
  })
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
