import type { DynamicQuery } from '../../warehouse/dialect.js';
import { duckdbDialect } from '../../warehouse/duckdb/dialect.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import type { Engine } from '../engine.js';
import { name } from '../sql.js';

/**
 * Rows of a table of patients that a correction takes out (`sign` -1) and puts in (+1), in the run's own database: the
 * columns of the table but for the batch. A row that is as it was stands there twice.
 */
export const movedRows = (table: string): string => `memory.main.moved_rows_${table}`;

/** The tables of which such rows were noted, as `movedRows` names them. */
export async function notedIn(engine: Engine): Promise<ReadonlySet<string>> {
  const found = await engine.rows<{ name: string }>(
    "select 'memory.main.' || table_name as name from duckdb_tables() where database_name = 'memory' and schema_name = 'main'",
  );
  return new Set(found.map((table) => table.name));
}

const sign = '_sign';
const kept = ({ columns }: TableDeclaration): string[] =>
  Object.keys(columns).filter((column) => column !== 'batch_id');

/** Notes rows before they are deleted. `rows`: what follows FROM, with the table or its alias `f`. */
export const noteGoing = (engine: Engine, table: TableDeclaration, rows: string): Promise<void> =>
  engine.run(`create or replace table ${movedRows(table.name)} as ${noted(table, rows, -1)}`);

/** Notes rows after they were put in. */
export const noteComing = (engine: Engine, table: TableDeclaration, rows: string): Promise<void> =>
  engine.run(`insert into ${movedRows(table.name)} ${noted(table, rows, 1)}`);

/** FROM of the rows that were taken out (-1) or put in (1). */
export const rowsMoved = (table: string, signed: -1 | 1): string =>
  `(select * exclude (${sign}) from ${movedRows(table)} where ${sign} = ${signed})`;

const noted = (table: TableDeclaration, rows: string, signed: number): string =>
  `select ${kept(table)
    .map((column) => `f.${name(column)}`)
    .join(', ')}, ${signed} as ${sign} from ${rows}`;

/** SELECT of the `patient_no` of whom the rows of a fact have changed in what a query reads of it. */
export function patientsMoved(fact: TableDeclaration, query: DynamicQuery): string {
  const read = ['patient_no', ...columnsRead(fact, query)].map(name);
  const alike = [...new Set(read)].join(', ');
  return `select distinct patient_no from (select patient_no from ${movedRows(fact.name)} group by ${alike} having sum(${sign}) <> 0)`;
}

/**
 * The columns of a table that a query may read: those whose names stand anywhere in its text, since a column that is read
 * is named; all of them where a `*` may stand for some.
 */
export function columnsRead(table: TableDeclaration, query: DynamicQuery): string[] {
  const { sql } = duckdbDialect.compile(query);
  const subqueries = new Set([...sql.matchAll(/\) as "(\w+)"/g)].map(([, alias]) => alias));
  const stars = [...sql.matchAll(/(?:"(\w+)"\.|select (?:distinct )?)\*/g)];
  const isNamed = stars.every(([, alias]) => alias !== undefined && subqueries.has(alias));
  const words = new Set(sql.match(/\w+/g));
  return kept(table).filter((column) => !isNamed || words.has(column));
}
