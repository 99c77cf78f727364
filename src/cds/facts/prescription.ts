import { type RawBuilder, sql } from 'kysely';
import { factPrescription } from '../../warehouse/gold/facts.js';
import { age, amount, day, declareFact, type FactRow, known, number, own, string, told } from './declare.js';

/** Chapter to chemical substance: nine characters; a shorter code is what it is. */
const substance = (row: FactRow): RawBuilder<unknown> => sql`left(${known('bnf_code')(row)}, ${sql.lit(9)})`;

/**
 * Day of the prescription of the same substance before this one. Arden knows no distinct values: of a period, those
 * whose predecessor lies before it are the first of their substance, and there are as many as substances.
 */
const previous = (row: FactRow): RawBuilder<unknown> =>
  sql`lag(${row.own('prescription_date')}) over (partition by ${row.own('patient_no')}, ${substance(row)} order by ${row.own('prescription_date')}, ${row.own('prescription_sk')})`;

export const prescription = declareFact({
  name: 'prescription',
  description: 'Prescribed items. A row is one prescription of one presentation.',
  table: factPrescription,
  key: 'prescription_sk',
  columns: {
    prescription_date: told(day('day of the prescription', own('prescription_date'))),
    bnf_code: told(string('BNF code or its prefix', known('bnf_code'), { system: 'bnf' })),
    bnf_substance: told(string('first nine characters of the BNF code', substance, { system: 'bnf' })),
    previous_same_substance: told(
      day('day of the prescription of the same substance before this one; null if there is none', previous),
    ),
    quantity: told(number('units', own('quantity'))),
    actual_cost: number('pounds paid', amount('actual_cost'), { seenAs: 'prescriptions.actualCost' }),
    daily_dose_mg: number('milligrams a day; null where the source has none', amount('daily_dose_mg')),
    days_supply: number('days that the quantity lasts; null where the source has none', own('days_supply')),
    age,
  },
  time: 'prescription_date',
  defaultColumn: 'prescription_date',
  dataset: 'prescriptions',
  fhir: 'MedicationRequest?patient={{context.patientId}}',
});
