import type { Grant } from '../access/grant.js';
import type { Role } from '../access/role.js';
import type { AuditReader } from '../audit/reader.js';
import type { GlassContext } from '../break-glass/record.js';
import type { BreakGlass } from '../break-glass/service.js';
import type { PatientEvaluator } from '../cds/patient/evaluation.js';
import type { InTurn } from '../cds/patient/one-by-one.js';
import type { RecordAct, ResultActs } from '../cds/results/act-service.js';
import type { ResultReaders } from '../cds/results/readers.js';
import type { RuleFigures } from '../cds/testing/figures.js';
import type { Limits } from '../config/settings.js';
import { MaplewoodError } from '../errors.js';
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
  readonly acts?: { readonly service: ResultActs; readonly record: RecordAct };
  /** What stands beside results of decision support; their values for those who see them. */
  readonly results?: ResultReaders;
  /** Runs rules for a patient, for those who see what they say. */
  readonly evaluate?: PatientEvaluator;
  /** For work that takes the processor. */
  readonly inTurn: InTurn;
  /** How rules of decision support were tested, for those who look after them. */
  readonly figures?: RuleFigures;
  /** Who saw what, for those who may see it. */
  readonly audit?: AuditReader;
  /** Filled while the request runs, and reported beside the answer. */
  readonly provenance: {
    hiddenCells: number;
    /** The answer says who somebody is, as an open grant allows. */
    identified: boolean;
  };
}

/** What clinicians get where nothing keeps what they do about results. */
export const withoutState = (): MaplewoodError =>
  new MaplewoodError(
    'STATE_UNAVAILABLE',
    'Decision support for clinicians keeps its state in a folder. Set MAPLEWOOD_STATE of the server to one.',
  );
