import { day, type Form, list, matching, oneOf, section, text, whole } from './form.js';
import {
  actionTypes,
  audiences,
  type DecisionVariable,
  type Delivery,
  evidenceQualities,
  evidenceSystems,
  type Gem,
  type Guideline,
  hooks,
  objectives,
  type Recommendation,
  strengths,
  windows,
} from './gem.js';

const word = matching(/^[a-z][a-z0-9_]*$/, 'a name of lower-case letters, digits and _');

const guideline: Form<Guideline> = section<Guideline>({
  title: text,
  identifier: text,
  publisher: text,
  version: text,
  published: text,
  url: matching(/^(https:\/\/\S+|not stated)$/, 'an https:// address, or "not stated"'),
  licence: text,
});

const recommendation: Form<Recommendation> = section<Recommendation>({
  id: text,
  text,
  strength: oneOf(strengths),
  evidence: section<Recommendation['evidence']>({
    system: oneOf(evidenceSystems),
    quality: oneOf(evidenceQualities),
  }),
  source: oneOf(['explicit', 'inferred'] as const),
});

const decisionVariable: Form<DecisionVariable> = section<DecisionVariable>(
  { name: text, read_var: word, fact: word },
  { valueset: word },
);

const delivery: Form<Delivery> = section<Delivery>(
  {
    objectives: list(oneOf(objectives), 1),
    audience: list(oneOf(audiences), 1),
    hooks: list(oneOf(hooks)),
    suppress_days: whole(0, 3_650),
  },
  { subject: word, window: oneOf(windows), group: word },
);

/** How a provenance file must look. */
export const gemForm: Form<Gem> = section<Gem>({
  guideline,
  recommendation,
  target_population: section<Gem['target_population']>({ inclusion: list(text, 1), exclusion: list(text) }),
  decision_variables: list(decisionVariable, 1),
  actions: list(section<Gem['actions'][number]>({ text, type: oneOf(actionTypes) }), 1),
  flexibility: text,
  review: section<Gem['review']>({ next: day, owner: text }),
  deviations: list(section<Gem['deviations'][number]>({ what: text, why: text })),
  delivery,
});

/** The same for editors: `rules/gem.schema.json`. */
export const gemSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Provenance and delivery of a rule',
  ...gemForm.schema,
};
