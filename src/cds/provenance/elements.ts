import type { Mlm } from '../arden/syntax.js';
import type { Gem } from './gem.js';

/**
 * An element of the Guideline Elements Model (ASTM E2210): its name there, in lower case with dots, what it says, and
 * whether the source says so itself or it was inferred.
 */
export interface GemElement {
  readonly element: string;
  readonly source: 'explicit' | 'inferred';
  readonly text?: string;
  readonly children?: readonly GemElement[];
}

/** A rule as a tree of that model: what its MLM says of itself, and what its provenance adds. */
export function gemElements(mlm: Mlm, gem: Gem): GemElement {
  const slot = (name: string): string => mlm.slots.find((one) => one.name === name)?.text ?? '';
  const { guideline, recommendation, target_population, review } = gem;
  return group('guideline', [
    group('identity', [
      said('identity.title', slot('title')),
      said('guideline.title', guideline.title),
      said('guideline.identifier', guideline.identifier),
      said('release.date', guideline.published),
      said('version', guideline.version),
      said('availability', guideline.url),
    ]),
    group('developer', [
      said('developer.name', guideline.publisher),
      said('committee.name', [slot('institution'), slot('author')].filter(Boolean).join(', ')),
    ]),
    group('purpose', [said('purpose.objective', slot('purpose'))]),
    group('intended.audience', [
      said('users', gem.delivery.audience.join(', ')),
      said('specialist', slot('specialist')),
    ]),
    group('target.population', [
      ...target_population.inclusion.map((text) => said('eligibility.inclusion', text)),
      ...target_population.exclusion.map((text) => said('eligibility.exclusion', text)),
    ]),
    group('knowledge.components', [
      group('recommendation', [conditional(mlm, gem, slot)], recommendation.source),
    ]),
    group('review.plan', [
      said('status', mlm.validation),
      said('date', slot('date')),
      said('scheduled.review', review.next),
      said('reviewer', review.owner),
    ]),
    ...mlm.citations.map(({ kind, text }) =>
      said(kind === 'refute' ? 'reference.refute' : 'reference', text),
    ),
  ]);
}

function conditional(mlm: Mlm, gem: Gem, slot: (name: string) => string): GemElement {
  const { recommendation, decision_variables, actions, flexibility } = gem;
  return group(
    'conditional',
    [
      said('recommendation.text', recommendation.text),
      ...decision_variables.map(({ name, read_var, fact, valueset }) =>
        group('decision.variable', [
          said('decision.variable.description', name),
          said(
            'decision.variable.read',
            valueset === undefined ? `${read_var}: ${fact}` : `${read_var}: ${fact}, ${valueset}`,
          ),
        ]),
      ),
      ...actions.map(({ text, type }) =>
        group('action', [said('action.description', text), said('action.type', type)]),
      ),
      said('evidence.quality', `${recommendation.evidence.system}: ${recommendation.evidence.quality}`),
      said('strength.of.recommendation', recommendation.strength),
      said('flexibility', flexibility),
      said('logic', slot('logic')),
      said('reason', slot('explanation')),
      said('linkage', mlm.name),
    ],
    recommendation.source,
  );
}

const said = (element: string, text: string): GemElement => ({ element, source: 'explicit', text });

const group = (
  element: string,
  children: readonly GemElement[],
  source: GemElement['source'] = 'explicit',
): GemElement => ({ element, source, children: children.filter(({ text }) => text !== '') });
