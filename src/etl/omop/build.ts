import { createTable } from '../../warehouse/duckdb/ddl.js';
import { omopTables } from '../../warehouse/omop/index.js';
import type { Engine } from '../engine.js';
import { loadConceptMap } from './concept-map.js';
import { loadConcepts } from './concepts.js';
import { type Numbering, type OmopContext, type OmopFill, selectNumbered } from './fill.js';
import { omopFills } from './fills.js';
import { loadPrices } from './prices.js';
import { relateAll, relateProviders, unrelate } from './relations.js';

export interface OmopInputs {
  readonly referenceDir: string;
  /** Last day with data, `YYYY-MM-DD`. */
  readonly dataAsOf: string;
  /** Day of the run, `YYYY-MM-DD`. */
  readonly releasedOn: string;
  readonly progress: (table: string, done: number, total: number) => void;
  /** Rows that are joined and put in order at once: the engine holds both in memory. */
  readonly inOrder?: number;
}

export async function omopContext(engine: Engine, inputs: OmopInputs): Promise<OmopContext> {
  const { referenceDir, dataAsOf, releasedOn } = inputs;
  return {
    concepts: await loadConcepts(referenceDir),
    map: await loadConceptMap(engine, referenceDir),
    prices: await loadPrices(referenceDir),
    dataAsOf,
    releasedOn,
  };
}

/**
 * Makes and fills the OMOP tables of a release whose star schema is filled, in its catalogue (`inRelease`). Reads
 * `memory.main.patient_key` and `memory.main.silver_patients` for birth year and ethnic category. Ids are dense, in
 * the order of the facts.
 */
export async function buildOmop(engine: Engine, inputs: OmopInputs): Promise<void> {
  const context = await omopContext(engine, inputs);
  for (const table of omopTables) {
    await engine.run(`drop table if exists ${table.name}`);
    await engine.run(createTable(undefined, table));
  }
  await relateAll(engine, context.dataAsOf);
  const { places, persons, source } = omopFills(context);
  const fills = [...places, ...persons, source];
  let done = 0;
  const insert = async (fill: OmopFill): Promise<void> => {
    inputs.progress(fill.table.name, done++, fills.length);
    for (const part of await parts(engine, fill, inputs.inOrder ?? 2_000_000))
      await engine.run(
        `insert into ${part.table.name} ${selectNumbered(part, await numbering(engine, part))}`,
      );
  };
  for (const fill of places) await insert(fill);
  await relateProviders(engine);
  for (const fill of persons) await insert(fill);
  await insert(source);
  await unrelate(engine);
  inputs.progress('', fills.length, fills.length);
}

/** A fill as those of ranges of its order, one after the other. */
async function parts(engine: Engine, fill: OmopFill, inOrder: number): Promise<readonly OmopFill[]> {
  const { order, orderedIn } = fill;
  if (order === undefined || orderedIn === undefined) return [fill];
  const [row] = await engine.rows<{ first: number | null; last: number | null }>(
    `select cast(min(${order}) as double) as first, cast(max(${order}) as double) as last from ${orderedIn}`,
  );
  if (!row || row.first === null || row.last === null) return [fill];
  const ranges: OmopFill[] = [];
  for (let from = row.first; from <= row.last; from += inOrder)
    ranges.push({
      ...fill,
      rows: `select * from (${fill.rows}) where ${order} between ${from} and ${from + inOrder - 1}`,
    });
  return ranges;
}

/** Ids above those that the table holds. Counting rows runs on one thread, so it is avoided where places do. */
async function numbering(engine: Engine, fill: OmopFill): Promise<Numbering> {
  if (fill.idColumn === undefined) return { above: 0 };
  const above = await highest(engine, fill);
  if (fill.place === undefined) return { above };
  const [row] = await engine.rows<{ rows: number; first: number | null; last: number | null }>(
    `select cast(count(*) as double) as rows, cast(min(${fill.place}) as double) as first, cast(max(${fill.place}) as double) as last from (${fill.rows})`,
  );
  if (!row || row.first === null || row.last === null) return { above };
  return row.last - row.first + 1 === row.rows ? { above, firstPlace: row.first } : { above };
}

/** Highest id that a table holds; 0 where it is empty. */
export async function highest(engine: Engine, fill: Pick<OmopFill, 'table' | 'idColumn'>): Promise<number> {
  const [row] = await engine.rows<{ id: number }>(
    `select cast(coalesce(max(${fill.idColumn}), 0) as double) as id from ${fill.table.name}`,
  );
  return row?.id ?? 0;
}
