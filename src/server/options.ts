import type { GraphQLSchema } from 'graphql';
import type { ServiceKeys } from '../access/keys.js';
import type { SchemaName } from '../access/role.js';
import type { AuditDigests } from '../audit/digests.js';
import type { AuditLog } from '../audit/log.js';
import type { AuditReader } from '../audit/reader.js';
import type { BreakGlass } from '../break-glass/service.js';
import type { PatientEvaluator } from '../cds/patient/evaluation.js';
import type { ResultActs } from '../cds/results/act-service.js';
import type { ResultReaders } from '../cds/results/readers.js';
import type { RuleFigures } from '../cds/testing/figures.js';
import type { Settings } from '../config/settings.js';
import type { KnownActs } from '../loaders/plan/plan.js';
import type { Warehouse } from '../warehouse/warehouse.js';
import type { Verifier } from './authentication/verify.js';
import type { CdsHooksParts } from './cds-hooks/parts.js';
import type { ObserveOptions } from './observe/observers.js';

/** What a server is made of. */
export interface AppOptions {
  readonly warehouse: Warehouse;
  readonly schemas: ReadonlyMap<SchemaName, GraphQLSchema>;
  readonly verifier: Verifier;
  /** The value of `WWW-Authenticate` where a token is missing. */
  readonly challenge: string;
  readonly keys: ServiceKeys;
  readonly settings: Settings;
  /** Every answer is searched for shapes of identifiers, whatever the settings say. */
  readonly searchAll?: boolean;
  readonly audit: {
    readonly log: AuditLog;
    readonly digests: AuditDigests;
    /** The same log, for those who may read it. */
    readonly trail: AuditReader;
  };
  /** Without it nobody can break the glass, whatever rights a token holds. */
  readonly breakGlass?: BreakGlass;
  /** What people do about results of decision support, and what is made of them; without it nobody can say. */
  readonly results?: {
    readonly known: () => Promise<KnownActs>;
    readonly acts: ResultActs;
    readonly readers: Required<ResultReaders>;
    readonly evaluate: PatientEvaluator;
    readonly figures: RuleFigures;
  };
  /** Without it there are no services of CDS Hooks. */
  readonly cdsHooks?: CdsHooksParts;
  /** Public keys of the development issuer, where it is trusted. */
  readonly publicKeySet?: unknown;
  readonly observe?: ObserveOptions;
}

export interface AppEffects {
  now(): Date;
  /** From 0 up to but not including 1. */
  random(): number;
}
