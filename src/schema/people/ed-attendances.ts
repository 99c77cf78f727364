import { sql } from 'kysely';
import { factEdAttendance } from '../../warehouse/gold/facts.js';
import { Column, RowDataset } from '../declare/decorators.js';
import type { Shown } from '../declare/metadata.js';
import {
  clinicalRoles,
  patientId,
  rowId,
  rowRoles,
  sequenceNumber,
  text,
  trustCode,
  trustJoin,
  trustName,
  whole,
} from './columns.js';
import { day, forRoles, joined, own, quarterHours, sequence } from './shown.js';

const bands = ['00-03', '04-07', '08-11', '12-15', '16-19', '20-23'];

/** The four hours in which the patient arrived. */
const fourHours: Shown = {
  value(row) {
    const hour = row.own('arrival_hour');
    const cases = bands
      .slice(0, -1)
      .map((band, at) => sql`when ${hour} < ${sql.lit(4 * (at + 1))} then ${sql.lit(band)}`);
    return sql`(case ${sql.join(cases, sql` `)} else ${sql.lit(bands.at(-1))} end)`;
  },
};

@RowDataset({
  key: 'edAttendances',
  title: 'Emergency department attendances',
  description: 'Attendances of emergency departments, de-identified. Durations are the supplied ones.',
  table: factEdAttendance,
  roles: rowRoles,
  order: ['arrivalDate', 'id'],
  people: {
    key: 'attendance_sk',
    trust: 'trust_code',
    joins: {
      trust: trustJoin,
      destination: {
        table: 'dim_code',
        key: 'code',
        from: 'discharge_destination',
        list: 'ed_destination',
      },
    },
    listedFor: rowRoles,
  },
})
export abstract class EdAttendance {
  @Column(rowId('attendance_sk', rowRoles, 'attendance'))
  readonly id!: string;

  @Column(patientId(rowRoles))
  readonly patientId!: string;

  @Column(sequenceNumber(sequence('arrived_at', 'attendance_sk'), 'attendance'))
  readonly seq!: number;

  @Column(trustCode)
  readonly trustCode!: string;

  @Column(trustName)
  readonly trustName!: string | null;

  @Column({
    type: { kind: 'date' },
    sensitivity: 'Q',
    description: 'Local day of arrival.',
    shown: day('arrival_date'),
  })
  readonly arrivalDate!: string;

  @Column({
    type: text(5),
    sensitivity: 'Q',
    generalised: 'Four hours instead of the minute.',
    description: 'Local hours of arrival, in bands of four: 00-03 … 20-23.',
    shown: { analyst: fourHours },
  })
  readonly arrivalBand!: string;

  @Column({
    type: whole,
    sensitivity: 'Q',
    generalised: 'The hour instead of the minute.',
    description: 'Local hour of arrival, 0 to 23.',
    shown: { clinician: own('arrival_hour') },
  })
  readonly arrivalHour!: number;

  @Column({
    type: text(8),
    sensitivity: 'Q',
    description: "Triage category 1 (most urgent) to 5; 'unknown' where none was supplied.",
    shown: forRoles(clinicalRoles, own('triage_category')),
  })
  readonly triageCategory!: string;

  @Column({
    type: text(60),
    sensitivity: 'Q',
    description: "Presenting complaint of the code list; 'unknown' for anything else.",
    shown: forRoles(clinicalRoles, own('presenting_complaint')),
  })
  readonly presentingComplaint!: string;

  @Column({
    type: text(8),
    sensitivity: 'Q',
    description: "01 home, 02 ward, 03 other hospital, 04 died, 05 left; 'unknown' where none was supplied.",
    shown: forRoles(clinicalRoles, own('discharge_destination')),
  })
  readonly destinationCode!: string;

  @Column({
    type: text(400),
    nullable: true,
    sensitivity: 'Q',
    description: 'Name of the discharge destination.',
    shown: forRoles(clinicalRoles, joined('destination', 'name')),
  })
  readonly destinationName!: string | null;

  @Column({
    type: whole,
    nullable: true,
    unit: 'minutes',
    sensitivity: 'Q',
    description: 'From arrival to departure.',
    shown: { analyst: quarterHours('total_minutes'), clinician: own('total_minutes') },
  })
  readonly totalMinutes!: number | null;

  @Column({
    type: whole,
    nullable: true,
    unit: 'minutes',
    sensitivity: 'Q',
    description: 'From arrival to treatment.',
    shown: { analyst: quarterHours('treatment_minutes'), clinician: own('treatment_minutes') },
  })
  readonly treatmentMinutes!: number | null;
}
