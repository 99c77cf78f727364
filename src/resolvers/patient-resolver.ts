import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, ID, Info, Query, Resolver } from 'type-graphql';
import { load } from '../loaders/load.js';
import type { RowQuestion } from '../loaders/question.js';
import { datasetOf } from '../schema/declare/dataset.js';
import { DateScalar } from '../schema/declare/scalars.js';
import { peopleDatasets } from '../schema/people/nested.js';
import { Patient } from '../schema/people/patients.js';
import type { RequestContext } from './context.js';
import { columnsIn, loadNested } from './nested.js';
import { selectionOf } from './selection.js';

@Resolver()
export class PatientResolver {
  @Query(() => Patient as unknown as new () => Patient, {
    nullable: true,
    description:
      'The patient behind a patientId. Null for one that is unknown, malformed, of another recipient or out of your scope.',
  })
  async patient(
    @Arg('id', () => ID) id: string,
    @Arg('asOf', () => DateScalar, { nullable: true }) asOf: string | null | undefined,
    @Ctx() request: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object | null> {
    const context: RequestContext = { ...request, load: { ...request.load, lane: 'point' } };
    const { key } = datasetOf(Patient);
    const patients = peopleDatasets.find((dataset) => dataset.key === key);
    if (!patients) throw new Error('there are no patients');
    const selection = selectionOf(info);
    const question: RowQuestion = {
      kind: 'row',
      dataset: key,
      ...(asOf == null ? {} : { asOf }),
      where: { kind: 'test', column: 'patientId', op: 'eq', value: id },
      orderBy: [],
      first: 1,
      select: columnsIn(patients, selection),
      total: false,
    };
    const page = await load(patients, question, undefined, context.load);
    await loadNested(patients, page.rows, page.patients, selection, question.asOf, context, info);
    return page.rows[0] ?? null;
  }
}
