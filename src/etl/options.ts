import type { DisclosureRule } from '../access/disclosure.js';
import type { Anonymity } from '../config/settings.js';
import type { Lake } from '../lake/lake.js';
import type { MartPlan } from '../measures/mart.js';
import type { GoldBuilder } from '../measures/source.js';
import type { ReleaseFolders } from './publish.js';
import type { Acceptance } from './quality/accept.js';
import type { Replay } from './replay/replay.js';
import type { ReleaseResults } from './results.js';

/** What one run of the ETL is given. */
export interface EtlOptions {
  /** Folder of deliveries; undefined takes only what change capture has put into the lake. */
  readonly landing: string | undefined;
  /** Corrected rows of an earlier batch, taken in before everything else that is new. */
  readonly replay?: Replay | undefined;
  /** Make a release even if nothing has changed, and whatever warehouse key the last one was made with. */
  readonly full: boolean;
  /** Checks that may fail in this run, each with the reason. */
  readonly accept: readonly Acceptance[];
  /** Check, or limit of checks → number of the configuration. */
  readonly checks: ReadonlyMap<string, number>;
  readonly lake: Lake;
  readonly folders: ReleaseFolders & {
    readonly leases: string;
    readonly runs: string;
    readonly spill: string;
  };
  readonly referenceDir: string;
  readonly marts: readonly MartPlan[];
  readonly gold: GoldBuilder;
  /** The two padded halves of the warehouse key, and its fingerprint. */
  readonly key: { readonly inner: Uint8Array; readonly outer: Uint8Array; readonly fingerprint: string };
  /** ICD-10 categories of three characters that rows do not show. */
  readonly sensitive: readonly string[];
  /** How figures are hidden and rounded. */
  readonly disclosure: DisclosureRule;
  /** How far rows of patients are generalised. */
  readonly anonymity: Anonymity;
  /** Digest of the declarations that shape a release: a new build makes a new release from the same data. */
  readonly declarations: string;
  readonly threads: number;
  readonly memoryLimit: string;
  readonly keepReleases: number;
  /** Results of decision support; undefined where the tables stay empty. */
  readonly results?: ReleaseResults | undefined;
  /** Make the OMOP tables too. */
  readonly omop: boolean;
}

export interface EtlEffects {
  now(): Date;
  progress(step: string, detail: string, done: number, total: number): void;
}
