import type { Comparison } from './compare.js';

/** What a capture did with one table. */
export interface TableReport extends Omit<Comparison, 'present'> {
  readonly dataset: string;
  /** Number of the change file; null if there is none. */
  readonly sequence: number | null;
  /** `nothing`: it was known without reading that nothing has changed. */
  readonly read: 'table' | 'changes' | 'nothing';
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** What one capture did. Plain JSON. */
export interface CaptureReport {
  readonly runId: string;
  readonly source: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly seconds: number;
  readonly tables: readonly TableReport[];
  /** Tables of which nothing was taken, and why. */
  readonly refused: readonly { readonly dataset: string; readonly reason: string }[];
}

const count = (n: number): string => n.toLocaleString('en-GB');
const head = ['dataset', 'rows', 'inserts', 'updates', 'deletes', 'unchanged', 'duplicates', 'seconds'];

/** The report as a person reads it. */
export function printCapture(report: CaptureReport): string {
  const changes = report.tables.reduce(
    (sum, table) => sum + table.inserts + table.updates + table.deletes,
    0,
  );
  const rows = report.tables.map((table) => [
    table.dataset,
    ...[table.rows, table.inserts, table.updates, table.deletes, table.unchanged, table.duplicates].map(
      count,
    ),
    table.seconds.toFixed(1),
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ')}`;
  const remarks = report.tables.flatMap(({ dataset, notes, nullKeys }) => [
    ...(nullKeys > 0 ? [`${dataset}: ${count(nullKeys)} rows have no key and were not taken.`] : []),
    ...notes.map((note) => `${dataset}: ${note}.`),
  ]);
  return [
    changes === 0
      ? `Nothing has changed in ${report.source}.`
      : `${count(changes)} changes were captured from ${report.source}, ${report.seconds.toFixed(1)} s.`,
    ...(rows.length > 0 ? ['', line(head), ...rows.map(line)] : []),
    ...remarks,
    ...report.refused.map(({ reason }) => reason),
  ].join('\n');
}
