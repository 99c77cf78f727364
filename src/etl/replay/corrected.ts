import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { MaplewoodError } from '../../errors.js';
import type { Lake } from '../../lake/lake.js';
import { isRefusal } from '../bronze/columns.js';
import { deliveredColumns } from '../bronze/delivered-columns.js';
import type { Engine } from '../engine.js';
import { hashFile } from '../hash-file.js';
import type { LandingFormat } from '../landing.js';
import { name, parquet, quoted } from '../sql.js';
import { replayableBatch } from './batch.js';
import { type Replay, replayColumns, replayName } from './replay.js';
import { withoutColumns } from './without-columns.js';

/**
 * A corrected file as a delivery of the batch's dataset. Columns that the export has put in are dropped: the rest is
 * then written to `scratch`, which the caller removes after the load. Error: `USAGE`.
 */
export async function correctedFile(
  engine: Engine,
  lake: Lake,
  number: number,
  path: string,
  scratch: string,
): Promise<Replay> {
  const batch = await replayableBatch(lake, number);
  const format = formatOf(path);
  if (!(await stat(path).catch(() => undefined))?.isFile())
    throw new MaplewoodError('USAGE', `${path} is no file. Give the corrected file with --file.`);
  const columns = await deliveredColumns(path, format, engine.connection);
  const dropped = isRefusal(columns)
    ? []
    : columns.flatMap((column) => (isOwn(column.name) ? column.readable : []));
  const delivered =
    dropped.length === 0 ? { path, format } : await rewritten(engine, path, format, dropped, scratch);
  return {
    corrects: { batch: number, name: batch.name },
    file: {
      dataset: batch.dataset,
      name: replayName(number, basename(path)),
      path: delivered.path,
      format: delivered.format,
      changes: batch.changes === true,
      bytes: (await stat(delivered.path)).size,
      sha256: await hashFile(delivered.path),
    },
  };
}

const isOwn = (column: string): boolean => replayColumns.includes(column.trim().toLowerCase());

async function rewritten(
  engine: Engine,
  path: string,
  format: LandingFormat,
  dropped: readonly string[],
  scratch: string,
): Promise<{ readonly path: string; readonly format: LandingFormat }> {
  await mkdir(dirname(scratch), { recursive: true, mode: 0o700 });
  if (format === 'parquet') {
    await engine.run(
      `copy (select * exclude (${dropped.map(name).join(', ')}) from ${parquet([path])}) to ${quoted(scratch)} (format parquet)`,
    );
    return { path: scratch, format };
  }
  await withoutColumns(path, format === 'csv.gz', replayColumns, scratch);
  return { path: scratch, format: 'csv' };
}

function formatOf(path: string): LandingFormat {
  const format = (['csv.gz', 'csv', 'parquet'] as const).find((one) =>
    path.toLowerCase().endsWith(`.${one}`),
  );
  if (format === undefined)
    throw new MaplewoodError(
      'USAGE',
      `${path} is not CSV, CSV.GZ or Parquet. Give the corrected file as one.`,
    );
  return format;
}
