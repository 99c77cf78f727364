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
  page(question: ReaderQuestion, signal: AbortSignal): Promise<ReaderPage>;
}

/** A question that need not say of which time: it is up to now, and of 24 hours. */
export type ReaderQuestion = Omit<TrailQuestion, 'from' | 'to'> & Partial<Pick<TrailQuestion, 'from' | 'to'>>;

/** A page, and of which time it is. */
export type ReaderPage = TrailPage & Pick<TrailQuestion, 'from' | 'to'>;

const day = 24 * 3_600_000;

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
      // Records have the time at which they are written: what had to wait is older than now only from here on.
      const { to = Date.now() + 1 } = question;
      const { from = to - day } = question;
      return { ...(await readTrail(folder, keys, { ...question, from, to }, signal)), from, to };
    },
  };
}
