import type { Lake } from '../../lake/lake.js';
import { type BronzeBatch, ingest } from '../bronze.js';
import { hashFile } from '../hash-file.js';
import { discover, type LandingFile } from '../landing.js';
import { name, parquet } from '../sql.js';
import { hashSql, type TableColumn } from './row-hash.js';
import {
  type CaptureSource,
  refused,
  requireFreeNames,
  type StageContext,
  type StagedTable,
} from './source.js';

/** Name of the source that is a folder of snapshots; no configured source may have it. */
export const folderSourceName = 'files';

/**
 * Snapshots of tables as files, found as in a landing folder. Each file is one whole state of its table, and of
 * several the last by name counts (numbers in names by their value); files `part-0…`, `part-1…` are one state
 * together. Throws as `discover` does.
 */
export async function snapshotFolder(folder: string, datasets: readonly string[]): Promise<CaptureSource> {
  const { files } = await discover(folder, datasets);
  return {
    name: folderSourceName,
    datasets: datasets.filter((dataset) => files.some((file) => file.dataset === dataset)),
    stage: (dataset, context) =>
      stage(
        files.filter((file) => file.dataset === dataset),
        context,
      ),
    close: async () => undefined,
  };
}

async function stage(
  files: readonly LandingFile[],
  context: StageContext,
): Promise<StagedTable | 'unchanged'> {
  const { contract, last } = context;
  const state = presentState(contract.dataset, files);
  const origin = { files: state.map(({ name, sha256 }) => ({ name, sha256 })) };
  if (last && JSON.stringify(last.origin.files) === JSON.stringify(origin.files)) return 'unchanged';
  const loaded: BronzeBatch[] = [];
  for (const [index, file] of state.entries()) loaded.push(await loadPart(file, index + 1, context));
  const paths = loaded.map(({ file = '' }) => context.lake.path(`${context.folder}/${file}`));
  const columns = await commonColumns(loaded, paths, context);
  // Row numbers of several files must not meet: 2^40 rows of a file are more than any has.
  const row = `_row + cast(_batch as bigint) * ${2 ** 40}`;
  const passedOver = files.length - state.length;
  return {
    extent: 'complete',
    columns,
    relation: `(select ${columns.map((column) => name(column.name)).join(', ')}, ${row} as _row,
      ${hashSql(columns)} as _hash, false as _gone from ${parquet(paths)})`,
    origin,
    notes:
      passedOver > 0
        ? [
            `${state.map((file) => file.name).join(', ')} is the present state; ${passedOver} earlier files are not read`,
          ]
        : [],
  };
}

const inNumericOrder = new Intl.Collator('en', { numeric: true });
const isPart = (file: LandingFile): boolean => /(^|\/)part[-_.]?\d[^/]*$/i.test(file.name);

/** The files that make up the present state of a table. */
export function presentState(dataset: string, files: readonly LandingFile[]): readonly LandingFile[] {
  const sorted = [...files].sort((a, b) => inNumericOrder.compare(a.name, b.name));
  if (sorted.every(isPart)) return sorted;
  if (sorted.some(isPart)) {
    throw refused(
      dataset,
      'its folder holds parts (part-…) beside whole snapshots; leave one of the two there',
    );
  }
  if (new Set(sorted.map((file) => file.name.includes('/'))).size > 1) {
    throw refused(
      dataset,
      'it lies in the folder itself and in a folder of its own; leave one of the two there',
    );
  }
  return sorted.slice(-1);
}

/** Reads a file as bronze does, with the same exactness, into the staging folder. */
async function loadPart(file: LandingFile, part: number, context: StageContext): Promise<BronzeBatch> {
  const { contract, engine, lake, folder, now } = context;
  const batch = await ingest(file, contract, part, {
    connection: engine.connection,
    lake: staging(lake, folder),
    run: 'snapshot',
    loadedAt: now().toISOString(),
  });
  if (batch.status === 'quarantined') throw refused(contract.dataset, `${file.name}: ${batch.reason ?? ''}`);
  if (batch.unreadable > 0) {
    throw refused(
      contract.dataset,
      `${batch.unreadable} rows of ${file.name} cannot be read and would look deleted; deliver it again in order`,
    );
  }
  if ((await hashFile(file.path)) !== file.sha256) {
    throw refused(contract.dataset, `${file.name} changed while it was read; try again when it is complete`);
  }
  requireFreeNames(
    contract,
    batch.columns.map((column) => column.name),
  );
  return batch;
}

/** Columns of all parts in the order of the first, with the types that hold the values of each. */
async function commonColumns(
  parts: readonly BronzeBatch[],
  paths: readonly string[],
  { engine }: StageContext,
): Promise<readonly TableColumn[]> {
  const delivered = new Set(parts.flatMap(({ columns }) => columns.map((column) => column.name)));
  const described = await engine.rows<{ column_name: string; column_type: string }>(
    `describe select * from ${parquet(paths)}`,
  );
  return described
    .filter((column) => delivered.has(column.column_name))
    .map((column) => ({ name: column.column_name, type: column.column_type }));
}

/** A folder of the lake as a lake whose files need not survive a crash. */
const staging = (lake: Lake, folder: string): Lake => ({
  path: (file) => lake.path(`${folder}/${file}`),
  seal: async () => undefined,
  putIfAbsent: (file, content) => lake.putIfAbsent(`${folder}/${file}`, content),
  readJson: (file) => lake.readJson(`${folder}/${file}`),
  size: (file) => lake.size(`${folder}/${file}`),
  list: (inner) => lake.list(`${folder}/${inner}`),
  removeDrafts: (inner) => lake.removeDrafts(`${folder}/${inner}`),
  exists: (file) => lake.exists(`${folder}/${file}`),
  remove: (file) => lake.remove(`${folder}/${file}`),
});
