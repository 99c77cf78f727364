import { sql } from 'kysely';
import type { DynamicQuery } from '../../src/warehouse/dialect.js';
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.js';
import { goldTables } from '../../src/warehouse/gold/index.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import { lineageOf } from '../../src/warehouse/query-lineage.js';

const gold = goldBuilder();
const tables = new Map<string, string[]>(goldTables.map((table) => [table.name, Object.keys(table.columns)]));
const lineage = (query: unknown) => {
  const { columns, rows, filters } = lineageOf(query as DynamicQuery, (table) => tables.get(table) ?? []);
  const name = ({ table, column }: { table: string; column: string }) => `${table}.${column}`;
  return {
    columns: Object.fromEntries(
      [...columns].map(([column, { from, direct }]) => [column, [direct, ...from.map(name)]]),
    ),
    rows,
    filters: filters.map(name),
  };
};

describe('the lineage of a query', () => {
  it('follows aliases, joins, expressions and conditions', () => {
    const query = gold
      .selectFrom('fact_spell as s')
      .innerJoin('dim_date as d', (join) => join.onRef('d.day', '>=', 's.admission_date'))
      .where('s.discharge_date', 'is not', null)
      .select(['d.day', 's.trust_code as trust'])
      .select(duckdbDialect.daysBetween(sql.ref('s.admission_date'), sql.ref('d.day')).as('stay_day'));
    expect(lineage(query)).toEqual({
      columns: {
        day: [true, 'dim_date.day'],
        trust: [true, 'fact_spell.trust_code'],
        stay_day: [false, 'dim_date.day', 'fact_spell.admission_date'],
      },
      rows: ['fact_spell', 'dim_date'],
      filters: ['fact_spell.discharge_date', 'dim_date.day', 'fact_spell.admission_date'],
    });
  });

  it('follows subqueries to their tables', () => {
    const inner = gold.selectFrom('dim_trust').where('beds', '>', 1).select(['trust_code', 'beds as n']);
    const query = gold
      .selectFrom(inner.as('t'))
      .selectAll('t')
      .select(sql`${sql.ref('t.n')} + 1`.as('more'));
    expect(lineage(query)).toEqual({
      columns: {
        trust_code: [true, 'dim_trust.trust_code'],
        n: [true, 'dim_trust.beds'],
        more: [false, 'dim_trust.beds'],
      },
      rows: ['dim_trust'],
      filters: ['dim_trust.beds'],
    });
  });

  it('refuses a column that no table has, or that several have', () => {
    expect(() => lineage(gold.selectFrom('dim_trust').select(sql.ref('nothing').as('x')))).toThrow('nothing');
    const both = gold.selectFrom(['dim_trust as a', 'dim_trust as b']).select(sql.ref('beds').as('x'));
    expect(() => lineage(both)).toThrow('no single column');
  });

  it('refuses a form that no dataset has', () => {
    const one = gold.selectFrom('dim_trust').select('beds');
    expect(() => lineage(one.unionAll(one))).toThrow('no plain SELECT');
  });
});
