import type { LoadContext } from '../../loaders/load.js';
import { cdsResult, cdsRule } from '../../warehouse/gold/cds.js';
import { type ReadRow, seenRows } from '../patient/seen-rows.js';
import { goldRows } from './gold-rows.js';
import { hex, keysAre } from './result-keys.js';
import { textIsAmong } from './rule-texts.js';

/** The row that a result is about. */
export interface ResultSubject {
  readonly fact: string;
  readonly rowId: string;
}

/**
 * The rows that results are about, by the keys of results that the caller may see. None for results about the patient, and
 * where the caller does not see the row.
 */
export type SubjectsReader = (
  keys: readonly Uint8Array[],
  context: LoadContext,
) => Promise<ReadonlyMap<string, ResultSubject>>;

export const subjectsReader: SubjectsReader = async (keys, context) => {
  if (keys.length === 0) return new Map();
  const results = await goldRows(
    cdsResult,
    ['result_key', 'text_sha256', 'patient_no', 'subject_key'],
    keysAre(keys),
    context,
  );
  const about = results.filter((row) => row['subject_key'] !== null);
  if (about.length === 0) return new Map();
  const texts = [...new Set(about.map((row) => String(row['text_sha256'])))];
  const rules = await goldRows(cdsRule, ['text_sha256', 'subject_fact'], textIsAmong(texts), context);
  const facts = new Map(rules.map((row) => [row['text_sha256'], row['subject_fact']]));
  const rows = about.flatMap((row): [string, ReadRow][] => {
    const fact = facts.get(row['text_sha256']);
    const read = { patient: Number(row['patient_no']), key: hex(row['subject_key']) };
    return typeof fact === 'string' ? [[hex(row['result_key']), { ...read, fact }]] : [];
  });
  const seen = await seenRows(
    rows.map(([, row]) => row),
    context,
  );
  return new Map(
    rows.flatMap(([key, row]): [string, ResultSubject][] => {
      const rowId = seen.rowId(row);
      return rowId === null ? [] : [[key, { fact: row.fact, rowId }]];
    }),
  );
};
