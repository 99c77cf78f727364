import { sql } from 'kysely';
import { type GoldBuilder, queryOf, subquery } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import { factEdAttendance, factSpell } from '../../warehouse/gold/facts.js';
import { addMonths } from '../../warehouse/grain.js';
import { bind } from '../../warehouse/value.js';

const date = { kind: 'date' } as const;

/** Events that have a trust: their table, day and key. */
const events = [
  { table: factSpell.name, day: 'admission_date', key: 'spell_sk' },
  { table: factEdAttendance.name, day: 'arrival_date', key: 'attendance_sk' },
] as const;

/**
 * The trust of the latest event of every patient that has one in the 12 months up to a day: `patient_no`, `trust_code`. Of
 * events of one day the one with the highest key counts.
 */
export function latestTrusts(gold: GoldBuilder, _dialect: Dialect, day: string): DynamicQuery {
  const first = `${addMonths(`${day.slice(0, 7)}-01`, -12).slice(0, 7)}${day.slice(7)}`;
  const [from, to] = [bind(date, isDay(first) ? first : `${first.slice(0, 7)}-28`), bind(date, day)];
  const [spells, attendances] = events.map(({ table, day: column, key }) =>
    queryOf(gold, `${table} as e`)
      .where(sql<boolean>`${sql.ref(`e.${column}`)} >= ${from} and ${sql.ref(`e.${column}`)} <= ${to}`)
      .select([
        sql.ref('e.patient_no').as('patient_no'),
        sql.ref('e.trust_code').as('trust_code'),
        sql.ref(`e.${column}`).as('day'),
        sql.ref(`e.${key}`).as('event_key'),
      ]),
  ) as [DynamicQuery, DynamicQuery];
  const ranked = subquery(gold, spells.unionAll(attendances), 'a').select([
    sql.ref('a.patient_no').as('patient_no'),
    sql.ref('a.trust_code').as('trust_code'),
    sql`row_number() over (partition by ${sql.ref('a.patient_no')} order by ${sql.ref('a.day')} desc, ${sql.ref('a.event_key')} desc)`.as(
      'place',
    ),
  ]);
  return subquery(gold, ranked, 'r')
    .where(sql<boolean>`${sql.ref('r.place')} = 1`)
    .select(['r.patient_no', 'r.trust_code']);
}

const isDay = (text: string): boolean => new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
