import type { Grant } from '../access/grant.js';
import type { Role } from '../access/role.js';
import type { AuditReader } from '../audit/reader.js';
import type { GlassContext } from '../break-glass/record.js';
import type { BreakGlass } from '../break-glass/service.js';
import type { ResultActs } from '../cds/results/act-service.js';
import type { DetailsReader } from '../cds/results/details.js';
import type { Limits } from '../config/settings.js';
import type { LoadContext } from '../loaders/load.js';

/** Who asks, as far as an answer may tell them. */
export interface Caller {
  readonly subject: string;
  readonly client: string;
  readonly roles: readonly Role[];
}

/** What resolvers get for one request. */
export interface RequestContext {
  readonly caller: Caller;
  readonly grant: Grant;
  readonly load: LoadContext;
  readonly limits: Limits;
  /** Of those who may break the glass; undefined for everybody else, whose schema has nothing that asks for it. */
  readonly glass?: { readonly service: BreakGlass; readonly context: GlassContext };
  /** Of those who may say what they did about a result of decision support. */
  readonly acts?: ResultActs;
  /** What results of decision support say, for those who see their values. */
  readonly details?: DetailsReader;
  /** Who saw what, for those who may see it. */
  readonly audit?: AuditReader;
  /** Filled while the request runs, and reported beside the answer. */
  readonly provenance: {
    hiddenCells: number;
    /** The answer says who somebody is, as an open grant allows. */
    identified: boolean;
  };
}
