import { evaluate } from 'fhirpath';

/** Invariants of the logical models of CDS Hooks: where in a body each holds, and what holds there. */
const ofResponses = {
  'cds-resp-1': [
    'cards',
    "(selectionBehavior = 'at-most-one') implies suggestions.where(isRecommended).count() <= 1",
  ],
  'cds-resp-2': [
    'cards.suggestions.actions',
    "(type = 'delete') implies (resourceId.exists() and resource.empty())",
  ],
  'cds-resp-3': ['cards.links', "(type != 'smart') implies (appContext.empty())"],
  'cds-resp-4': ['cards', 'overrideReasons.all(display.exists())'],
  'cds-resp-5': ['cards.suggestions', 'actions.all(description.exists())'],
  'cds-resp-6': ['cards', 'suggestions.exists() implies selectionBehavior.exists()'],
  'cds-resp-7': [
    'cards.suggestions',
    "actionSelectionBehavior.empty() or actionSelectionBehavior = 'all' or actionSelectionBehavior = 'any' or actionSelectionBehavior = 'at-most-one'",
  ],
} as const;

const ofFeedback = {
  'cds-fb-1': ['feedback', "outcome = 'accepted' or outcome = 'overridden'"],
  'cds-fb-2': ['feedback', "(outcome = 'accepted') implies acceptedSuggestions.exists()"],
  'cds-fb-3': ['feedback.overrideReason', 'reason.exists() or userComment.exists()'],
} as const;

const ofRequests = {
  'cds-r-1': ['$this', 'fhirAuthorization.exists() implies fhirServer.exists()'],
  'cds-r-2': ['fhirAuthorization', "scope.contains('patient/') implies patient.exists()"],
} as const;

type Invariants = Readonly<Record<string, readonly [place: string, expression: string]>>;

/** Names of the invariants that a body breaks. */
const brokenOf =
  (invariants: Invariants) =>
  (body: unknown): readonly string[] =>
    Object.entries(invariants).flatMap(([name, [place, expression]]) => {
      const whole = `${place}.all(${expression})`;
      const [holds] = evaluate(structuredClone(body), whole) as unknown[];
      return holds === true ? [] : [name];
    });

export const brokenInResponse = brokenOf(ofResponses);
export const brokenInFeedback = brokenOf(ofFeedback);
export const brokenInRequest = brokenOf(ofRequests);
export const responseInvariants = Object.keys(ofResponses);
