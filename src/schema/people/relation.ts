import { type JoinBuilder, type RawBuilder, sql } from 'kysely';
import type { Role } from '../../access/role.js';
import { dimensionAsOf } from '../../measures/as-of.js';
import type { GoldBuilder } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { releaseLimit } from '../../warehouse/gold/limits.js';
import { versionsOf } from '../../warehouse/gold/versions.js';
import { bind } from '../../warehouse/value.js';
import type { RowDataset } from '../declare/dataset.js';
import type { CohortOf, RowJoin, RowOfPerson } from '../declare/metadata.js';

/** The number of the patient of a row; it never leaves the server. No API name begins so. */
export const patientColumn = '__patient';
/** Their key: it leaves the server as a token only, and is kept in the record of who saw whom. */
export const patientKeyColumn = '__key';

/** What is known of the last act about a row, and how it is called in JSON. */
export const actColumns = {
  key: { kind: 'key128' },
  outcome: { kind: 'text', length: 16 },
  urgency: { kind: 'int32' },
  at: { kind: 'instant' },
  until: { kind: 'instant' },
} as const;
/** Longer than any text of gold. */
const jsonText = { kind: 'text', length: 1_000_000_000 } as const;

/** The last acts, of `actsJson`, as rows of `actColumns`. */
export const actRows = (dialect: Dialect, acts: string) => dialect.jsonRows(bind(jsonText, acts), actColumns);

/** A column of them where nothing is known of acts. */
export const noAct = (dialect: Dialect, column: keyof typeof actColumns): RawBuilder<unknown> =>
  sql`cast(null as ${sql.raw(dialect.columnType(actColumns[column]))})`;

/** Alias of the dataset's table; its column `patient_no` is in every one. */
export const tableAlias = 't';

export interface RelationOf {
  readonly gold: GoldBuilder;
  readonly dialect: Dialect;
  readonly role: Role;
  /** Columns by API name. */
  readonly names: Iterable<string>;
  /** Of a dataset with a cohort. */
  readonly cohort?: Pick<CohortOf, 'args' | 'dataAsOf' | 'inScope'>;
  /** Condition of a column with a trust: an own one; undefined where all are. */
  readonly ownTrust?: (column: string) => RawBuilder<boolean> | undefined;
  /** What people have done about rows, as `actsJson` has it; none by default. */
  readonly acts?: string;
  /** Instant before which versions of dimensions were known; undefined for the current ones. */
  readonly asOf: string | undefined;
}

/**
 * The rows of a dataset as a role sees them, with their columns by API name, `patientColumn` and
 * `patientKeyColumn`. Rows of restricted
 * patients, and of those who are no longer current, are not among them; row scope is not applied. Error: a column that
 * the role does not have.
 */
export function relationOfPeople(dataset: RowDataset, of: RelationOf): DynamicQuery {
  const { gold, dialect, role, asOf } = of;
  const { people, table } = dataset;
  if (!people) throw new Error(`${dataset.key} has no rows of people`);
  const ofPatients = table.name === dimPatient.name;
  const patient = ofPatients ? tableAlias : 'p';
  // Keys and the mark of a restricted patient are those of now.
  const versioned = ofPatients && asOf !== undefined;
  const used = new Set<string>();
  const row: RowOfPerson = {
    dialect,
    own: (column) =>
      sql.ref(`${versioned && !['patient_no', 'patient_sk'].includes(column) ? 'v' : tableAlias}.${column}`),
    patient: (column) => sql.ref(`${patient}.${column}`),
    joined(join, column) {
      used.add(join);
      return sql.ref(`${join}.${column}`);
    },
    limit(column) {
      used.add('l');
      return sql.ref(`l.${column}`);
    },
    cohort: (column) => sql.ref(`c.${column}`),
    atOwnTrust(trust, value) {
      const isOwn = of.ownTrust?.(`${tableAlias}.${trust}`);
      return isOwn ? sql`(case when ${isOwn} then ${value} end)` : value;
    },
    act(column) {
      if (of.acts === undefined) return noAct(dialect, column);
      used.add('act');
      return sql.ref(`act.${column}`);
    },
  };
  const selected = [...of.names].map((name) => {
    const shown = dataset.columns.get(name)?.shown?.[role];
    if (!shown) throw new Error(`${dataset.key} has no column ${name} for ${role}`);
    return shown.value(row).as(name);
  });

  const sees = people.sees?.(row, role);

  let rows = gold.selectFrom(`${table.name} as ${tableAlias}` as never) as unknown as DynamicQuery;
  if (!ofPatients)
    rows = rows.innerJoin(`${dimPatient.name} as p`, 'p.patient_no', `${tableAlias}.patient_no`);
  if (versioned)
    rows = rows.innerJoin(
      dimensionAsOf(gold, dimPatient.name, asOf).selectAll().as('v'),
      'v.patient_no' as never,
      `${tableAlias}.patient_no` as never,
    ) as unknown as DynamicQuery;
  for (const [name, join] of Object.entries(people.joins))
    if (used.has(name)) rows = withJoin(rows, name, join, gold, asOf, versioned ? 'v' : tableAlias);
  if (people.cohort) {
    if (!of.cohort) throw new Error(`${dataset.key} is made for the arguments of a question`);
    const cohort = people.cohort({ gold, dialect, role, names: new Set(of.names), ...of.cohort });
    rows = rows.innerJoin(cohort.as('c'), 'c.patient_no', `${tableAlias}.patient_no`);
  }
  if (people.acts !== undefined && of.acts !== undefined && used.has('act'))
    rows = rows.leftJoin(
      actRows(dialect, of.acts).as('act') as never,
      'act.key' as never,
      `${tableAlias}.${people.acts}` as never,
    ) as unknown as DynamicQuery;
  if (sees) rows = rows.where(sees);
  if (used.has('l'))
    rows = rows.innerJoin(`${releaseLimit.name} as l`, (join) => join.on(sql<boolean>`1 = 1`));
  return rows
    .where(sql.ref(`${patient}.is_restricted`), '=', sql.lit(0))
    .select(selected)
    .select(sql.ref(`${tableAlias}.patient_no`).as(patientColumn))
    .select(sql.ref(`${patient}.patient_sk`).as(patientKeyColumn));
}

function withJoin(
  rows: DynamicQuery,
  alias: string,
  { table, key, from, list }: RowJoin,
  gold: GoldBuilder,
  asOf: string | undefined,
  own: string,
): DynamicQuery {
  const on = (join: JoinBuilder<never, never>): JoinBuilder<never, never> => {
    const keyed = join.onRef(`${alias}.${key}` as never, '=', `${own}.${from}` as never);
    return list === undefined ? keyed : keyed.on(`${alias}.code_list` as never, '=', sql.lit(list) as never);
  };
  return (
    asOf !== undefined && versionsOf.has(table)
      ? rows.leftJoin(dimensionAsOf(gold, table, asOf).selectAll().as(alias), on as never)
      : rows.leftJoin(`${table} as ${alias}`, on as never)
  ) as DynamicQuery;
}
