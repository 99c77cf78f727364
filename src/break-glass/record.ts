import type { JsonObject } from '../audit/canonical.js';
import type { AuditDigests } from '../audit/digests.js';
import { type Operation, operationRecord } from '../audit/document.js';
import { MaplewoodError } from '../errors.js';
import type { LoadContext } from '../loaders/load.js';
import type { GlassUser } from './rules.js';

/** The request that a record is about. */
export interface GlassContext {
  readonly user: GlassUser;
  readonly operation: Operation;
  /** Address of the caller. */
  readonly source: string;
  readonly load: LoadContext;
  /** Most rows of one list. */
  readonly most: number;
}

/** What came of it. */
export interface GlassOutcome {
  readonly kind: 'break-glass' | 'identified-read';
  readonly outcome: 'granted' | 'shown' | 'none' | 'refused' | 'failed';
  /** Key of the patient who was asked for. */
  readonly patient: Uint8Array;
  readonly breakGlassId?: string;
  /** For what the glass was broken. */
  readonly purpose?: string;
  readonly rows?: number;
  readonly read?: JsonObject;
  readonly error?: unknown;
}

/** The record of an attempt to identify a patient. It holds no variable, literal, value, token or name. */
export function glassRecord(
  { user, operation, source, load }: GlassContext,
  { kind, outcome, patient, breakGlassId, purpose, rows = 0, read = {}, error }: GlassOutcome,
  digests: AuditDigests,
  time: { readonly day: string; readonly ms: number },
): JsonObject {
  const { grant } = load.plan;
  const seen = outcome === 'shown' || outcome === 'granted';
  return {
    kind,
    outcome,
    ...(error === undefined ? {} : { code: error instanceof MaplewoodError ? error.code : 'INTERNAL' }),
    requestId: load.requestId,
    principal: { oid: user.oid, azp: user.azp, tid: user.tid, role: grant.role, idtyp: user.idtyp },
    // HL7 v3 ActReason: break the glass.
    purpose: 'BTG',
    ...(purpose === undefined ? {} : { glassPurpose: purpose }),
    sourceIp: digests.source(source, time.day),
    op: operationRecord(operation, digests.variables),
    ...read,
    rowScope: 'grant',
    profile: grant.profile,
    rows,
    patients: { count: seen ? 1 : 0, digest: digests.patients([patient]) },
    release: load.handle.info.id,
    grantHash: grant.digest,
    ...(breakGlassId === undefined ? {} : { breakGlassId }),
    ms: Math.round(time.ms),
  };
}
