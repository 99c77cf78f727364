import { type RawBuilder, sql } from 'kysely';
import { factSpellInterval } from '../../warehouse/gold/intervals.js';
import {
  age,
  codes,
  type DeclaredColumn,
  day,
  daysTo,
  type FactRow,
  joined,
  known,
  number,
  own,
  string,
  told,
} from './declare.js';

/** The diagnosis of the first position; what stands there may be no diagnosis. */
const primary = (row: FactRow): RawBuilder<unknown> =>
  sql`case when ${row.own('is_diagnosis')} = ${sql.lit(1)} then ${row.own('primary_diagnosis')} end`;

/** Diagnoses of all positions, comma-separated. Concatenation takes a null as nothing. */
function all(row: FactRow): RawBuilder<unknown> {
  const secondary = row.own('secondary_diagnoses');
  const comma = sql`case when ${primary(row)} is not null and ${secondary} is not null then ${sql.lit(',')} end`;
  return sql`nullif(concat(${primary(row)}, ${comma}, ${secondary}), ${sql.lit('')})`;
}

export const spellJoins = { i: { table: factSpellInterval, key: 'spell_sk', from: 'spell_sk' } } as const;

const atDischarge = { knownAt: 'discharge_date' } as const;
const diagnosis = { system: 'icd10', seenAs: 'episodes.primaryDiagnosis' } as const;

/** What is known of a stay in hospital: the columns of spells and of discharges. */
export const spellColumns: Readonly<Record<string, DeclaredColumn>> = {
  trust_code: told(string('ODS code of the trust', own('trust_code'))),
  admission_date: told(day('day of admission', own('admission_date'))),
  admission_method: told(
    string('NHS admission method; 2 and a letter or digit is an emergency', known('admission_method')),
  ),
  specialty: told(string('main specialty', known('specialty_code'))),
  hrg_code: string('HRG4+ code or root', known('hrg_code')),
  primary_diagnosis: string(
    'ICD-10 without dot; null where the position holds no diagnosis',
    primary,
    diagnosis,
  ),
  diagnoses: codes('ICD-10 codes of all positions', all, diagnosis),
  age,
  discharge_date: told(day('day of discharge', own('discharge_date'), atDischarge)),
  length_of_stay: told(number('days from admission to discharge', own('los_days'), atDischarge)),
  discharge_destination: told(
    string('NHS discharge destination; 79 died', own('discharge_destination'), atDischarge),
  ),
  days_since_discharge: told(
    number(
      'days from the latest discharge alive of another spell, on or before the admission, any trust',
      joined('i', 'days_since_discharge'),
    ),
  ),
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
};
