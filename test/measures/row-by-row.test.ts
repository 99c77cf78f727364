import 'reflect-metadata';
import type { EventSource } from '../../src/measures/source.js';
import { measureDatasets } from '../../src/schema/datasets.js';
import { martPlan } from '../../src/schema/mart-plan.js';
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import { tablesOf } from '../../src/warehouse/tables-of.js';

const sources: [string, EventSource][] = measureDatasets.map((dataset) => [
  dataset.key,
  martPlan(dataset).source,
]);

/** What brings rows together, picks some of them, or makes several of one. */
const several =
  /\b(?:join|group by|distinct|over|limit|top|union|except|intersect|exists|unnest|(?:sum|count|min|max|avg)\(|in \(select)/i;

describe('events that are declared to come from single rows', () => {
  it('are those of some measures, and not of all', () => {
    const declared = new Set(sources.map(([, { rowByRow }]) => rowByRow ?? false));
    expect(declared).toEqual(new Set([true, false]));
  });

  it.each(sources)('are those of %s only where its query reads one fact, row by row', (_key, source) => {
    const query = source.relation(goldBuilder('gold'), duckdbDialect);
    const facts = tablesOf(query);
    const { sql } = duckdbDialect.compile(query);
    const isOfSingleRows = facts.length === 1 && facts[0]?.startsWith('fact_') && !several.test(sql);
    expect(source.rowByRow ?? false).toBe(isOfSingleRows);
  });
});
