import { type Expression, type RawBuilder, sql } from 'kysely';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { bind } from '../../warehouse/value.js';
import type { CohortOf } from '../declare/metadata.js';
import type { Period } from './window.js';

/** The settings that cost, by the column that has a patient's sum, and the argument without which they do not count. */
export const settingColumns = {
  acuteCost: { setting: 'ACUTE' },
  emergencyCost: { setting: 'EMERGENCY' },
  mentalHealthCost: { setting: 'MENTAL_HEALTH' },
  communityCost: { setting: 'COMMUNITY' },
  prescribingCost: { setting: 'PRESCRIBING', argument: 'includePrescribing' },
  socialCareCost: { setting: 'SOCIAL_CARE', argument: 'includeSocialCare' },
} as const;

export type SettingColumn = keyof typeof settingColumns;
export const settingNames = Object.keys(settingColumns) as SettingColumn[];

/** Whether the setting of a column counts for the arguments. */
export function isCounted(name: SettingColumn, args: CohortOf['args']): boolean {
  const column = settingColumns[name];
  return !('argument' in column) || args[column.argument] === true;
}

/** What the events of each patient cost, in all and by setting, and how many stays and attendances there are among them. */
export function costsOfPatients(
  of: CohortOf,
  period: Period,
  settings: readonly SettingColumn[],
  rising: boolean,
): DynamicQuery {
  const { dialect, args } = of;
  const counted = settingNames
    .filter((name) => isCounted(name, args))
    .map((name) => settingColumns[name].setting);
  const sum = (condition: RawBuilder<boolean>): RawBuilder<unknown> =>
    sql`coalesce(sum(case when ${condition} then ${sql.ref('c.amount')} end), 0)`;
  const number = (setting: string): RawBuilder<unknown> =>
    dialect.sumInt(sql`case when ${sql.ref('c.setting')} = ${sql.lit(setting)} then 1 else 0 end`);
  const { later, earlier, before } = period.half;
  return unrestricted(of, 'fact_cost', period, 'day', 'trust_code')
    .where(sql<boolean>`${sql.ref('c.setting')} in (${sql.join(counted.map((setting) => sql.lit(setting)))})`)
    .select(sql`coalesce(sum(${sql.ref('c.amount')}), 0)`.as('total_cost'))
    .select(
      settings.map((name) =>
        sum(sql<boolean>`${sql.ref('c.setting')} = ${sql.lit(settingColumns[name].setting)}`).as(name),
      ),
    )
    .select(number('ACUTE').as('admissions'))
    .select(number('EMERGENCY').as('attendances'))
    .select(
      rising
        ? [
            sum(
              sql<boolean>`${sql.ref('c.day')} >= ${day(later)} and ${sql.ref('c.day')} < ${day(before)}`,
            ).as('later_cost'),
            sum(
              sql<boolean>`${sql.ref('c.day')} >= ${day(earlier)} and ${sql.ref('c.day')} < ${day(later)}`,
            ).as('earlier_cost'),
          ]
        : [],
    )
    .groupBy('c.patient_no')
    .select('c.patient_no');
}

/** Items prescribed in the window. Prescriptions are of no trust. */
export const itemsOfPatients = (of: CohortOf, period: Period): DynamicQuery =>
  unrestricted(of, 'fact_prescription', period, 'prescription_date', undefined)
    .select(of.dialect.sumInt(sql.ref('c.items')).as('items'))
    .groupBy('c.patient_no')
    .select('c.patient_no');

/** Scores at the latest discharge alive in the window. */
export function latestScores(of: CohortOf, period: Period): DynamicQuery {
  const alive = unrestricted(of, 'fact_spell', period, 'discharge_date', 'trust_code')
    .where(
      sql<boolean>`(${sql.ref('c.discharge_destination')} is null or ${sql.ref('c.discharge_destination')} <> '79')`,
    )
    .innerJoin('fact_spell_score as f', (join) =>
      join.onRef('f.spell_sk', '=', 'c.spell_sk').onRef('f.patient_no', '=', 'c.patient_no'),
    )
    .where(sql<boolean>`${sql.ref('c.discharge_date')} is not null`)
    .select(['c.patient_no', 'f.lace', 'f.hfrs_x10', 'f.charlson'])
    .select(
      sql`row_number() over (partition by ${sql.ref('c.patient_no')} order by ${sql.ref('c.discharge_date')} desc, ${sql.ref('c.admission_date')} desc, ${sql.ref('c.spell_sk')})`.as(
        'latest',
      ),
    );
  return (of.gold.selectFrom(alive.as('a')) as unknown as DynamicQuery)
    .where(sql<boolean>`${sql.ref('a.latest')} = 1`)
    .select(['a.patient_no', 'a.lace', 'a.hfrs_x10', 'a.charlson']);
}

/** The rows `c` of a fact in the window and in scope, without those of restricted patients. */
function unrestricted(
  { gold, inScope }: CohortOf,
  fact: string,
  { from, before }: Period,
  column: string,
  trust: string | undefined,
): DynamicQuery {
  let rows = gold.selectFrom(`${fact} as c` as never) as unknown as DynamicQuery;
  rows = rows
    .innerJoin(`${dimPatient.name} as o`, 'o.patient_no', 'c.patient_no')
    .where(sql<boolean>`${sql.ref('o.is_restricted')} = 0`);
  if (from !== null) rows = rows.where(sql<boolean>`${sql.ref(`c.${column}`)} >= ${day(from)}`);
  if (before !== null) rows = rows.where(sql<boolean>`${sql.ref(`c.${column}`)} < ${day(before)}`);
  const scope = inScope(trust === undefined ? undefined : `c.${trust}`);
  if (scope) rows = rows.where(scope);
  return rows;
}

const day = (value: string): Expression<unknown> => bind({ kind: 'date' }, value);
