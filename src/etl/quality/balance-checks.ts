import { contracts } from '../contracts/index.js';
import type { Engine } from '../engine.js';
import type { FileBalance } from '../silver/load.js';
import { quoted } from '../sql.js';
import { type Check, check } from './check.js';

/** Table with what became of the rows of each delivered file. */
const balance = 'memory.main.file_balance';

/** Rows of a delivery below which a share of refused ones says nothing. */
const fewestRows = 100;

/** Makes the table of what became of each file's rows. `pending`: no release holds the file yet. */
export async function storeBalances(
  engine: Engine,
  files: readonly Omit<FileBalance, 'name'>[],
  published: number,
): Promise<void> {
  await engine.run(
    `create or replace table ${balance} (batch integer, dataset varchar, rows double, silver double, duplicates double, quarantined double, pending boolean)`,
  );
  const rows = files.map(
    (file) =>
      `(${file.batch}, ${quoted(file.dataset)}, ${file.rows}, ${file.silver}, ${file.duplicates}, ${file.quarantined}, ${file.batch > published})`,
  );
  if (rows.length > 0) await engine.run(`insert into ${balance} values ${rows.join(', ')}`);
}

/** Checks of what became of the delivered rows. */
export const balanceChecks = (): Check[] => [
  check({
    id: 'bronze.rows_accounted_for',
    subject: 'bronze',
    level: 'table',
    category: 'completeness',
    severity: 'error',
    description: 'files whose rows are not silver + duplicates + quarantined',
    from: balance,
    violations: 'count(*) filter (rows <> silver + duplicates + quarantined)',
    detail:
      "string_agg('batch ' || batch, '; ' order by batch) filter (rows <> silver + duplicates + quarantined)",
    touches: ['all datasets'],
  }),
  ...[...contracts.keys()].map((dataset) => {
    const own = `dataset = ${quoted(dataset)} and pending`;
    const enough = `sum(rows) filter (${own}) >= ${fewestRows}`;
    return check({
      id: `${dataset}.rows_refused`,
      subject: dataset,
      level: 'table',
      category: 'conformance',
      severity: 'error',
      thresholdPct: 50,
      description: 'rows of new files that went to quarantine',
      from: balance,
      violations: `case when ${enough} then sum(quarantined) filter (${own}) end`,
      denominator: `case when ${enough} then sum(rows) filter (${own}) end`,
      touches: [dataset],
    });
  }),
];
