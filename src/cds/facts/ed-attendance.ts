import { type RawBuilder, sql } from 'kysely';
import { factEdAttendance } from '../../warehouse/gold/facts.js';
import { factEdInterval } from '../../warehouse/gold/intervals.js';
import {
  age,
  codes,
  day,
  daysTo,
  declareFact,
  type FactRow,
  joined,
  known,
  moment,
  number,
  own,
  string,
  told,
  truth,
} from './declare.js';

/** Category 1 to 5 as a number; anything else is none. */
const triage = (row: FactRow): RawBuilder<unknown> => {
  const column = row.own('triage_category');
  const categories = ['1', '2', '3', '4', '5'].map((category) => sql.lit(category));
  return sql`case when ${column} in (${sql.join(categories)}) then cast(${column} as integer) end`;
};

const atDeparture = { knownAt: 'departure_datetime' } as const;

export const edAttendance = declareFact({
  name: 'ed_attendance',
  description:
    'Attendances of emergency departments from the arrival on; what the departure tells is null until it.',
  table: factEdAttendance,
  key: 'attendance_sk',
  joins: { i: { table: factEdInterval, key: 'attendance_sk', from: 'attendance_sk' } },
  columns: {
    trust_code: told(string('ODS code of the trust', own('trust_code'))),
    arrival_datetime: moment('arrival', own('arrived_at')),
    triage_category: told(number('1 (most urgent) to 5', triage)),
    presenting_complaint: told(string('complaint, text of the source', known('presenting_complaint'))),
    age,
    treated_at: moment('arrival and the minutes to treatment', joined('i', 'treated_at'), {
      knownAt: 'treated_at',
    }),
    time_to_treatment_mins: told(
      number('minutes from arrival to treatment', own('treatment_minutes'), {
        knownAt: 'treated_at',
      }),
    ),
    departure_datetime: moment('departure', own('departed_at'), atDeparture),
    total_time_mins: told(number('minutes from arrival to departure', own('total_minutes'), atDeparture)),
    investigations: codes('names of the investigations', own('investigations'), atDeparture),
    discharge_destination: told(
      string(
        '01 home, 02 ward, 03 other hospital, 04 died, 05 left',
        known('discharge_destination'),
        atDeparture,
      ),
    ),
    safeguarding_concern: truth('a safeguarding concern was raised', own('safeguarding_concern'), {
      seenAs: 'edAttendances.safeguardingConcern',
    }),
    hours_since_departure: number(
      'hours from the latest departure of the attendances before, any trust; null if that lies after the arrival',
      joined('i', 'hours_since_departure'),
    ),
    mh_referral_after: day(
      'day of the first mental health referral on or after the day of arrival',
      joined('i', 'mh_referral_after'),
      { knownAt: 'mh_referral_after' },
    ),
    days_to_mh_referral: number(
      'days from the day of arrival to that referral',
      daysTo('arrival_date', 'i', 'mh_referral_after'),
      { knownAt: 'mh_referral_after' },
    ),
  },
  time: 'arrival_datetime',
  trust: 'trust_code',
  defaultColumn: 'arrival_datetime',
  dataset: 'edAttendances',
  fhir: 'Encounter?patient={{context.patientId}}&class=EMER',
});
