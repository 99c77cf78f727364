import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { SynthOptions } from '../../src/synth/options.js';

export const referenceDir = join(process.cwd(), 'reference');

export const datasetNames = [
  'patients',
  'trusts',
  'practices',
  'sus_episodes',
  'ecds_attendances',
  'mhsds_referrals',
  'csds_contacts',
  'prescriptions',
  'social_care',
  'patient_journeys',
] as const;

/** A temporary folder and options for a small delivery in it. */
export function landing(changes: Partial<SynthOptions> = {}): SynthOptions & { remove: () => void } {
  const out = mkdtempSync(join(tmpdir(), 'synth-'));
  const remove = (): void => rmSync(out, { recursive: true, force: true });
  return { out, patients: 1500, seed: 7, years: 2, faultRate: 0, referenceDir, ...changes, remove };
}

export interface Reader {
  rows: (sql: string) => Promise<Record<string, unknown>[]>;
  /** The single number of a query. */
  figure: (sql: string) => Promise<number>;
  close: () => void;
}

/** Opens delivered Parquet tables as views of their dataset names, with the row number in the file. */
export async function read(out: string): Promise<Reader> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const name of datasetNames) {
    await connection.run(
      `CREATE VIEW ${name} AS SELECT *, file_row_number + 1 AS row_no FROM read_parquet('${out}/${name}/${name}.parquet', file_row_number = true)`,
    );
  }
  const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJS();
  return {
    rows,
    figure: async (sql) => Number(Object.values((await rows(sql))[0] ?? {})[0]),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
