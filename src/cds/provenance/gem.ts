/** What stands in a provenance file and cannot be said in an MLM. Keys are those of the file. */
export interface Gem {
  readonly guideline: Guideline;
  readonly recommendation: Recommendation;
  readonly target_population: {
    readonly inclusion: readonly string[];
    readonly exclusion: readonly string[];
  };
  readonly decision_variables: readonly DecisionVariable[];
  readonly actions: readonly { readonly text: string; readonly type: ActionType }[];
  /** How far the recommendation leaves a choice. */
  readonly flexibility: string;
  readonly review: {
    /** Day `YYYY-MM-DD` after which the rule is expired. */
    readonly next: string;
    readonly owner: string;
  };
  /** Where the rule differs from the guideline, and why. */
  readonly deviations: readonly { readonly what: string; readonly why: string }[];
  readonly delivery: Delivery;
}

/** The publication. What is not stated in it says so. */
export interface Guideline {
  readonly title: string;
  readonly identifier: string;
  readonly publisher: string;
  readonly version: string;
  readonly published: string;
  readonly url: string;
  readonly licence: string;
}

export interface Recommendation {
  readonly id: string;
  /** In words of our own. */
  readonly text: string;
  readonly strength: Strength;
  readonly evidence: { readonly system: EvidenceSystem; readonly quality: EvidenceQuality };
  /** Said by the guideline itself, or drawn from it. */
  readonly source: 'explicit' | 'inferred';
}

/** Something that the decision depends on, and the READ that brings it. */
export interface DecisionVariable {
  readonly name: string;
  /** A variable of the READ. */
  readonly read_var: string;
  readonly fact: string;
  /** The value set between its braces, if there is one. */
  readonly valueset?: string;
}

export interface Delivery {
  readonly objectives: readonly Objective[];
  /** Roles whose users the rule is for. */
  readonly audience: readonly Audience[];
  /** CDS Hooks services that show it. */
  readonly hooks: readonly Hook[];
  /** Variable of a READ FIRST or LAST: a result is about its row. Either this or a window. */
  readonly subject?: string;
  /** A result is about the patient in one such bucket of time. */
  readonly window?: Window;
  /** Days for which a result is not shown again after it was acknowledged. */
  readonly suppress_days: number;
  /** Rules of one group: the one with the highest urgency is shown. */
  readonly group?: string;
}

export const strengths = [
  'must',
  'should',
  'consider',
  'strong',
  'weak',
  'national standard',
  'local policy',
] as const;
export const evidenceSystems = ['GRADE', 'NICE', 'SIGN', 'none'] as const;
export const evidenceQualities = ['high', 'moderate', 'low', 'very low', 'consensus', 'not stated'] as const;
export const actionTypes = [
  'review',
  'follow-up',
  'escalate',
  'plan',
  'refer',
  'order',
  'prescribe',
  'contact',
  'correct',
] as const;
/** Beds, emergency department, high cost and prescribing, coordination, population, data quality. */
export const objectives = ['B', 'E', 'H', 'C', 'P', 'D'] as const;
export const audiences = ['clinician', 'operations', 'data-steward'] as const;
export const hooks = ['patient-view', 'encounter-start', 'encounter-discharge', 'order-sign'] as const;
export const windows = ['day', 'week', 'month', 'quarter', 'year', 'ever'] as const;

export type Strength = (typeof strengths)[number];
export type EvidenceSystem = (typeof evidenceSystems)[number];
export type EvidenceQuality = (typeof evidenceQualities)[number];
export type ActionType = (typeof actionTypes)[number];
export type Objective = (typeof objectives)[number];
export type Audience = (typeof audiences)[number];
export type Hook = (typeof hooks)[number];
export type Window = (typeof windows)[number];
