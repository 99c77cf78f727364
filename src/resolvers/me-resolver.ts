import { Ctx, ObjectType, Query, Resolver } from 'type-graphql';
import { Classed } from '../schema/declare/classed.js';
import type { RequestContext } from './context.js';

@ObjectType({ description: 'Who asks, and as what this request is answered.' })
class Me {
  @Classed('W', () => String, { description: 'Object id of the user or application.' })
  readonly subject!: string;

  @Classed('O', () => String, { description: 'Client id of the application.' })
  readonly client!: string;

  @Classed('O', () => [String], { description: 'Roles of the token, least privileged first.' })
  readonly roles!: readonly string[];

  @Classed('O', () => String, { description: 'The one role that answers this request.' })
  readonly role!: string;

  @Classed('O', () => [String], { nullable: true, description: 'Own trusts; null means all.' })
  readonly trusts!: readonly string[] | null;

  @Classed('O', () => String, {
    description: 'published, rows, exact or none: what disclosure control does to aggregates.',
  })
  readonly profile!: string;

  @Classed('O', () => String, { description: 'HL7 v3 ActReason code of the purpose.' })
  readonly purpose!: string;
}

@Resolver()
export class MeResolver {
  @Query(() => Me, { description: 'Who asks, and as what this request is answered.' })
  me(@Ctx() { caller, grant }: RequestContext): Me {
    const { role, trusts, profile, purpose } = grant;
    return { ...caller, role, trusts, profile, purpose };
  }
}
