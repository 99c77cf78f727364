import { MaplewoodError } from '../../errors.js';
import { mostEvaluations } from '../../schema/cds-limits.js';
import { prepare } from '../arden/run/run.js';
import { validationOn } from '../provenance/check-gem.js';
import { audienceOf } from '../results/audience.js';
import type { Rule, Rules } from '../rules/read-rules.js';
import { readReferences } from '../rules/references.js';
import type { Reads } from './reads.js';
import { type Told, toldOf } from './told.js';

/** A rule whose results clinicians see. */
export interface OfferedRule extends Rule, Reads {
  /** It reads what they see through results alone, and only of patients in care. */
  readonly needsCare: boolean;
  readonly told: Told;
  /** The rule, ready to be run; traced at the cost of some time. */
  run(traced: boolean): ReturnType<typeof prepare>;
}

/** The rules that are for clinicians, in the order of their names. */
export const offeredRules = (
  { rules, registry }: Rules,
  listed: ReadonlySet<string>,
): readonly OfferedRule[] =>
  rules.flatMap((rule): OfferedRule[] => {
    const references = readReferences(rule.mlm, registry);
    const { roles, needsCare } = audienceOf(rule, registry);
    return roles.includes('clinician')
      ? [
          {
            ...rule,
            references,
            told: toldOf(rule.mlm, references, registry, listed),
            needsCare,
            run: preparedOnce(rule),
          },
        ]
      : [];
  });

function preparedOnce({ mlm }: Rule): OfferedRule['run'] {
  const prepared = new Map<boolean, ReturnType<typeof prepare>>();
  return (traced) => {
    const run = prepared.get(traced) ?? prepare(mlm, { trace: traced });
    prepared.set(traced, run);
    return run;
  };
}

/**
 * Those of them that are in production on a day, or some by their names. Errors: `BAD_USER_INPUT` for a name that is not among
 * them, whatever the reason; `QUERY_TOO_COMPLEX`.
 */
export function rulesOffered(
  offered: readonly OfferedRule[],
  names: readonly string[] | undefined,
  day: string,
): readonly OfferedRule[] {
  const current = offered.filter(({ mlm, gem }) => validationOn(mlm, gem, day) === 'production');
  const wanted = names && new Set(names);
  const found = wanted ? current.filter(({ name }) => wanted.has(name)) : current;
  if (wanted && found.length < wanted.size)
    throw new MaplewoodError(
      'BAD_USER_INPUT',
      'rules names a rule that you have not. cdsResults and cdsRules have their names; those in production are run.',
    );
  if (found.length > mostEvaluations)
    throw new MaplewoodError(
      'QUERY_TOO_COMPLEX',
      `At most ${mostEvaluations} rules are run at once. Name some of them (rules).`,
    );
  return found;
}
