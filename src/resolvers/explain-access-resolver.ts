import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Info, ObjectType, Query, Resolver } from 'type-graphql';
import { Classed } from '../schema/declare/classed.js';
import type { RequestContext } from './context.js';
import { explain } from './explanation.js';

@ObjectType({ description: 'Why a field shows you what it shows.' })
class AccessExplanation {
  @Classed('O', () => String, { description: 'All of it in words.' })
  readonly text!: string;

  @Classed('O', () => String, {
    nullable: true,
    description:
      'Class of the value: D direct identifier, Q quasi-identifier, S sensitive, W about staff, O open. Null where the field leads to others.',
  })
  readonly sensitivity!: string | null;

  @Classed('O', () => String, { nullable: true, description: 'What you see of the value.' })
  readonly shown!: string | null;

  @Classed('O', () => String, {
    nullable: true,
    description: 'Of which events or patients. Null where it is about none.',
  })
  readonly rowScope!: string | null;
}

@Resolver()
export class ExplainAccessResolver {
  @Query(() => AccessExplanation, {
    description:
      'Why a field shows you what it shows: what is hidden, rounded or generalised, and of which rows you have it.',
  })
  explainAccess(
    @Arg('field', () => String, {
      description: 'A field of your own schema: `Type.field`, `dataset.column` or the name of a root field.',
    })
    field: string,
    @Ctx() { grant, load }: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): AccessExplanation {
    return explain(info.schema, field, grant, load.plan.rule);
  }
}
