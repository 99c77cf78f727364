import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Query, Resolver, Root } from 'type-graphql';
import { CdsEvaluation } from '../schema/cds-evaluation.js';
import { mostEvaluations, mostEvidence, mostWithEvidence } from '../schema/cds-limits.js';
import { AtMost } from '../schema/declare/lengths.js';
import { DateScalar } from '../schema/declare/scalars.js';
import { CdsEvidencePage } from '../schema/people/cds-result-parts.js';
import { CdsResult } from '../schema/people/cds-results.js';
import { type RequestContext, withoutState } from './context.js';
import { nestedAnswer } from './nested.js';
import { selectionOf } from './selection.js';

@Resolver()
export class CdsEvaluateResolver {
  @AtMost(mostEvaluations, 'rules')
  @Query(() => [CdsEvaluation as unknown as new () => CdsEvaluation], {
    description:
      'Runs rules of decision support for one patient, and says of each whether it fires and why, or why not: those in production, and those that read risk, HoNOS or safeguarding for a patient in care alone. Empty for a patientId that is unknown, malformed, of another recipient or out of your scope. For review; not a medical device, not clinically validated.',
  })
  async cdsEvaluate(
    @Arg('patientId', () => ID) patientId: string,
    @Arg('rules', () => [String], { nullable: true, description: 'Names of rules; all by default.' })
    rules: readonly string[] | null | undefined,
    @Arg('asOf', () => DateScalar, {
      nullable: true,
      description:
        'The day as of the end of which they are run: what happened later is not known then. By default, and at the latest, the last day with data.',
    })
    asOf: string | null | undefined,
    @Ctx() { evaluate, load, inTurn }: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<readonly object[]> {
    if (!evaluate) throw withoutState();
    const wanted = new Set(selectionOf(info).names());
    return evaluate(
      { patientId, rules: rules ?? undefined, asOf: asOf ?? undefined, wanted },
      { ...load, lane: 'point' },
      inTurn,
    );
  }
}

const evidence = nestedAnswer('evidence');

/** The field of a result that has an argument. */
@Resolver(() => CdsResult as unknown as new () => CdsResult)
export class CdsResultEvidence {
  @FieldResolver(() => CdsEvidencePage as unknown as new () => CdsEvidencePage, {
    nullable: true,
    description: `The rows that the rule read when it last fired: those that you see elsewhere too, of events at the trusts of your token. Of at most ${mostWithEvidence} results at once.`,
  })
  evidence(
    @Root() result: object,
    @Arg('first', () => Int, { defaultValue: 20, description: `Rows of a result, 1 to ${mostEvidence}.` })
    first: number,
  ): unknown {
    return evidence(result, { first });
  }
}
