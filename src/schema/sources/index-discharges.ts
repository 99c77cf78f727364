import { sql } from 'kysely';
import type { EventSource } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';

/**
 * One row a spell that ended with the patient alive, on the day of its discharge, with the days to the next emergency
 * admission of the patient and the days that the data go on after it. Dimensions are those of the spell itself.
 */
export const indexDischarges: EventSource = {
  name: 'index_discharges',
  relation: (gold, dialect) =>
    gold
      .selectFrom('fact_spell as s')
      .innerJoin('fact_spell_score as k', (join) =>
        join.onRef('k.spell_sk', '=', 's.spell_sk').onRef('k.patient_no', '=', 's.patient_no'),
      )
      .innerJoin('release_day as r', (join) => join.onRef('r.data_as_of', '>=', 's.discharge_date'))
      .where((eb) =>
        eb.or([
          eb('s.discharge_destination', 'is', null),
          eb('s.discharge_destination', '<>', sql.lit('79') as never),
        ]),
      )
      .select([
        's.discharge_date as day',
        's.patient_no',
        's.trust_code',
        's.specialty_code',
        'k.next_emergency_days',
        'k.next_emergency_days_same_trust',
      ])
      .select(
        dialect.daysBetween(sql.ref('s.discharge_date'), sql.ref('r.data_as_of')).as('followed_days'),
      ) as unknown as DynamicQuery,
  columns: {
    trust_code: { kind: 'text', length: 5 },
    specialty_code: { kind: 'text', length: 8 },
    next_emergency_days: { kind: 'int32' },
    next_emergency_days_same_trust: { kind: 'int32' },
    followed_days: { kind: 'int32' },
  },
  dimensions: {
    TRUST: { column: 'trust_code', type: { kind: 'text', length: 5 } },
    SPECIALTY: { column: 'specialty_code', type: { kind: 'text', length: 8 } },
  },
  fixed: [],
  warmUp: { firstDay: 'first_admission', days: 0 },
};
