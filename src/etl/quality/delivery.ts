import type { BronzeBatch } from '../bronze.js';
import { contracts } from '../contracts/index.js';
import type { Engine } from '../engine.js';
import { quoted } from '../sql.js';
import { type Check, check } from './check.js';
import type { CheckLimits } from './limits.js';

/** Table with one row a delivered file that no release holds yet, by what the ledger tells of it. */
const delivered = 'memory.main.delivered_file';
/** Table with one row a bronze file of ours that this run reads again. */
const reread = 'memory.main.bronze_file';
/** Table with what became of the rows of each delivered file. */
const balance = 'memory.main.file_balance';

/** So many earlier loads of a dataset say what is usual. */
const history = 30;
/** Loads that must have been for a file to be unusual, and for a collapse to stop the publish. */
const fewestLoads = 3;
const loadsForCollapse = 5;
/** Rows of a delivery below which a share of refused ones says nothing. */
const fewestRows = 100;

/** What the checks of one delivered file compare. */
export interface DeliveredFile {
  readonly batch: number;
  readonly dataset: string;
  readonly name: string;
  readonly status: BronzeBatch['status'];
  readonly rows: number;
  readonly drifted: number;
  readonly repeatedKeys: number;
  /** Days from the newest day of the file to the day of load; null where the dataset has no such day. */
  readonly age: number | null;
  /** Days by which it is older than the newest delivery before; null where there is nothing to compare. */
  readonly behind: number | null;
  /** Median rows of the last loads before it, and how many there were. */
  readonly usual: number | null;
  readonly loads: number;
}

/**
 * The files to be judged: those of batches after `published`, the last one that a release holds. A file that was
 * delivered again under its name before it was published is judged by its last delivery.
 */
export function deliveredFiles(batches: readonly BronzeBatch[], published: number): DeliveredFile[] {
  const pending = batches.filter(
    (one, index) =>
      one.batch > published &&
      !batches.slice(index + 1).some((later) => later.dataset === one.dataset && later.name === one.name),
  );
  return pending.map((one) => {
    const before = batches.filter(
      (other) =>
        other.dataset === one.dataset &&
        other.status === 'loaded' &&
        other.batch <= Math.min(published, one.batch),
    );
    const rows = before.slice(-history).map((other) => other.rows);
    const newestBefore = before
      .flatMap(({ newest }) => newest ?? [])
      .sort()
      .at(-1);
    return {
      batch: one.batch,
      dataset: one.dataset,
      name: one.name,
      status: one.status,
      rows: one.rows,
      drifted: one.drift.length,
      repeatedKeys: one.repeatedKeys,
      age: one.newest === null ? null : days(one.newest, one.loadedAt),
      behind: one.newest === null || newestBefore === undefined ? null : days(one.newest, newestBefore),
      usual: median(rows),
      loads: rows.length,
    };
  });
}

/** Makes the table that the checks of files read. */
export async function storeDelivered(engine: Engine, files: readonly DeliveredFile[]): Promise<void> {
  await engine.run(
    `create or replace table ${delivered} (batch integer, dataset varchar, name varchar, status varchar, rows double, drifted double, repeated_keys double, age double, behind double, usual double, loads double)`,
  );
  const rows = files.map(
    (file) =>
      `(${[file.batch, quoted(file.dataset), quoted(file.name), quoted(file.status), file.rows, file.drifted, file.repeatedKeys, file.age ?? 'null', file.behind ?? 'null', file.usual ?? 'null', file.loads].join(', ')})`,
  );
  if (rows.length > 0) await engine.run(`insert into ${delivered} values ${rows.join(', ')}`);
}

/** Makes the table of our own files that are read again, with whether they are as they were written. */
export async function storeReread(
  engine: Engine,
  files: readonly { readonly batch: number; readonly dataset: string; readonly intact: boolean }[],
): Promise<void> {
  await engine.run(`create or replace table ${reread} (batch integer, dataset varchar, intact boolean)`);
  const rows = files.map(({ batch, dataset, intact }) => `(${batch}, ${quoted(dataset)}, ${intact})`);
  if (rows.length > 0) await engine.run(`insert into ${reread} values ${rows.join(', ')}`);
}

/** Makes the table of what became of each file's rows. `pending`: no release holds the file yet. */
export async function storeBalances(
  engine: Engine,
  files: readonly {
    readonly batch: number;
    readonly dataset: string;
    readonly rows: number;
    readonly silver: number;
    readonly duplicates: number;
    readonly quarantined: number;
  }[],
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

/** Checks of delivered files, before their rows are staged: one a dataset and kind, counted in one pass. */
export const fileChecks = (limits: CheckLimits): Check[] => [
  ...[...contracts.values()].flatMap(({ dataset, freshness }) => {
    const own = `dataset = ${quoted(dataset)}`;
    const loaded = `${own} and status = 'loaded'`;
    const files = (
      id: string,
      violated: string,
      described: Pick<Check, 'category' | 'severity' | 'description'>,
      among = loaded,
      told = 'name',
    ): Check =>
      check({
        id: `${dataset}.${id}`,
        subject: dataset,
        level: 'file',
        from: delivered,
        violations: `count(*) filter (${among} and ${violated})`,
        denominator: `count(*) filter (${among})`,
        detail: `string_agg(${told}, '; ' order by name) filter (${among} and ${violated})`,
        touches: [dataset],
        ...described,
      });
    const usual = `${loaded} and loads >= ${fewestLoads} and usual > 0`;
    const collapse = `${loaded} and loads >= ${loadsForCollapse} and usual > 0`;
    const volume = "name || ': ' || cast(rows as bigint) || ' rows, usually ' || cast(usual as bigint)";
    return [
      files(
        'file_readable',
        "status <> 'loaded'",
        {
          category: 'conformance',
          severity: 'warn',
          description: 'files that were quarantined as a whole',
        },
        own,
      ),
      files('file_schema', 'drifted > 0', {
        category: 'conformance',
        severity: 'warn',
        description:
          'files whose columns are not those of the contract: added, missing, renamed, of another type',
      }),
      files('file_rows', 'rows = 0', {
        category: 'completeness',
        severity: 'warn',
        description: 'files without a row',
      }),
      check({
        id: `${dataset}.file_keys`,
        subject: dataset,
        level: 'file',
        category: 'conformance',
        severity: 'warn',
        description: 'surplus rows of a key within one file; the first is kept',
        from: delivered,
        violations: `sum(repeated_keys) filter (${loaded})`,
        denominator: `sum(rows) filter (${loaded})`,
        detail: `string_agg(name || ': ' || cast(repeated_keys as bigint), '; ' order by name) filter (${loaded} and repeated_keys > 0)`,
        touches: [dataset],
      }),
      files(
        'file_volume',
        `(rows > usual * ${limits.volumeFactor} or rows < usual / ${limits.volumeFactor})`,
        {
          category: 'plausibility',
          severity: 'warn',
          description: `files with over ${limits.volumeFactor} times the median rows of the last ${history} loads, or under one over that`,
        },
        usual,
        volume,
      ),
      files(
        'file_volume_collapse',
        `rows < usual * ${limits.volumeCollapsePct / 100}`,
        {
          category: 'plausibility',
          severity: 'error',
          description: `files with under ${limits.volumeCollapsePct} % of the median rows of the last ${history} loads`,
        },
        collapse,
        volume,
      ),
      ...(freshness === undefined
        ? []
        : [
            files(
              'file_freshness',
              `age > ${limits.freshnessDays}`,
              {
                category: 'plausibility',
                severity: 'warn',
                description: `files whose newest ${freshness} lies over ${limits.freshnessDays} days before the day of load`,
              },
              `${loaded} and age is not null`,
              "name || ': ' || cast(age as bigint) || ' days'",
            ),
            files(
              'file_order',
              'behind > 0',
              {
                category: 'plausibility',
                severity: 'warn',
                description: `files whose newest ${freshness} lies before that of a delivery already published`,
              },
              `${loaded} and behind is not null`,
              "name || ': ' || cast(behind as bigint) || ' days'",
            ),
          ]),
    ];
  }),
  check({
    id: 'bronze.content_hash',
    subject: 'bronze',
    level: 'file',
    category: 'conformance',
    severity: 'error',
    description: 'files of bronze whose content is not what was written',
    from: reread,
    violations: 'count(*) filter (not intact)',
    detail: "string_agg('batch ' || batch, '; ' order by batch) filter (not intact)",
    touches: ['all datasets'],
  }),
];

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

const dayLength = 86_400_000;
const days = (from: string, to: string): number =>
  Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / dayLength);

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[middle - 1];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 || lower === undefined ? upper : (upper + lower) / 2;
}
