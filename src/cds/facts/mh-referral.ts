import { factReferral } from '../../warehouse/gold/facts.js';
import { factReferralInterval } from '../../warehouse/gold/intervals.js';
import { age, day, daysTo, declareFact, joined, known, number, own, string, told } from './declare.js';

const atDischarge = { knownAt: 'discharge_date' } as const;

export const mhReferral = declareFact({
  name: 'mh_referral',
  description:
    'Mental health referrals from their day on; contacts, scores and the discharge are null until theirs.',
  table: factReferral,
  key: 'referral_sk',
  joins: { i: { table: factReferralInterval, key: 'referral_sk', from: 'referral_sk' } },
  columns: {
    referral_date: told(day('day of referral', own('referral_date'))),
    urgency: told(string('Routine Urgent Emergency', known('urgency'))),
    primary_diagnosis: string('ICD-10 without dot', own('primary_diagnosis'), {
      system: 'icd10',
      seenAs: 'referrals.primaryDiagnosis',
    }),
    risk_assessment: string('Low Medium High', own('risk_assessment'), {
      seenAs: 'referrals.riskAssessment',
    }),
    initial_honos_score: number('HoNOS total at the first rating, 0 to 48', own('initial_honos'), {
      seenAs: 'referrals.initialHonos',
    }),
    latest_honos_score: number('HoNOS total at the latest rating, 0 to 48', own('latest_honos'), {
      knownAt: 'last_contact_date',
      seenAs: 'referrals.latestHonos',
    }),
    age,
    first_contact_date: told(
      day('day of the first contact', own('first_contact_date'), {
        knownAt: 'first_contact_date',
      }),
    ),
    last_contact_date: told(
      day('day of the last contact', own('last_contact_date'), {
        knownAt: 'last_contact_date',
      }),
    ),
    discharge_date: told(day('day of discharge', own('discharge_date'), atDischarge)),
    discharge_reason: string('reason of discharge', own('discharge_reason'), atDischarge),
    contact_after_discharge: day(
      'day of the first community contact on or after the discharge',
      joined('i', 'contact_after_discharge'),
      { knownAt: 'contact_after_discharge' },
    ),
    days_discharge_to_contact: number(
      'days from the discharge to that contact',
      daysTo('discharge_date', 'i', 'contact_after_discharge'),
      { knownAt: 'contact_after_discharge' },
    ),
  },
  time: 'referral_date',
  defaultColumn: 'referral_date',
  dataset: 'referrals',
  fhir: 'ServiceRequest?patient={{context.patientId}}&category=3457005',
});
