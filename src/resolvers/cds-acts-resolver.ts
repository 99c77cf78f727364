import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, ID, Info, Mutation, Resolver } from 'type-graphql';
import type { GivenAct } from '../cds/results/act-service.js';
import { load } from '../loaders/load.js';
import type { RowQuestion } from '../loaders/question.js';
import { datasetOf } from '../schema/declare/dataset.js';
import { DateScalar } from '../schema/declare/scalars.js';
import { CdsResult } from '../schema/people/cds-results.js';
import { peopleDatasets } from '../schema/people/nested.js';
import { type RequestContext, withoutState } from './context.js';
import { makeEnum } from './inputs.js';
import { columnsIn, loadNested } from './nested.js';
import { selectionOf } from './selection.js';

const OutcomeEnum = makeEnum(
  'CdsOutcome',
  ['ACKNOWLEDGED', 'ACTIONED'],
  'What you have done about a result.',
  {
    ACKNOWLEDGED: 'You have seen it.',
    ACTIONED: 'You have done what it suggests.',
  },
);

const outcomes = { ACKNOWLEDGED: 'acknowledged', ACTIONED: 'actioned' } as const;

const idNote =
  'The result as it is then; null for an id that is unknown, malformed, of another recipient or out of your scope.';

@Resolver()
export class CdsActsResolver {
  @Mutation(() => CdsResult as unknown as new () => CdsResult, {
    nullable: true,
    description: `Tells that you have seen a result of decision support, or acted on it. ${idNote} It is recorded with your name, and rests for the days that its rule says.`,
  })
  async acknowledgeCdsResult(
    @Arg('id', () => ID) id: string,
    @Arg('outcome', () => OutcomeEnum) outcome: keyof typeof outcomes,
    @Arg('reasonCode', () => String, { nullable: true }) reasonCode: string | null | undefined,
    @Arg('comment', () => String, { nullable: true }) comment: string | null | undefined,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object | null> {
    const given = {
      id,
      outcome: outcomes[outcome],
      reasonCode: reasonCode ?? null,
      comment: comment ?? null,
    };
    return acted(given, context, info);
  }

  @Mutation(() => CdsResult as unknown as new () => CdsResult, {
    nullable: true,
    description: `Tells that you do not follow a result of decision support, and why. ${idNote} It is recorded with your name, and rests for the days that its rule says.`,
  })
  async overrideCdsResult(
    @Arg('id', () => ID) id: string,
    @Arg('reasonCode', () => String, { description: 'A code of the list override_reason.' })
    reasonCode: string,
    @Arg('comment', () => String, { nullable: true }) comment: string | null | undefined,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object | null> {
    return acted({ id, outcome: 'overridden', reasonCode, comment: comment ?? null }, context, info);
  }

  @Mutation(() => CdsResult as unknown as new () => CdsResult, {
    nullable: true,
    description: `Holds a result of decision support back until a day. ${idNote} It is recorded with your name. It is open again as of that day if its rule still fires, and at once if it becomes more urgent.`,
  })
  async suppressCdsResult(
    @Arg('id', () => ID) id: string,
    @Arg('until', () => DateScalar, { description: 'A day after today, at most 366 days on.' })
    until: string,
    @Arg('comment', () => String, { nullable: true }) comment: string | null | undefined,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object | null> {
    const given = { id, until, outcome: 'suppressed', reasonCode: null, comment: comment ?? null } as const;
    return acted(given, context, info);
  }
}

/** Keeps what was done, and shows the result as it is then. */
async function acted(
  given: GivenAct,
  request: RequestContext,
  info: GraphQLResolveInfo,
): Promise<object | null> {
  const { acts, caller } = request;
  if (!acts) throw withoutState();
  const context: RequestContext = { ...request, load: { ...request.load, lane: 'point' } };
  if (!(await acts.service.act(given, caller, context.load, acts.record))) return null;
  const { key } = datasetOf(CdsResult);
  const dataset = peopleDatasets.find((one) => one.key === key);
  if (!dataset) throw new Error('there are no results');
  const selection = selectionOf(info);
  const question: RowQuestion = {
    kind: 'row',
    dataset: key,
    where: { kind: 'test', column: 'id', op: 'eq', value: given.id },
    orderBy: [],
    first: 1,
    select: columnsIn(dataset, selection),
    total: false,
  };
  const page = await load(dataset, question, undefined, context.load);
  await loadNested(dataset, page.rows, page.patients, selection, undefined, context, info);
  return page.rows[0] ?? null;
}
