import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { datasets } from './datasets.js';
import { replaceFile } from './delivery.js';
import type { SynthPlan } from './options.js';
import { rules } from './rules.js';

/** One row that breaks one rule. */
interface ListedFault {
  rule: string;
  dataset: string;
  column?: string;
  key: Record<string, string | null>;
  /** Row number in the file, from 1, the header not counted. */
  row: number;
  detail?: string;
}

/** What `faults.json` holds. */
export interface FaultManifest {
  version: 1;
  options: {
    patients: number;
    seed: number;
    years: number;
    faultRate: number;
    start: string;
    end: string;
    format: string;
  };
  faults: ListedFault[];
  /** `<dataset>/<rule>` → violations in the whole file; exact, also where the list above is cut. */
  counts: Record<string, number>;
  /** Rules that the format of the delivery cannot break: a Parquet column has one type. */
  notApplicable: string[];
  /** Figures that a definition states beside its count. */
  parts: Record<string, Record<string, number>>;
}

/** Rows listed a rule and dataset; the counts have no limit. */
const listedRows = 1000;

async function objects(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJS();
}

/** Counts every rule over the delivered tables and lists the rows that break it. */
export async function findFaults(connection: DuckDBConnection, plan: SynthPlan): Promise<FaultManifest> {
  const { patients, seed, years, faultRate, start, end, format } = plan;
  const manifest: FaultManifest = {
    version: 1,
    options: { patients, seed, years, faultRate, start, end, format },
    faults: [],
    counts: {},
    notApplicable: format === 'parquet' ? ['TYPE_INVALID'] : [],
    parts: {},
  };
  const keys = new Map(datasets.map((one) => [one.name, one.key]));
  for (const rule of rules(plan)) {
    const name = `${rule.dataset}/${rule.rule}`;
    const key = keys.get(rule.dataset) ?? '';
    await connection.run(`CREATE OR REPLACE TEMP TABLE found AS ${rule.rows}`);
    const parts = Object.entries(rule.parts ?? {});
    const columns = ['count(*) AS violations', ...parts.map(([part, sql]) => `${sql} AS "${part}"`)];
    const [figures = {}] = await objects(connection, `SELECT ${columns.join(', ')} FROM found`);
    manifest.counts[name] = Number(figures['violations']);
    if (parts.length > 0) {
      manifest.parts[name] = Object.fromEntries(parts.map(([part]) => [part, Number(figures[part])]));
    }
    const hasDetail = /\bAS detail\b/.test(rule.rows);
    const rows = await objects(
      connection,
      `SELECT f.row_no, t.${key} AS key${hasDetail ? ', f.detail' : ''} FROM found f JOIN ${rule.dataset} t ON t.row_no = f.row_no
       ORDER BY f.row_no, f LIMIT ${listedRows}`,
    );
    for (const row of rows) {
      const detail = typeof row['detail'] === 'string' ? row['detail'].split('#').at(-1) : undefined;
      manifest.faults.push({
        rule: rule.rule,
        dataset: rule.dataset,
        ...(rule.column === undefined ? {} : { column: rule.column }),
        key: { [key]: typeof row['key'] === 'string' ? row['key'] : null },
        row: Number(row['row_no']),
        ...(detail === undefined || detail === rule.rule ? {} : { detail }),
      });
    }
  }
  return manifest;
}

/** Writes `faults.json`: one fault a line, so that the file can be compared and searched. */
export async function writeManifest(plan: SynthPlan, manifest: FaultManifest): Promise<void> {
  const { faults, ...head } = manifest;
  const text = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "faults": [\n${faults.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]\n}\n`;
  await replaceFile(join(plan.out, 'faults.json'), (temporary) => writeFile(temporary, text));
}
