import { qualityDistribution } from '../../warehouse/gold/quality.js';
import type { Engine } from '../engine.js';
import { quoted } from '../sql.js';
import { type Check, check } from './check.js';
import type { CheckLimits } from './limits.js';

/** Columns whose values should be spread like those of the last release; numbers are cut into bins. */
const watched: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dim_patient: {
    gender: 'gender',
    age_band_10: 'age_band_10',
    ethnic_group: 'ethnic_group',
    deprivation_quintile: 'deprivation_quintile',
  },
  fact_spell: {
    trust_code: 'trust_code',
    specialty_code: 'specialty_code',
    admission_method: 'admission_method',
    discharge_destination: 'discharge_destination',
    los_days: 'case when los_days < 8 then los_days when los_days < 22 then 8 else 22 end',
  },
  fact_ed_attendance: {
    trust_code: 'trust_code',
    triage_category: 'triage_category',
    discharge_destination: 'discharge_destination',
    total_minutes: 'least(total_minutes // 60, 13)',
  },
  fact_referral: { referral_source: 'referral_source', urgency: 'urgency' },
  fact_contact: { service_type: 'service_type', contact_setting: 'contact_setting' },
  fact_prescription: { bnf_chapter: 'left(bnf_code, 2)' },
  fact_care_package: { package_type: 'package_type' },
};

/** Fewer rows than this on either side say nothing about a distribution. */
const fewest = 500;
/** Share of a value that does not occur on one side: the index has none of 0. */
const least = 0.0001;

const changes = 'memory.main.distribution_change';

/** Writes how often each value of the watched columns occurs in the release, one pass a table. The catalogue is in use. */
export async function storeDistributions(engine: Engine): Promise<void> {
  for (const [table, columns] of Object.entries(watched)) {
    const names = Object.keys(columns);
    const values = Object.values(columns).map((value, index) => `cast(${value} as varchar) as c${index}`);
    const which = names.map((name, index) => `when grouping(c${index}) = 0 then ${quoted(name)}`);
    await engine.run(`insert into ${qualityDistribution.name}
select ${quoted(table)}, case ${which.join(' ')} end, coalesce(${names.map((_name, index) => `c${index}`).join(', ')}, '(none)'), count(*)
from (select ${values.join(', ')} from ${table})
group by grouping sets (${names.map((_name, index) => `(c${index})`).join(', ')})`);
  }
}

/**
 * Makes the table that the checks read: the population stability index of each watched column against the release
 * before, `sum((p - q) ln(p / q))` over its values. `previous` is the file of that release; without it, or where it
 * is of a build that kept no distributions, the table is empty.
 */
export async function compareDistributions(engine: Engine, previous: string | undefined): Promise<void> {
  await engine.run(
    `create or replace table ${changes} (table_name varchar, column_name varchar, rows_now bigint, rows_before bigint, stability_index double)`,
  );
  if (previous === undefined) return;
  await engine.run(`attach ${quoted(previous)} as previous_release (read_only)`);
  try {
    const kept = await engine.rows(
      `select 1 from duckdb_tables() where database_name = 'previous_release' and table_name = ${quoted(qualityDistribution.name)}`,
    );
    if (kept.length === 0) return;
    await engine.run(`insert into ${changes}
with now as (select *, sum(rows) over (partition by table_name, column_name) as total from ${qualityDistribution.name}),
before as (select *, sum(rows) over (partition by table_name, column_name) as total from previous_release.${qualityDistribution.name}),
both_sides as (
  select coalesce(n.table_name, b.table_name) as table_name, coalesce(n.column_name, b.column_name) as column_name,
    n.total as total_now, b.total as total_before,
    greatest(coalesce(n.rows / n.total, 0), ${least}) as p, greatest(coalesce(b.rows / b.total, 0), ${least}) as q
  from now n full join before b on n.table_name = b.table_name and n.column_name = b.column_name and n.value = b.value
)
select table_name, column_name, max(total_now), max(total_before), sum((p - q) * ln(p / q)) from both_sides group by all`);
  } finally {
    await engine.run('detach previous_release');
  }
}

/** Warns of each watched column that is spread otherwise than in the release before. */
export const distributionChecks = ({ stabilityIndex }: CheckLimits): Check[] =>
  Object.entries(watched).flatMap(([table, columns]) =>
    Object.keys(columns).map((column) => {
      const own = `table_name = ${quoted(table)} and column_name = ${quoted(column)} and least(rows_now, rows_before) >= ${fewest}`;
      return check({
        id: `${table}.${column}_distribution`,
        subject: table,
        column,
        level: 'field',
        category: 'plausibility',
        severity: 'warn',
        description: `1 if the values of ${column} are spread otherwise than in the release before (population stability index)`,
        from: changes,
        violations: `count(*) filter (${own} and stability_index > ${stabilityIndex})`,
        denominator: `count(*) filter (${own})`,
        detail: `max('index ' || printf('%.3f', stability_index)) filter (${own})`,
        touches: [table],
      });
    }),
  );
