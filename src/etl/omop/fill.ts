import type { TableDeclaration } from '../../warehouse/table.js';
import { name } from '../sql.js';
import type { ConceptMap } from './concept-map.js';
import type { Concepts } from './concepts.js';
import type { Prices } from './prices.js';

/** What a fill may depend on beside the relations. */
export interface OmopContext {
  readonly concepts: Concepts;
  readonly map: ConceptMap;
  readonly prices: Prices;
  /** Last day with data, `YYYY-MM-DD`. */
  readonly dataAsOf: string;
  /** Day of the run, `YYYY-MM-DD`. */
  readonly releasedOn: string;
}

/** One kind of row of an OMOP table. A table may have several; they are filled in their order. */
export interface OmopFill {
  readonly table: TableDeclaration;
  /** SQL of the source rows, alias `r` in `select`. It only scans, so that rows keep the order of their facts. */
  readonly rows: string;
  /** Order in which rows get ids where the order of reading is none. */
  readonly order?: string;
  /** Relation that has the column of `order`, whole numbers: of a large one, range by range of them is inserted. */
  readonly orderedIn?: string;
  /** Whole number of a source row that no two share: where the rows leave no hole in it, ids follow it without counting. */
  readonly place?: string;
  /** The select whose columns are those of the table, in order, without `idColumn`. Rows are `__rows__ r`. */
  readonly select: string;
  /** Column whose integer is given when a row is inserted; undefined where the source row determines it. */
  readonly idColumn?: string;
  /** Columns by which the id of a row is found again; rows that share them keep their ids in the order of the rest. */
  readonly naturalKey: readonly string[];
  /** Made anew for the persons touched only. */
  readonly perPerson: boolean;
  /** SQL condition of the rows of the persons touched, in the table. */
  readonly touched: string;
}

/** Temporary tables of the persons whose rows are made anew, and of those whose observation periods are. */
export const touchedPersons = 'omop_touched';
export const touchedPeriods = 'omop_touched_period';
/** The same of the persons and days on which a prescription has changed. */
export const touchedMedicines = 'omop_touched_medicine';

interface Made {
  readonly rows: string;
  readonly joins?: readonly string[];
  readonly columns: Readonly<Record<string, string>>;
  readonly order?: string;
  readonly orderedIn?: string;
  readonly place?: string;
  readonly idColumn?: string;
  readonly naturalKey?: readonly string[];
  readonly perPerson?: boolean;
  readonly touched?: string;
}

const placeholder = '__rows__';

/** Declares a fill. A column that it does not name is null; error: that column may not be null. */
export function omopFill(table: TableDeclaration, made: Made): OmopFill {
  const { columns, idColumn } = made;
  for (const column of [...Object.keys(columns), ...(made.naturalKey ?? [])])
    if (!(column in table.columns)) throw new Error(`OMOP table ${table.name} has no column ${column}`);
  const values = Object.entries(table.columns)
    .filter(([column]) => column !== idColumn)
    .map(([column, { nullable }]) => {
      const value = columns[column];
      if (value === undefined && !nullable)
        throw new Error(`OMOP table ${table.name}: nothing fills ${column}`);
      return `${value ?? 'null'} as ${name(column)}`;
    });
  return {
    table,
    rows: made.rows,
    ...(made.order === undefined ? {} : { order: made.order }),
    ...(made.orderedIn === undefined ? {} : { orderedIn: made.orderedIn }),
    ...(made.place === undefined ? {} : { place: made.place }),
    select: `select ${values.join(',\n  ')}\nfrom ${placeholder} r\n${(made.joins ?? []).filter((join) => join !== '').join('\n')}`,
    ...(idColumn === undefined ? {} : { idColumn }),
    naturalKey: made.naturalKey ?? [],
    perPerson: made.perPerson ?? true,
    touched: made.touched ?? `person_id in (select patient_no from ${touchedPersons})`,
  };
}

/** The rows of a fill, without the ids that are given at insertion. */
export const selectRows = (fill: OmopFill): string =>
  fill.select.replace(placeholder, () => `(${fill.rows})`);

/** Where the ids of a fill begin. */
export interface Numbering {
  /** The first id is this + 1. */
  readonly above: number;
  /** Lowest place of the source rows, if they leave no hole in it. */
  readonly firstPlace?: number;
}

/** The rows of a fill with dense ids in the order of the source rows; columns as in the table. */
export function selectNumbered(fill: OmopFill, { above, firstPlace }: Numbering): string {
  const { idColumn, place } = fill;
  if (idColumn === undefined) return selectRows(fill);
  // The id is the first column of every table that has one.
  const withId = (select: string, id: string): string =>
    select.replace(/^select /, `select cast(${id} as integer) as ${name(idColumn)}, `);
  if (place !== undefined && firstPlace !== undefined)
    return withId(selectRows(fill), `${above - firstPlace + 1} + r.${place}`);
  const over = fill.order === undefined ? '' : `order by ${fill.order}`;
  const rows = `(select row_number() over (${over}) as _n, * from (${fill.rows}))`;
  return withId(
    fill.select.replace(placeholder, () => rows),
    `${above} + r._n`,
  );
}
