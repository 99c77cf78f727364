import { fingerprint, type SecretKey } from '../access/key.js';
import type { RecipientTokens } from '../access/recipient-token.js';
import { MaplewoodError } from '../errors.js';
import { auditEvent, type EventContext } from './audit-event.js';
import type { JsonObject } from './canonical.js';
import { sealedOf } from './chain.js';
import { type CheckedLists, checkedLists } from './checked-lists.js';
import { linesOf } from './lines.js';
import { listsVersion, recoveredKind, segmentKind, segmentName, segmentsIn } from './segment.js';

/** What is exported, and for whom. */
export interface ExportQuestion extends EventContext {
  /** Instants in milliseconds since 1970: from, and up to but not including. */
  readonly from: number;
  readonly to: number;
  /** Without it events tell how many patients there were. */
  readonly patients?: { readonly recipient: string; readonly tokens: RecipientTokens };
}

/**
 * Records as FHIR AuditEvents, the oldest first, some at a time. Error: `AUDIT_DAMAGED` for a line that is no record, and where
 * a list of patients that is needed is not as it was written.
 */
export async function* exportEvents(
  folder: string,
  keys: readonly SecretKey<'audit'>[],
  question: ExportQuestion,
): AsyncGenerator<readonly JsonObject[]> {
  const keyOf = new Map(keys.map((key) => [fingerprint(key), key]));
  for (const segment of await segmentsIn(folder)) {
    const damaged = (): MaplewoodError =>
      new MaplewoodError(
        'AUDIT_DAMAGED',
        `${segmentName(segment.number)} could not be read in full. Run maplewood audit verify.`,
      );
    let lists: CheckedLists | undefined;
    try {
      for await (const { lines } of linesOf(segment.path))
        for (const line of lines) {
          const record = sealedOf(line)?.record;
          if (!record) throw damaged();
          if (record['kind'] === segmentKind && question.patients && record['lists'] === listsVersion) {
            const key = keyOf.get(String(record['key']));
            if (!key) throw damaged();
            lists = checkedLists(folder, segment.number, key);
          }
          // Lists stand in the order of the records, also of those that are not exported.
          const patients = lists && (await lists.of(record));
          if (lists && !patients) throw damaged();
          if (isAskedFor(record, question)) yield eventsOf(record, patients ?? [], question);
        }
    } finally {
      await lists?.close();
    }
  }
}

function eventsOf(
  record: JsonObject,
  patients: readonly Uint8Array[],
  { site, patients: shown }: ExportQuestion,
): readonly JsonObject[] {
  if (!shown || patients.length === 0) return [auditEvent(record, { site })];
  const { recipient, tokens } = shown;
  return tokens
    .encode(patients)
    .map((token, at) => auditEvent(record, { site }, { token: String(token), recipient, place: at + 1 }));
}

function isAskedFor({ kind, ts }: JsonObject, { from, to }: ExportQuestion): boolean {
  const at = Date.parse(String(ts));
  return kind !== segmentKind && kind !== recoveredKind && at >= from && at < to;
}
