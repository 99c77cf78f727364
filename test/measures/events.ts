import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type MartPlan, martTable } from '../../src/measures/mart.js';
import type { Part } from '../../src/measures/parts.js';
import type { EventSource } from '../../src/measures/source.js';
import type { DynamicQuery } from '../../src/warehouse/dialect.js';
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import type { OutputColumn } from '../../src/warehouse/warehouse.js';

export const gold = goldBuilder();

/** A made-up event: amounts in millionths of a pound. */
export interface Event {
  readonly patient: number;
  readonly day: string;
  readonly place: string;
  readonly amount: bigint | null;
  readonly items: number | null;
  readonly score: number | null;
}

export const source: EventSource = {
  name: 'made_up',
  relation: () => gold.selectFrom('fact_made_up' as never).selectAll() as unknown as DynamicQuery,
  columns: {
    place: { kind: 'text', length: 5 },
    amount: { kind: 'decimal', precision: 18, scale: 6 },
    items: { kind: 'int32' },
    score: { kind: 'int32' },
  },
  dimensions: { PLACE: { column: 'place', type: { kind: 'text', length: 5 } } },
  fixed: [],
  warmUp: { firstDay: 'first_admission', days: 0 },
};

export const planOf = (parts: readonly Part[]): MartPlan => ({
  name: 'mart_made_up',
  source,
  parts,
  cubes: [{ by: ['PLACE'], mart: 'MONTH' }],
});

const millionths = (amount: bigint): string => {
  const digits = amount.toString().padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
};

const literal = (value: string | number | null): string =>
  value === null ? 'null' : typeof value === 'number' ? String(value) : `'${value}'`;

/** SQL that makes a table of events. */
export const eventsSql = (name: string, events: readonly Event[]): string => {
  const rows = events.map(
    ({ patient, day, place, amount, items, score }) =>
      `(${patient}, date '${day}', '${place}', ${amount === null ? 'null' : millionths(amount)}::decimal(18, 6), ${literal(items)}::int, ${literal(score)}::int)`,
  );
  const empty = "(0, date '2000-01-01', '', 0::decimal(18, 6), 0::int, 0::int)";
  return `create or replace temp table ${name} as select * from (values ${[empty, ...rows].join(', ')}) t(patient_no, day, place, amount, items, score) where patient_no > 0`;
};

/** A DuckDB of one test. */
export class Database {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  static async open(): Promise<Database> {
    const instance = await DuckDBInstance.create(':memory:');
    return new Database(instance, await instance.connect());
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  async rows<T>(sql: string): Promise<T[]> {
    return (await this.connection.runAndReadAll(sql)).getRowObjectsJS() as T[];
  }

  /** Rows as the API would read them. */
  async read(query: DynamicQuery, output: readonly OutputColumn[]): Promise<Record<string, unknown>[]> {
    const selected = (gold.selectFrom(query.as('q')) as unknown as DynamicQuery).select((eb) =>
      output.map(({ name, type }) => duckdbDialect.output(eb.ref(`q.${name}`), type).as(name)),
    );
    const { sql } = duckdbDialect.compile(selected);
    return (await this.connection.runAndReadAll(sql)).getRowObjectsJS();
  }

  /** All rows of a mart in a fixed order, as text. */
  async mart(plan: MartPlan, name: string): Promise<string[]> {
    const output = Object.entries(martTable(plan).columns).map(([column, { type }]) => ({
      name: column,
      type,
    }));
    const rows = await this.read(
      gold.selectFrom(name as never).selectAll() as unknown as DynamicQuery,
      output,
    );
    return rows.map((row) => JSON.stringify(row)).sort();
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}
