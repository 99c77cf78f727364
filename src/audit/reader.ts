import { identifiersFor } from '../access/identifiers.js';
import type { SecretKey } from '../access/key.js';
import type { ServiceKeys } from '../access/keys.js';
import type { AuditLog } from './log.js';
import { readTrail, type TrailPage, type TrailQuestion } from './trail.js';

/** The audit, for reading while it is written. */
export interface AuditReader {
  /** Key of the patient whom a recipient knows by a token; null for malformed and foreign ones. */
  patientOf(token: string, recipient: string): Buffer | null;
  /**
   * Records from the newest on, those that wait to be written included. Errors: `AUDIT_UNAVAILABLE`; the reason of the signal.
   */
  page(question: TrailQuestion, signal: AbortSignal): Promise<TrailPage>;
}

export interface ReaderParts {
  readonly folder: string;
  /** The audit key, and those before it. */
  readonly keys: readonly SecretKey<'audit'>[];
  readonly tokens: Pick<ServiceKeys, 'tokenMaster' | 'previousTokenMasters' | 'deploymentId'>;
  readonly log: Pick<AuditLog, 'flush'>;
}

export function auditReader({ folder, keys, tokens, log }: ReaderParts): AuditReader {
  return {
    patientOf: (token, recipient) => identifiersFor(tokens, recipient).of('patient').decode(token),
    async page(question, signal) {
      await log.flush();
      return readTrail(folder, keys, question, signal);
    },
  };
}
