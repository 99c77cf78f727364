import type { Anonymity } from '../../config/settings.js';
import { dimPatient, rowColumns } from '../../warehouse/gold/dimensions.js';
import { factSpell } from '../../warehouse/gold/facts.js';
import { referenceFile } from '../code-lists.js';
import type { Engine } from '../engine.js';
import { quoted } from '../sql.js';
import type { TableFill } from './fill.js';

/** What rows show at a level: the column of everybody behind each row column. Row columns that are missing are null. */
type Level = Readonly<Partial<Record<RowColumn, string>>>;
type RowColumn = Exclude<keyof typeof rowColumns, 'row_level'>;

const tenYears: Level = { row_age_band: 'age_band_10', row_age_band_10: 'age_band_10', row_gender: 'gender' };
const withQuintile: Level = { ...tenYears, row_deprivation_quintile: 'deprivation_quintile' };
const withGroup: Level = { ...withQuintile, row_ethnic_group: 'ethnic_group' };

/** From the finest level to the last, which shows nothing. Who is alike at a level is alike at those behind it. */
const lattice: readonly [finest: Level, ...Level[]] = [
  { ...withGroup, row_age_band: 'age_band_5', row_postcode_area: 'postcode_area' },
  withGroup,
  withQuintile,
  tenYears,
  {},
];

export const levels: readonly number[] = lattice.map((_shown, level) => level);
/** The level that shows nothing. */
export const suppressed = lattice.length - 1;

const rowNames = Object.keys(rowColumns);
const shownNames = rowNames.filter((column): column is RowColumn => column !== 'row_level');
/** Patients who are alike in these are alike at every level. */
const attributes = Object.values(lattice[0]);
/** Stands for the chapter of patients without a diagnosis. */
const noChapter = 'none';

/** Patients that one statement corrects: what is updated stays in memory until the statement ends. */
const patientsAtOnce = 250_000;

/** Corrects the rows of `dim_patient` that have another level or show something else than they should. */
export async function correctRowColumns(
  engine: Engine,
  anonymity: Anonymity,
  referenceDir: string,
  atOnce = patientsAtOnce,
): Promise<void> {
  const { name } = dimPatient;
  await engine.run(
    `create or replace temp table row_columns as select * from (${rowColumnsSql(anonymity, referenceDir)})`,
  );
  const [found] = await engine.rows<{ last: number | null }>(
    `select cast(max(patient_no) as double) as last from ${name}`,
  );
  for (let first = 0; first <= (found?.last ?? -1); first += atOnce) {
    const range = `between ${first} and ${first + atOnce - 1}`;
    await engine.run(`update ${name} set ${rowNames.map((column) => `${column} = g.${column}`).join(', ')}
from row_columns g
where g.patient_no = ${name}.patient_no and g.patient_no ${range} and ${name}.patient_no ${range}
  and (${rowNames.map((column) => `${name}.${column} is distinct from g.${column}`).join(' or ')})`);
  }
  await engine.run('drop table row_columns');
}

/** The row columns as a table of their own, for the lineage. */
export const rowColumnFill = (anonymity: Anonymity, referenceDir: string): TableFill => ({
  table: { ...dimPatient, columns: rowColumns },
  select: `select ${rowNames.map((column) => `g.${column} as ${column}`).join(', ')} from (${rowColumnsSql(anonymity, referenceDir)}) g`,
});

/**
 * SELECT of `patient_no` and the row columns of all patients of the release, from its patients and spells. Patients are
 * counted in cells of those who are alike in everything; at each level those cells that are not yet placed and alike in
 * its columns are placed if they hold at least k patients, whose dominant chapters are diverse. Restricted patients
 * show no row: they are in no cell, since nobody could hide among them.
 */
export const rowColumnsSql = (anonymity: Anonymity, referenceDir: string): string => {
  const placed = levels
    .slice(0, suppressed)
    .reduce((cells, level) => placedAt(level, cells, anonymity), cellsSql(referenceDir));
  const alike = attributes.map((column) => `c.${column} is not distinct from d.${column}`).join(' and ');
  return `select d.patient_no as patient_no, ${rowNames.map((column) => `c.${column} as ${column}`).join(', ')}
from ${dimPatient.name} d left join (
  select distinct false as is_restricted, ${[...attributes, ...rowNames].join(', ')} from (${joinedToLast(placed, anonymity)})
) c on d.is_restricted = c.is_restricted and ${alike}`;
};

/**
 * One row a set of patients who are alike and have the same dominant chapter: how many they are, not yet placed.
 * `diagnosed`: some patient of the release has a diagnosis.
 */
const cellsSql = (
  referenceDir: string,
): string => `select ${attributes.map((column) => `d.${column}`).join(', ')},
  coalesce(h.chapter, ${quoted(noChapter)}) as chapter, sum(count(h.chapter)) over () > 0 as diagnosed,
  count(*) as persons, cast(null as integer) as level
from ${dimPatient.name} d left join (${dominantChapterSql(referenceDir)}) h on h.patient_no = d.patient_no
where not d.is_restricted
group by ${attributes.map((column) => `d.${column}`).join(', ')}, h.chapter`;

/** The ICD-10 chapter of most spells of each patient with a diagnosis; of several the first by name. */
const dominantChapterSql = (referenceDir: string): string => `select patient_no, chapter from (
  select f.patient_no, c.display as chapter,
    row_number() over (partition by f.patient_no order by sum(f.spells) desc, c.display) as place
  from (
    select patient_no, left(primary_diagnosis, 3) as category, count(*) as spells
    from ${factSpell.name} where is_diagnosis group by patient_no, left(primary_diagnosis, 3)
  ) f
  join read_csv(${quoted(referenceFile(referenceDir, 'icd10_chapter'))}, all_varchar = true, header = true) c
    on f.category between c."from" and c."to"
  group by f.patient_no, c.display
) where place = 1`;

/**
 * The cells with `level` set where they are placed at a level. Having no diagnosis is a chapter like the others, but for a
 * release without any diagnosis: nothing could be told by it there, and nobody would be shown.
 */
function placedAt(level: number, cells: string, { k, dominantPct }: Anonymity): string {
  const alike = ['level', ...new Set(Object.values(lattice[level] ?? {}))].join(', ');
  const diverse = dominantPct === null ? '' : ` and (100 * most < ${dominantPct} * alike or not diagnosed)`;
  return `select ${attributes.join(', ')}, chapter, diagnosed, persons,
  case when level is not null then level when alike >= ${k}${diverse} then ${level} end as level
from (
  select *, max(same_chapter) over (partition by ${alike}) as most
  from (
    select *, sum(persons) over (partition by ${alike}) as alike,
      sum(persons) over (partition by ${alike}, chapter) as same_chapter
    from (${cells})
  )
)`;
}

/**
 * The cells with their row columns. Where fewer than k patients are at the last level, the smallest group of the level
 * before joins them, or of the level before that if it has none: a group holds k patients, so one is enough.
 */
function joinedToLast(cells: string, { k }: Anonymity): string {
  const few = `hidden between 1 and ${k - 1} and place = 1`;
  const first = [`own_level = ${suppressed}`, 'own_level desc', 'alike', ...shownNames].join(', ');
  return `select ${attributes.join(', ')},
  case when ${few} then ${suppressed} else own_level end as row_level,
  ${shownNames.map((column) => `case when ${few} then null else ${column} end as ${column}`).join(',\n  ')}
from (
  select *, dense_rank() over (order by ${first}) as place
  from (
    select *, sum(persons) over (partition by ${['own_level', ...shownNames].join(', ')}) as alike,
      sum(case when own_level = ${suppressed} then persons else 0 end) over () as hidden
    from (
      select ${attributes.join(', ')}, persons, coalesce(level, ${suppressed}) as own_level,
        ${shownNames.map((column) => `${shownSql(column)} as ${column}`).join(',\n        ')}
      from (${cells})
    )
  )
)`;
}

/** A row column by the level of the cell. */
const shownSql = (column: RowColumn): string =>
  `case level ${lattice.map((shown, level) => `when ${level} then ${shown[column] ?? 'null'}`).join(' ')} end`;
