import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MaplewoodError } from '../../errors.js';
import type { Lake } from '../../lake/lake.js';
import { newestRelease } from '../../warehouse/duckdb/files.js';
import type { BronzeBatch } from '../bronze.js';
import type { Engine } from '../engine.js';
import { name, parquet, quoted } from '../sql.js';
import { replayableBatch } from './batch.js';
import { replayColumns } from './replay.js';

export interface RefusedExport {
  readonly batch: number;
  readonly dataset: string;
  /** Name of the delivery. */
  readonly name: string;
  /** File to correct; null where no row of the batch is in quarantine. */
  readonly file: string | null;
  /** Rows in it; null of a file that was quarantined as a whole, which is given as it was delivered. */
  readonly rows: number | null;
  /** Why the whole file was quarantined. */
  readonly reason: string | null;
}

/**
 * Writes what the newest release holds in quarantine of a batch to `<folder>/<batch>/`, for its owner alone: refused
 * rows as CSV in the delivered columns, with the rule, the column at fault and the reason; of a row that could not be
 * read its text in `_raw`. A file already there may hold corrections and is never written over. Error: `USAGE`.
 */
export async function exportRefused(
  engine: Engine,
  lake: Lake,
  warehouse: string,
  folder: string,
  number: number,
): Promise<RefusedExport> {
  const batch = await replayableBatch(lake, number);
  const about = { batch: number, dataset: batch.dataset, name: batch.name };
  if (batch.status === 'quarantined') {
    const target = join(folder, String(number), basename(batch.name));
    await exportWhole(lake, batch, target);
    return { ...about, file: target, rows: null, reason: batch.reason ?? null };
  }
  const stem = basename(batch.name).replace(/\.(csv|csv\.gz|parquet)$/i, '');
  const target = join(folder, String(number), `${stem}.refused.csv`);
  const rows = await exportRows(engine, lake, warehouse, batch, target);
  return { ...about, file: rows === 0 ? null : target, rows, reason: null };
}

async function exportWhole(
  lake: Lake,
  { batch, quarantineFile }: BronzeBatch,
  target: string,
): Promise<void> {
  if (quarantineFile === undefined || !(await lake.exists(quarantineFile))) {
    throw new MaplewoodError(
      'USAGE',
      `The bytes of batch ${batch} were not kept. Correct the file where it comes from and deliver it again.`,
    );
  }
  await makeRoom(target);
  await copyFile(lake.path(quarantineFile), target, constants.COPYFILE_EXCL);
  await chmod(target, 0o600);
}

async function exportRows(
  engine: Engine,
  lake: Lake,
  warehouse: string,
  batch: BronzeBatch,
  target: string,
): Promise<number> {
  const served = await newestRelease(warehouse);
  if (served === undefined || (served.lastBatch ?? 0) < batch.batch || batch.file === undefined) {
    throw new MaplewoodError(
      'USAGE',
      `Batch ${batch.batch} is in no release yet. Run the ETL until it is published, then export its refused rows.`,
    );
  }
  await engine.run(`attach ${quoted(join(warehouse, served.file))} as release (read_only)`);
  await engine.run(`create table refused as
select row_number as _row, rule as _rule, column_name as _column, reason as _reason
from release.quarantined_row
where dataset = ${quoted(batch.dataset)} and batch_id = ${batch.batch} and row_number is not null`);
  await engine.run('detach release');
  const [found] = await engine.rows<{ n: number }>('select cast(count(*) as double) as n from refused');
  if (found === undefined || found.n === 0) return 0;
  await makeRoom(target);
  const own = new Set(replayColumns);
  const delivered = batch.columns
    .filter((column) => !own.has(column.name.toLowerCase()))
    .map((column) => `cast(b.${name(column.name)} as varchar) as ${name(column.name)}`);
  const unreadable = batch.rejectsFile;
  const raw = unreadable === undefined ? [] : ['u.raw as _raw'];
  const rejects =
    unreadable === undefined ? '' : `left join ${parquet([lake.path(unreadable)])} u on u._row = r._row`;
  await engine.run(`copy (
  select ${[...delivered, 'r._rule', 'r._column', 'r._reason', 'r._row', ...raw].join(', ')}
  from refused r left join ${parquet([lake.path(batch.file)])} b on b._row = r._row ${rejects}
  order by r._row
) to ${quoted(target)} (format csv, header)`);
  await chmod(target, 0o600);
  return found.n;
}

async function makeRoom(target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const there = await access(target).then(
    () => true,
    () => false,
  );
  if (there) {
    throw new MaplewoodError(
      'USAGE',
      `${target} is there already and may hold corrections. Give it with --file, or remove it to export again.`,
    );
  }
}
