import type { JsonObject } from './canonical.js';

/**
 * What a record says of a request; `seq`, `ts` and `mono` are the log's own. It holds no variable, literal, value, token or
 * name of anybody. One of kind `request` stands for each request; beside it one of the other kinds for each patient of whom
 * somebody was to be told who it is, and one for what somebody said to have done about results of decision support, before it
 * is kept.
 */
export interface RequestRecord extends JsonObject {
  readonly kind: 'request' | 'break-glass' | 'identified-read' | 'cds-act';
  /**
   * `answered`, or `partly` where a field of the answer is an error; `refused`: it may not be asked; `failed`: the server or
   * what it needs; `cancelled`: the caller went away. The others are those of a broken glass.
   */
  readonly outcome: 'answered' | 'partly' | 'refused' | 'failed' | 'cancelled' | 'granted' | 'shown' | 'none';
  /** Of the first error; a code of the catalogue. */
  readonly code?: string;
  readonly requestId: string;
  /** W3C Trace Context of the caller, where it sent one. */
  readonly traceparent?: string;
  /** Null where no token was accepted; `role` only where one is active. */
  readonly principal: {
    readonly oid: string;
    readonly azp: string;
    readonly tid: string;
    readonly role?: string;
    readonly idtyp: string;
  } | null;
  /** HL7 v3 ActReason. */
  readonly purpose?: string;
  readonly glassPurpose?: string;
  /** Digest of the caller's address, of the day. */
  readonly sourceIp: string;
  readonly op?: JsonObject;
  /** What was read: fields of the API with the class of their sensitivity (D, Q, S, W or O). */
  readonly columns?: readonly { readonly name: string; readonly class: string }[];
  readonly tables?: readonly string[];
  /** `all`, `trusts` (own trusts), or `grant` (one patient, by a broken glass). */
  readonly rowScope?: 'all' | 'trusts' | 'grant';
  readonly profile?: string;
  /** Disclosure control: cells of aggregates that were returned, and how many of them withheld. */
  readonly sdc?: { readonly cells: number; readonly suppressed: number };
  readonly rows?: number;
  /** How many patients rows were shown of, and the digest of their keys. */
  readonly patients?: { readonly count: number; readonly digest: string };
  readonly release?: number;
  readonly grantHash?: string;
  readonly breakGlassId?: string;
  /** The answer was made for an earlier request. */
  readonly cached?: boolean;
  /** Requests of the caller that it stands for, where they were turned away within one second; 1 without it. */
  readonly count?: number;
  readonly ms: number;
}

/** How many patients a record says that rows were shown of. */
export function patientsOf({ patients }: JsonObject): number {
  const count = typeof patients === 'object' && patients !== null && 'count' in patients ? patients.count : 0;
  return typeof count === 'number' ? count : 0;
}
