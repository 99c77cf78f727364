import { Arg, Ctx, Int, ObjectType, Query, Resolver } from 'type-graphql';
import type { Role } from '../access/role.js';
import { loadLineage } from '../loaders/lineage.js';
import { Classed } from '../schema/declare/classed.js';
import type { RequestContext } from './context.js';

/** Who may follow a figure back to the deliveries. The names of columns are shown, never a value. */
export const lineageRoles: readonly Role[] = ['data-steward', 'auditor', 'admin'];

@ObjectType({
  description: 'One step of the way of a value. Without a column an end stands for the rows of its table.',
})
class LineageEdge {
  @Classed('O', () => Int, { description: '1: the step ends in the field asked for.' })
  readonly depth!: number;

  @Classed('O', () => String, { description: 'source bronze silver reference gold events mart made' })
  readonly fromLayer!: string;

  @Classed('O', () => String)
  readonly fromTable!: string;

  @Classed('O', () => String, { nullable: true })
  readonly fromColumn!: string | null;

  @Classed('O', () => String, { description: 'bronze silver gold events mart api' })
  readonly toLayer!: string;

  @Classed('O', () => String)
  readonly toTable!: string;

  @Classed('O', () => String, { nullable: true })
  readonly toColumn!: string | null;

  @Classed('O', () => String, {
    description:
      'direct: the value is kept; derived: computed; filter: it decides which rows there are or count; count: rows are counted.',
  })
  readonly kind!: string;

  @Classed('O', () => String, { nullable: true, description: 'What is done, without values.' })
  readonly transformation!: string | null;
}

@Resolver()
export class LineageResolver {
  @Query(() => [LineageEdge], {
    description:
      'Where a field comes from: every step back to the delivered columns, nearest first, from the declarations of the release.',
  })
  lineage(
    @Arg('field', () => String, {
      description: '`Dataset.field` (`EdWaits.within4HoursPct`), `table.column` or a table.',
    })
    field: string,
    @Ctx() context: RequestContext,
  ): Promise<readonly LineageEdge[]> {
    return loadLineage(field, context.load);
  }
}
