import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Dataset } from './datasets.js';
import type { SynthPlan } from './options.js';
import { literal } from './random.js';

/**
 * Writes under a temporary name beside the final one, then renames: a killed run leaves no half file under the
 * final name, and the next run writes over what it left.
 */
export async function replaceFile(file: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = join(dirname(file), '.partial');
  await mkdir(dirname(file), { recursive: true });
  try {
    await write(temporary);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The delivered columns of a dataset as SQL over its working table. */
function deliveredColumns(plan: SynthPlan, dataset: Dataset): string {
  const columns = dataset.columns.map(([name, type]) =>
    plan.format !== 'parquet' && name === dataset.mistypedColumn
      ? `CASE WHEN fault = 'TYPE_INVALID' THEN 'abc' ELSE ${name}::VARCHAR END AS ${name}`
      : `${name}::${type} AS ${name}`,
  );
  if (dataset.stamped) {
    columns.push(
      `TIMESTAMP ${literal(`${plan.start} 06:00:00`)} + to_microseconds(row_no) AS created_timestamp`,
    );
  }
  return columns.join(', ');
}

/** Writes one dataset, in the order of its row numbers, and says where. */
export async function deliver(
  connection: DuckDBConnection,
  plan: SynthPlan,
  dataset: Dataset,
): Promise<{ file: string; rows: number }> {
  const file = join(plan.out, dataset.name, `${dataset.name}.${plan.format}`);
  const format = {
    parquet: "FORMAT parquet, COMPRESSION 'zstd'",
    csv: 'FORMAT csv, HEADER',
    'csv.gz': "FORMAT csv, HEADER, COMPRESSION 'gzip'",
  }[plan.format];
  let rows = 0;
  await replaceFile(file, async (temporary) => {
    const result = await connection.run(
      `COPY (SELECT ${deliveredColumns(plan, dataset)} FROM ${dataset.name} ORDER BY row_no) TO ${literal(temporary)} (${format})`,
    );
    rows = result.rowsChanged;
  });
  return { file, rows };
}
