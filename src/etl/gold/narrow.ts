import type { DynamicQuery } from '../../warehouse/dialect.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { goldTables } from '../../warehouse/gold/index.js';
import type { Narrowed } from '../../warehouse/narrowed.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import { tablesOf } from '../../warehouse/tables-of.js';
import type { Engine } from '../engine.js';
import { name, ofPatients } from '../sql.js';
import { previously, touchedBy } from './correct.js';
import { catalogue } from './load.js';
import { columnsRead, movedRows, noteComing, notedIn, noteGoing, patientsMoved } from './moved-rows.js';

/** Patients of whom a row has changed, in a temporary table. */
const changed = 'changed_patient';
/** Schemas of the run's own database. */
const narrowed = { [catalogue]: 'narrowed_after', [previously]: 'narrowed_before' } as const;

/**
 * A corrected release and the one before it, with the patients alone of whom the star schema has changed in what queries read of
 * it. Undefined where one of them reads a table without patients. At its end the tables out of which they were taken have
 * their `movedRows`.
 */
export async function narrow(
  engine: Engine,
  queries: readonly DynamicQuery[],
): Promise<Narrowed | undefined> {
  const read = tablesRead(queries);
  if (!read) return undefined;
  await engine.run(
    `create or replace temp table ${changed} as ${(await changesOf(engine, read)).join(' union ')}`,
  );
  for (const [release, schema] of Object.entries(narrowed)) {
    await engine.run(`create or replace schema memory.${schema}`);
    for (const { table, columns } of read)
      await engine.run(
        `create table memory.${schema}.${table.name} as select ${columns.map(name).join(', ')} from ${ofPatients(`${release}.${table.name}`, changed)}`,
      );
  }
  const within = async <T>(path: string, back: string, work: () => Promise<T>): Promise<T> => {
    await engine.run(`set search_path = '${path}'`);
    try {
      return await work();
    } finally {
      await engine.run(`set search_path = '${back}'`);
    }
  };
  const taken: TableDeclaration[] = [];
  const rowsIn = ({ name: table }: TableDeclaration): string =>
    ofPatients(`${catalogue}.${table} f`, changed);
  const path = `memory.${narrowed[catalogue]},${catalogue}.main`;
  return {
    async takeOut(...tables) {
      for (const table of tables) {
        await noteGoing(engine, table, rowsIn(table));
        await engine.run(
          `delete from ${catalogue}.${table.name} where patient_no in (select patient_no from ${changed})`,
        );
        taken.push(table);
      }
    },
    inRelease: (work) => within(path, `${catalogue}.main`, work),
    inBefore: (work) => within(`memory.${narrowed[previously]}`, path, work),
    async end() {
      for (const table of taken) await noteComing(engine, table, rowsIn(table));
      for (const schema of Object.values(narrowed)) await engine.run(`drop schema memory.${schema} cascade`);
      await engine.run(`drop table ${changed}`);
    },
  };
}

/** A table with the columns of it that queries read, and the queries. */
interface TableRead {
  readonly table: TableDeclaration;
  readonly queries: readonly DynamicQuery[];
  readonly columns: readonly string[];
}

/** The tables that queries read; undefined where one of them is not of patients. */
function tablesRead(queries: readonly DynamicQuery[]): TableRead[] | undefined {
  const byName = new Map<string, DynamicQuery[]>();
  for (const query of queries)
    for (const table of tablesOf(query)) byName.set(table, [...(byName.get(table) ?? []), query]);
  const read = [...byName].map(([named, of]): TableRead => {
    const table = goldTables.find((one): boolean => one.name === named);
    if (!table) throw new Error(`${named} is no table of the star schema`);
    return {
      table,
      queries: of,
      columns: [...new Set(['patient_no', ...of.flatMap((query) => columnsRead(table, query))])],
    };
  });
  return read.every(({ table }) => Object.hasOwn(table.columns, 'patient_no')) ? read : undefined;
}

/** SELECTs of the `patient_no` of whom a row has changed in what is read of it. */
async function changesOf(engine: Engine, read: readonly TableRead[]): Promise<string[]> {
  const noted = await notedIn(engine);
  return read.flatMap(({ table, queries, columns }) => {
    if (table.name === dimPatient.name)
      return [`select patient_no from memory.main.${touchedBy(table.name)}`];
    if (noted.has(movedRows(table.name))) return queries.map((query) => patientsMoved(table, query));
    return [differing(table, columns)];
  });
}

/** The same for a table that is made anew in each run. */
function differing({ name: table }: TableDeclaration, columns: readonly string[]): string {
  const [were, are] = [previously, catalogue].map(
    (release) => `select ${columns.map(name).join(', ')} from ${release}.${table}`,
  );
  return `select patient_no from (((${were}) except all (${are})) union all ((${are}) except all (${were})))`;
}
