import { MaplewoodError } from '../../errors.js';
import type { LoadContext } from '../../loaders/load.js';
import { midnight } from '../../loaders/plan/as-of.js';
import { mostEvidence, mostWithEvidence } from '../../schema/cds-limits.js';
import { cdsEvidence } from '../../warehouse/gold/cds.js';
import { type ReadRow, seenRows } from '../patient/seen-rows.js';
import { goldRows, type Row } from './gold-rows.js';
import { hex, keysAre } from './result-keys.js';

/** Rows that a result rests on and that the caller may see, the latest first. */
export interface ResultEvidence {
  readonly nodes: readonly {
    readonly fact: string;
    readonly rowId: string | null;
    readonly time: string | null;
  }[];
  readonly totalCount: number;
}

/**
 * The first rows that each result rests on, by the keys of results that the caller may see. Error: `BAD_USER_INPUT` for too many
 * rows or results.
 */
export type EvidenceReader = (
  keys: readonly Uint8Array[],
  first: number,
  context: LoadContext,
) => Promise<ReadonlyMap<string, ResultEvidence>>;

export const evidenceReader: EvidenceReader = async (keys, first, context) => {
  if (first < 1 || first > mostEvidence)
    throw new MaplewoodError('BAD_USER_INPUT', `first of evidence must be from 1 to ${mostEvidence}.`);
  if (keys.length > mostWithEvidence)
    throw new MaplewoodError(
      'BAD_USER_INPUT',
      `evidence is given for at most ${mostWithEvidence} results at once. Ask for fewer (first).`,
    );
  if (keys.length === 0) return new Map();
  const rows = await goldRows(cdsEvidence, Object.keys(cdsEvidence.columns), keysAre(keys), context);
  const seen = await seenRows(rows.map(readRow), context);
  const byResult = new Map<string, ResultEvidence['nodes'][number][]>();
  for (const row of rows.sort(latestFirst)) {
    const read = readRow(row);
    if (!seen.has(read)) continue;
    const key = hex(row['result_key']);
    const known = byResult.get(key) ?? [];
    byResult.set(key, known);
    known.push({ fact: read.fact, rowId: seen.rowId(read), time: timeOf(row) });
  }
  return new Map(
    keys.map((key): [string, ResultEvidence] => {
      const nodes = byResult.get(hex(key)) ?? [];
      return [hex(key), { nodes: nodes.slice(0, first), totalCount: nodes.length }];
    }),
  );
};

const readRow = (row: Row): ReadRow => ({
  fact: String(row['fact']),
  patient: Number(row['patient_no']),
  key: hex(row['row_key']),
});

function timeOf(row: Row): string | null {
  const [day, instant] = [row['event_day'], row['event_time']];
  if (instant != null) return `${String(instant).slice(0, 13)}:00:00Z`;
  return day == null ? null : midnight(String(day));
}

/** By time, what has none last; then by fact and key. */
function latestFirst(a: Row, b: Row): number {
  const [one, other] = [a, b].map((row) => timeOf(row) ?? '') as [string, string];
  const [left, right] = [a, b].map((row) => `${String(row['fact'])} ${hex(row['row_key'])}`) as [
    string,
    string,
  ];
  return one === other ? (left < right ? -1 : 1) : one < other ? 1 : -1;
}
