import { omopTables } from '../../warehouse/omop/index.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import type { Engine } from '../engine.js';
import { type QualityResult, statusOf } from '../quality/check.js';
import { type OmopInputs, omopContext } from './build.js';
import { type IdRange, omopPasses } from './checks.js';

/**
 * Runs the checks of the OMOP tables, in the catalogue of the release: one pass a table. A check fails when the share
 * of rows that violate it is above its threshold.
 */
export async function checkOmop(engine: Engine, inputs: OmopInputs): Promise<QualityResult[]> {
  const { concepts, map, dataAsOf } = await omopContext(engine, inputs);
  const ranges = await idRanges(engine);
  const results: QualityResult[] = [];
  for (const { from, checks } of await omopPasses(inputs.referenceDir, {
    concepts,
    mapped: map.loaded,
    dataAsOf,
    ranges,
  })) {
    const aggregates = checks.map(
      ({ violated, looked }, place) =>
        `cast(${violated} as double) as v${place}, cast(${looked} as double) as d${place}`,
    );
    const [row = {}] = await engine.rows<Record<string, number>>(
      `select ${aggregates.join(',\n')} from ${from}`,
    );
    for (const [place, check] of checks.entries()) {
      const violated = row[`v${place}`] ?? 0;
      const denominator = row[`d${place}`] ?? 0;
      results.push({
        id: check.id,
        rule: check.rule,
        dataset: check.table,
        column_name: check.column,
        level: check.level,
        category: check.category,
        severity: check.severity,
        violated,
        violated_kept: null,
        denominator,
        threshold_pct: check.thresholdPct,
        status: statusOf(violated, denominator, check.thresholdPct),
        touches: check.touches,
        description: check.description,
        vodim: null,
        detail: null,
        accepted_reason: null,
      });
    }
  }
  return results;
}

async function idRanges(engine: Engine): Promise<Map<string, IdRange>> {
  const keyed = omopTables
    .map((table: TableDeclaration) => table.name)
    .filter((table) => table !== 'cdm_source' && table !== 'death');
  const rows = await engine.rows<IdRange & { table: string }>(
    keyed
      .map((table) => {
        const id = `${table}_id`;
        return `select '${table}' as "table", cast(coalesce(min(${id}), 0) as double) as low, cast(coalesce(max(${id}), 0) as double) as high, cast(count(*) as double) as rows from ${table}`;
      })
      .join(' union all '),
  );
  return new Map(rows.map(({ table, ...range }) => [table, range]));
}
