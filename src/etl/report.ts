import type { FhirCounts } from './fhir/counts.js';
import { fhirTables } from './fhir/report.js';
import { levels, suppressed } from './gold/generalise.js';
import { type Accepted, stops } from './quality/accept.js';
import type { QualityResult } from './quality/check.js';
import { levelCheck } from './quality/row-checks.js';
import type { SourceTotal } from './quality/store.js';
import type { RuleLine } from './results.js';
import type { FileBalance } from './silver/load.js';

/** What one run did: printed, and kept as a file. */
export interface RunReport {
  readonly runId: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly seconds: number;
  /** Seconds of each step. */
  readonly timings: Readonly<Record<string, number>>;
  readonly landing: string;
  /** `unchanged`: the same landing and declarations as the served release; nothing was made. */
  readonly outcome: 'published' | 'unchanged';
  readonly release: number;
  readonly dataAsOf: string;
  /** Batch whose rows the run was given in corrected form. */
  readonly corrects?: { readonly batch: number; readonly name: string };
  readonly read: readonly {
    readonly name: string;
    readonly batch: number;
    readonly status: string;
    readonly reason?: string;
  }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly unchangedFiles: number;
  readonly warnings: readonly string[];
  readonly sources: readonly SourceTotal[];
  readonly files: readonly FileBalance[];
  readonly quality: readonly QualityResult[];
  /** What came of the rules of decision support. */
  readonly rules?: readonly RuleLine[];
  /** Checks that failed and were let pass. */
  readonly accepted: readonly Accepted[];
  /** Where FHIR was ever delivered: what became of its resources and references. */
  readonly fhir?: FhirCounts;
}

const count = (n: number): string => n.toLocaleString('en-GB');

/** The report as a person reads it. */
export function printReport(report: RunReport): string {
  const lines: string[] = [];
  if (report.outcome === 'unchanged') {
    lines.push(
      `Nothing has changed: ${report.unchangedFiles} files are as delivered before. Release ${report.release} (data to ${report.dataAsOf}) stays served.`,
    );
  } else {
    lines.push(
      `Release ${report.release} is published: data to ${report.dataAsOf}, ${report.seconds.toFixed(1)} s.`,
      '',
    );
    lines.push(
      ...table(
        ['dataset', 'rows in', 'silver', 'duplicates', 'quarantined'],
        report.sources.map((source) => [
          source.name,
          count(source.rows),
          count(source.silver),
          count(source.duplicates),
          count(source.quarantined),
        ]),
      ),
    );
    const ofRows = levels.flatMap((level) => report.quality.filter(({ id }) => id === levelCheck(level)));
    if (ofRows.some(({ denominator }) => denominator > 0))
      lines.push(
        '',
        `What rows of patients show, from level 0 (finest) to ${suppressed} (nothing):`,
        ...table(
          ['level', 'patients'],
          ofRows.map(({ violated }, level) => [String(level), count(violated)]),
        ),
      );
    if (report.rules) lines.push('', 'Rules of decision support:', ...printRules(report.rules));
    if (report.fhir) {
      for (const { title, head, rows } of fhirTables(report.fhir))
        lines.push('', title, ...table(head, rows));
    }
    const rules = report.quality.filter((result) => !isCheck(result));
    const notable = rules.filter((result) => result.violated > 0 && result.severity !== 'info');
    if (notable.length > 0) {
      lines.push('', 'Rules that rows violate:');
      lines.push(
        ...table(
          ['severity', 'dataset', 'rule', 'column', 'rows', 'kept'],
          notable.map((result) => [
            result.severity,
            result.dataset,
            result.rule,
            result.column_name ?? '',
            count(result.violated),
            result.violated_kept === null ? '' : count(result.violated_kept),
          ]),
        ),
      );
    }
  }
  if (report.corrects)
    lines.push(`Corrected rows of batch ${report.corrects.batch} (${report.corrects.name}).`);
  lines.push(...failedChecks(report));
  for (const file of report.read)
    if (file.status !== 'loaded') lines.push(`Quarantined file ${file.name}: ${file.reason ?? ''}`);
  for (const skipped of report.skipped) lines.push(`Skipped ${skipped.name}: ${skipped.reason}`);
  for (const warning of report.warnings) lines.push(`Warning: ${warning}`);
  return lines.join('\n');
}

/** Checks of files and of the release, unlike the rules over rows, have a threshold. */
const isCheck = (result: QualityResult): boolean => result.threshold_pct !== null;

/** Failed checks, one line a kind with the datasets it is about; accepted ones with the reason. */
function failedChecks({ quality, accepted }: RunReport): string[] {
  const kinds = new Map<string, QualityResult[]>();
  for (const result of quality.filter(
    (one) => isCheck(one) && (one.status === 'fail' || one.status === 'error'),
  )) {
    if (stops(result)) continue;
    kinds.set(result.rule, [...(kinds.get(result.rule) ?? []), result]);
  }
  return [
    ...accepted.map(({ check, reason }) => `Accepted ${check}, which failed: ${reason}`),
    ...[...kinds].map(([kind, results]) => {
      const which = results.map(({ dataset, status, detail }) =>
        status === 'error'
          ? `${dataset} (not computed)`
          : `${dataset}${detail === null ? '' : ` (${detail})`}`,
      );
      return `Check ${kind}: ${which.join(', ')}`;
    }),
  ];
}

/** What came of the rules of decision support, as a person reads it. */
export const printRules = (rules: readonly RuleLine[]): string[] =>
  table(
    ['rule', 'engine', 'evaluated', 'fired', 'rows', 'undecided', 'failed', 'ms', 'failure'],
    rules.map(({ rule, engine, evaluated, fired, rows, undecided, failed, milliseconds, failure }) => [
      rule,
      engine,
      ...[evaluated, fired, rows, undecided, failed, milliseconds].map(count),
      failure ?? '',
    ]),
  );

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const numeric = head.map((_title, column) => rows.every((row) => /^[\d,]*$/.test(row[column] ?? '')));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        numeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].map((text) => `  ${text}`);
}
