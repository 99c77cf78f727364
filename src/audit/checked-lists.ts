import { join } from 'node:path';
import type { SecretKey } from '../access/key.js';
import type { JsonObject } from './canonical.js';
import { auditDigests } from './digests.js';
import { listFileName, type Part, partsIn, restOf } from './list-file.js';
import { keysIn, patientLists } from './patient-lists.js';
import { patientsOf } from './record.js';
import type { Torn } from './segment.js';

/** The lists of a segment, looked at beside its records from the first one on. */
export interface CheckedLists {
  /**
   * The patients of the next record. Undefined where the next list is not that of this record, whole, and of the patients of
   * its digest.
   */
  of(record: JsonObject): Promise<readonly Buffer[] | undefined>;
  /** What lies behind the lists of all records that were looked at. */
  rest(): Promise<Torn | undefined>;
  /** Whether a list of a record up to `seq` is among that: a killed process leaves lists of later ones only. */
  repeats(seq: number): Promise<boolean>;
  close(): Promise<void>;
}

export function checkedLists(folder: string, segment: number, key: SecretKey<'audit'>): CheckedLists {
  const path = join(folder, listFileName(segment));
  const lists = patientLists(key, segment);
  const digests = auditDigests(key);
  const parts = partsIn(path);
  let end = 0;

  const next = async (seq: number, from: number): Promise<Buffer | undefined> => {
    const { value: part } = (await parts.next()) as { value: Part | undefined };
    if (!part || part.seq !== seq || part.from !== from) return undefined;
    ({ end } = part);
    return lists.open(part.bytes);
  };

  return {
    async of(record) {
      const count = patientsOf(record);
      const keys: Buffer[] = [];
      while (keys.length < count) {
        const opened = await next(Number(record['seq']), keys.length);
        if (!opened) return undefined;
        keys.push(...keysIn(opened));
      }
      const { digest } = (record['patients'] ?? {}) as { digest?: unknown };
      const isWhole = count === 0 || (keys.length === count && digests.patients(keys) === digest);
      return isWhole ? keys : undefined;
    },
    rest: () => restOf(path, end),
    async repeats(seq) {
      for await (const part of partsIn(path, end)) if (part.seq <= seq && lists.open(part.bytes)) return true;
      return false;
    },
    async close() {
      await parts.return(undefined);
    },
  };
}
