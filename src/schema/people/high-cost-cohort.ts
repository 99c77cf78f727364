import { type Expression, type RawBuilder, sql } from 'kysely';
import { subquery } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { bind } from '../../warehouse/value.js';
import type { Cohort, CohortOf } from '../declare/metadata.js';
import { pounds } from './columns.js';
import {
  costsOfPatients,
  isCounted,
  itemsOfPatients,
  latestScores,
  settingNames,
} from './high-cost-events.js';
import { type Period, periodOf, type Window } from './window.js';

/** Percent of the population that is never at rising risk, since it is high already. */
const alreadyHigh = 5;

/**
 * The patients who cost most: those of the first `topPercent` percent by what their events in the window cost, of all
 * who cost anything. Restricted patients are not among them. Columns beside `patient_no`: `rank`, `population`, the
 * amounts by API name as the role sees them (`total_cost`), counts of events, `share`, `threshold`, `group_share`, and what
 * else is needed. To whom pounds are shown cut off and rounded, shares are shares of such pounds: nothing tells the others.
 */
export const highCostCohort: Cohort = (of) => {
  const { gold, dialect, args, names } = of;
  const period = periodOf(args['window'] as Window, of.dataAsOf);
  const share = (amount: Expression<unknown>): RawBuilder<unknown> =>
    dialect.roundDecimals(sql`(${dialect.toDouble(amount)} / ${dialect.toDouble(sql.ref('x.all_cost'))})`, 6);
  const summed = subquery(gold, shown(of, period), 'w')
    .selectAll('w')
    .select(sql`sum(${sql.ref('w.total_cost')}) over ()`.as('all_cost'));
  const percent = bind({ kind: 'int32' }, args['topPercent'] as number);
  const top = subquery(gold, summed, 'x')
    .where(sql<boolean>`(${sql.ref('x.rank')} - 1) * 100 < ${percent} * ${sql.ref('x.population')}`)
    .selectAll('x')
    .select(share(sql.ref('x.total_cost')).as('share'))
    .select(share(sql`sum(${sql.ref('x.total_cost')}) over ()`).as('group_share'))
    .select(sql`min(${sql.ref('x.total_cost')}) over ()`.as('threshold'));

  let cohort = subquery(gold, top, 'y').selectAll('y');
  const join = (query: DynamicQuery, alias: string, columns: readonly string[]): void => {
    cohort = cohort
      .leftJoin(query.as(alias), `${alias}.patient_no` as never, 'y.patient_no' as never)
      .select(columns.map((column) => sql.ref(`${alias}.${column}`).as(column)));
  };
  if (names.has('prescriptions')) join(itemsOfPatients(of, period), 'i', ['items']);
  if (['laceScore', 'frailtyScore', 'charlsonScore'].some((name) => names.has(name)))
    join(latestScores(of, period), 'z', ['lace', 'hfrs_x10', 'charlson']);
  return cohort;
};

/** The whole population with its ranks, and its pounds as the role sees them. */
function shown(of: CohortOf, period: Period): DynamicQuery {
  const { gold, dialect, args, names, role } = of;
  const cut = role === 'analyst';
  const rising = names.has('risingRisk');
  const asked = settingNames.filter((name) => names.has(name));
  const counted = asked.filter((name) => isCounted(name, args));
  const amounts = ['total_cost', ...counted];
  const population = ranked(of, costsOfPatients(of, period, counted, rising));
  const limited = withLimits(of, population, [
    ...(cut ? amounts.map((column) => ({ column, p: 0.995 })) : []),
    ...(rising ? [{ column: 'later_cost', p: 0.75 }] : []),
  ]);
  const amount = (column: string): RawBuilder<unknown> => {
    const value = sql.ref(`v.${column}`);
    if (!cut) return sql`${value}`;
    const limit = sql.ref(`v.${limitOf(column)}`);
    const exact = dialect.toDouble(value);
    return dialect.roundTo(10, sql`floor(case when ${exact} > ${limit} then ${limit} else ${exact} end)`);
  };
  const rows = subquery(gold, limited, 'v')
    .select(
      ['patient_no', 'rank', 'population', 'admissions', 'attendances'].map((name) =>
        sql.ref(`v.${name}`).as(name),
      ),
    )
    .select(amounts.map((column) => amount(column).as(column)))
    .select(
      asked
        .filter((name) => !isCounted(name, args))
        .map((column) => sql`cast(null as ${sql.raw(dialect.columnType(pounds))})`.as(column)),
    );
  if (!rising) return rows;
  const [later, earlier] = ['v.later_cost', 'v.earlier_cost'].map((name) => sql.ref(name));
  const isRising = sql.join(
    [
      sql`(${sql.ref('v.rank')} - 1) * 100 >= ${sql.lit(alreadyHigh)} * ${sql.ref('v.population')}`,
      sql`${later} >= 2 * ${earlier}`,
      sql`${dialect.toDouble(sql.ref('v.later_cost'))} >= ${sql.ref(`v.${limitOf('later_cost')}`)}`,
    ],
    sql` and `,
  );
  return rows.select(sql`case when ${isRising} then 1 else 0 end`.as('rising_risk'));
}

/** Those who cost anything, by what they cost: `rank` from 1, and how many they are. */
const ranked = ({ gold, dialect }: CohortOf, costs: DynamicQuery): DynamicQuery =>
  subquery(gold, costs, 's')
    .innerJoin(`${dimPatient.name} as q`, 'q.patient_no' as never, 's.patient_no' as never)
    .where(sql<boolean>`${sql.ref('s.total_cost')} > 0`)
    .selectAll('s')
    .select(
      sql`row_number() over (order by ${sql.ref('s.total_cost')} desc, ${sql.ref('q.patient_sk')})`.as(
        'rank',
      ),
    )
    .select(
      sql`${dialect.sumInt(sql`case when ${sql.ref('s.total_cost')} > 0 then 1 else 0 end`)} over ()`.as(
        'population',
      ),
    );

const limitOf = (column: string): string => `${column}_limit`;

/** The population with percentiles of its columns, each beside its column: one row more in the same statement. */
function withLimits(
  { gold, dialect }: CohortOf,
  population: DynamicQuery,
  wanted: readonly { readonly column: string; readonly p: number }[],
): DynamicQuery {
  if (wanted.length === 0) return population;
  const columns = wanted.map(({ column, p }) => ({ column, p, partitionBy: [], percentiles: [p] }));
  const values = dialect.rank(
    subquery(gold, population, 'm').select(columns.map(({ column }) => sql.ref(`m.${column}`).as(column))),
    columns,
  );
  const limits = subquery(gold, values, 'k').select(
    columns.map((one) => dialect.percentile(one, one.p).as(limitOf(one.column))),
  );
  return subquery(gold, population, 'n')
    .innerJoin(limits.as('l'), (join) => join.on(sql<boolean>`1 = 1`))
    .selectAll('n')
    .select(columns.map(({ column }) => sql.ref(`l.${limitOf(column)}`).as(limitOf(column))));
}
