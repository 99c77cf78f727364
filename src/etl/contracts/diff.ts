import type { DuckDBConnection } from '@duckdb/node-api';
import { type FileRefusal, isRefusal, matchColumns } from '../bronze/columns.js';
import { deliveredColumns } from '../bronze/delivered-columns.js';
import { type ColumnDrift, columnDrift } from '../bronze/drift.js';
import { type Landing, survey } from '../landing.js';
import { contracts } from './index.js';

/** How one delivered file stands to its contract, by its header or footer alone. */
export interface FileDiff {
  readonly name: string;
  readonly dataset: string;
  readonly contractVersion: number;
  readonly drift: readonly ColumnDrift[];
  /** Why the whole file would be quarantined; null if it would be loaded. */
  readonly refusal: FileRefusal | null;
}

export interface LandingDiff {
  readonly files: readonly FileDiff[];
  readonly skipped: Landing['skipped'];
}

/** Compares the files of a landing folder with their contracts, reading headers and Parquet footers only. */
export async function landingDiff(landing: string, connection: DuckDBConnection): Promise<LandingDiff> {
  const { chosen, skipped } = await survey(landing, [...contracts.keys()]);
  const files: FileDiff[] = [];
  for (const file of chosen) {
    const contract = contracts.get(file.dataset);
    if (!contract) continue;
    const { name, dataset } = file;
    const columns = await deliveredColumns(file.path, file.format, connection);
    const head = { name, dataset, contractVersion: contract.version };
    if (isRefusal(columns)) {
      files.push({ ...head, drift: [], refusal: columns });
      continue;
    }
    const matched = matchColumns(
      contract,
      columns.map((column) => column.name),
      file.stem.endsWith('.changes'),
    );
    files.push({
      ...head,
      drift: columnDrift(contract, columns),
      refusal: isRefusal(matched) ? matched : null,
    });
  }
  return { files, skipped };
}

const consequences: Readonly<Record<ColumnDrift['kind'], string>> = {
  added: 'kept in bronze, never in gold',
  missing: 'taken as null, with a warning',
  renamed: 'read under its declared other name',
  type_changed: 'converted value by value; the file is quarantined if most values cannot be',
  duplicate: 'the file is quarantined',
  reordered: 'found by name; nothing to do',
};

/** The differences as a person reads them: a line a file, and a line a difference below it. */
export function printDiff({ files, skipped }: LandingDiff): string {
  const lines = files.flatMap((file) => [headline(file), ...table(file.drift)]);
  const asDeclared = files.filter(({ drift, refusal }) => drift.length === 0 && refusal === null).length;
  const refused = files.filter(({ refusal }) => refusal !== null).length;
  return [
    ...lines,
    ...skipped.map(({ name, reason }) => `${name}: skipped, ${reason}`),
    `${files.length} ${files.length === 1 ? 'file' : 'files'}: ${asDeclared} as declared, ${files.length - asDeclared - refused} would be loaded with differences, ${refused} would be quarantined.`,
  ].join('\n');
}

function headline({ name, dataset, contractVersion, drift, refusal }: FileDiff): string {
  const what = `${name} (${dataset}, contract ${contractVersion})`;
  if (refusal) return `${what}: would be quarantined, ${refusal.rule}: ${refusal.reason}`;
  if (drift.length === 0) return `${what}: as declared`;
  return `${what}: would be loaded, ${drift.length} ${drift.length === 1 ? 'difference' : 'differences'}`;
}

function table(drift: readonly ColumnDrift[]): string[] {
  const rows = drift.map(({ kind, column, deliveredName, deliveredType, refuses }) => [
    kind,
    column ?? '(name not shown)',
    [deliveredName, deliveredType].filter((part) => part !== null).join(' '),
    refuses ? 'the file is quarantined' : consequences[kind],
  ]);
  const all = [['kind', 'column', 'delivered', 'what happens'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return rows.length === 0
    ? []
    : all.map((row) =>
        `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
      );
}
