import { date, double, instant, int32, key128, nullable, table } from '../table.js';

/**
 * How far events of a patient lie from others of the same patient: what decision support asks of two events at once. One
 * table a fact, one row a row of it. None of their columns is in a dataset of the API.
 */

const patient = int32('key of dim_patient');
const byPatient = { kind: 'hash', column: 'patient_no' } as const;
const contactAfterDischarge = nullable(
  date('day of the first community contact of the patient on or after the discharge; null if none'),
);

export const factSpellInterval = table({
  name: 'fact_spell_interval',
  description: 'Events around a spell of the same patient. One row a spell.',
  columns: {
    spell_sk: key128('key of fact_spell'),
    patient_no: patient,
    days_since_discharge: nullable(
      int32(
        'days from the latest discharge alive of another spell, on or before the admission, any trust; null if none',
      ),
    ),
    contact_after_discharge: contactAfterDischarge,
  },
  sortedBy: ['patient_no', 'spell_sk'],
  distribution: byPatient,
});

export const factEdInterval = table({
  name: 'fact_ed_interval',
  description: 'Events around an emergency attendance of the same patient. One row an attendance.',
  columns: {
    attendance_sk: key128('key of fact_ed_attendance'),
    patient_no: patient,
    treated_at: nullable(instant('arrival and the minutes to treatment')),
    hours_since_departure: nullable(
      double(
        'hours from the latest departure of the attendances before, any trust; null if none, or if it lies after the arrival',
      ),
    ),
    mh_referral_after: nullable(
      date('day of the first mental health referral on or after the day of arrival; null if none'),
    ),
  },
  sortedBy: ['patient_no', 'attendance_sk'],
  distribution: byPatient,
});

export const factReferralInterval = table({
  name: 'fact_referral_interval',
  description: 'Events around a mental health referral of the same patient. One row a referral.',
  columns: {
    referral_sk: key128('key of fact_referral'),
    patient_no: patient,
    contact_after_discharge: contactAfterDischarge,
  },
  sortedBy: ['patient_no', 'referral_sk'],
  distribution: byPatient,
});

export const intervalTables = [factSpellInterval, factEdInterval, factReferralInterval] as const;
